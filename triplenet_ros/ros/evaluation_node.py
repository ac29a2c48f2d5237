# Copyright 2026 triplenet_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""The evaluation node: results and truth come by on topics, scores go out."""

from contextlib import ExitStack
import sys
import time
from typing import Any, Callable, Optional, Sequence

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
import diagnostic_updater
import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from triplenet_ros.bag.live_frames import BOXES, LABELS, LiveFrames
from triplenet_ros.bag.live_report import LiveReport
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.errors import InputError, one_line
from triplenet_ros.evaluation.scored_run import RunDescription, ScoredRun
from triplenet_ros.interrupt import deferred_interrupt
from triplenet_ros.messages.decode import Decoder
from triplenet_ros.messages.headers import in_nanoseconds
from triplenet_ros.messages.results import (
    names_of_label_info, names_of_vision_info, read_boxes, read_label_image)
from triplenet_ros.printable import printable
from triplenet_ros.ros.camera import Camera
from triplenet_ros.ros.evaluation_parameters import declare_settings, EvaluationSettings
from triplenet_ros.ros.other_encodings import decode_with_cv_bridge
from vision_msgs.msg import Detection2DArray, LabelInfo, VisionInfo

RESULTS, TRUTH = 'perception_node', 'truth'
"""Where results and truth come from, within the node's namespace; to be remapped."""

_STREAM = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
_BEST_EFFORT = QoSProfile(depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)
_LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                      durability=DurabilityPolicy.TRANSIENT_LOCAL)
_IMAGES = 10
"""Camera images that wait while a frame is scored."""

_LOOK_PERIOD = 0.5
_IDLE_SHARE = 10
"""Running scores are made anew when so many times the time has passed that they take."""


class EvaluationNode(Node):
    """
    Scores boxes and labels against truth while both come, and reports when it ends.

    :param options: as of ``rclpy.node.Node``
    :raises InputError: if a parameter, or the file it names, cannot be used
    """

    def __init__(self, **options: Any) -> None:
        """Subscribe to both sides."""
        super().__init__('evaluation_node', **options)
        self._settings: EvaluationSettings = declare_settings(self)
        self._stack = ExitStack()
        self._report = self._stack.enter_context(LiveReport(
            self._settings.report_folder, self._settings.overwrite, self._settings.options(),
            self._settings.read_criteria()))
        self.live = self._report.live
        """The scores so far."""
        self._failure: Optional[str] = None
        self._running: dict[str, float] = {}
        self._run_at, self._run_took = 0.0, 0.0
        self._topics: tuple[dict[str, str], ...] = tuple(
            self._subscribe(side, truth) for side, truth in ((RESULTS, False), (TRUTH, True)))
        self._expected: tuple[set[str], ...] = (set(), set())
        self._camera = Camera(self, '', self._settings.transport)
        if self._settings.report:
            self._camera.subscribe(self._take_image, _IMAGES)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._take_diagnostics, 10)
        self.create_timer(_LOOK_PERIOD, self._look)
        self._updater = diagnostic_updater.Updater(self)
        self._updater.setHardwareID('none')
        self._updater.add('evaluation', self._tell)

    def finish(self) -> ScoredRun:
        """
        Score what is left, write the report, and return the run; once.

        :raises InputError: if nothing was scored or the report cannot be written
        """
        with self._stack:
            if self._failure is not None:
                raise InputError(self._failure)
            return self._report.finish(RunDescription(
                results=f'topics of {self.resolve_topic_name(RESULTS)}',
                truth=(f'topics of {self.resolve_topic_name(TRUTH)} (by stamp)',),
                topics={'image': self._camera.topic,
                        'detections': self._topics[0].get(BOXES, ''),
                        'labels': self._topics[0].get(LABELS, '')},
                command=' '.join(sys.argv)), Decoder(decode_with_cv_bridge))

    def _subscribe(self, name: str, truth: bool) -> dict[str, str]:
        """Subscribe to one side and return task -> topic."""
        tasks = ScoreOptions(tasks=self._settings.tasks).tasks
        stream = _STREAM if self._settings.reliable else _BEST_EFFORT
        side = self.live.truth if truth else self.live.results
        topics = {}
        kinds = ((BOXES, 'detection', Detection2DArray, 'detections', VisionInfo,
                  'detection_info', names_of_vision_info),
                 (LABELS, 'segmentation', Image, 'label_image', LabelInfo, 'label_info',
                  names_of_label_info))
        for task, wanted, kind, topic, info_kind, info, names in kinds:
            if wanted in tasks:
                subscription = self.create_subscription(
                    kind, f'{name}/{topic}', self._taker(task, truth), stream)
                self.create_subscription(
                    info_kind, f'{name}/{info}', self._namer(side, task, names), _LATCHED)
                topics[task] = subscription.topic_name
        return topics

    def _namer(self, side: LiveFrames, task: str,
               names: Callable[[Any], Any]) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            told = names(message)
            if told:
                side.names[task] = told
        return take

    def _taker(self, task: str, truth: bool) -> Callable[[Any], None]:
        read = read_boxes if task == BOXES else read_label_image

        def take(message: Any) -> None:
            stamp, content = in_nanoseconds(message.header.stamp), read(message)
            if truth:
                self.live.truth.take(task, stamp, message.header.frame_id, content)
            else:
                self.live.take_result(task, stamp, message.header.frame_id, content,
                                      self.get_clock().now().nanoseconds)
            self.live.settle(self._expected)
        return self._guarded(take)

    def _guarded(self, step: Callable[..., None]) -> Callable[..., None]:
        """Return a step that is skipped once something contradicted itself, which is told."""
        def guarded(*arguments: Any) -> None:
            if self._failure is not None:
                return
            try:
                step(*arguments)
            except InputError as error:
                self._failure = str(error)
                self.get_logger().error(printable(self._failure))
        return guarded

    def _take_image(self, _camera: Camera, message: Any) -> None:
        self.live.take_image(in_nanoseconds(message.header.stamp), message)

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        self.live.take_diagnostics(message)

    def _look(self) -> None:
        """See which topics somebody publishes, and score what nothing more can come for."""
        self._expected = tuple(
            {task for task, topic in topics.items() if self.count_publishers(topic)}
            for topics in self._topics)
        self._guarded(self.live.settle)(self._expected)

    def _tell(self, status: Any) -> Any:
        """Fill the status."""
        live = self.live
        if self._failure is not None:
            status.summary(DiagnosticStatus.ERROR, self._failure)
        elif not live.scored:
            status.summary(DiagnosticStatus.WARN, 'no result has met its truth yet')
        else:
            status.summary(DiagnosticStatus.OK, f'{live.scored} frames scored')
        results, truth = live.unmatched
        for key, value in (('scored', live.scored), ('results without truth', results),
                           ('truth without results', truth)):
            status.add(key, str(value))
        for key, value in self._scores().items():
            status.add(key, f'{value:.4f}')
        return status

    def _scores(self) -> dict[str, float]:
        """Return the running scores, which take longer the more has been scored."""
        now = time.monotonic()
        if now - self._run_at >= _IDLE_SHARE * self._run_took:
            self._running = self.live.running()
            self._run_at, self._run_took = time.monotonic(), time.monotonic() - now
        return self._running


def main(args: Optional[Sequence[str]] = None) -> int:
    """Run the node until Ctrl-C, report, and return 0, or 1 if that or a criterion failed."""
    try:
        rclpy.init(args=args)
        node = EvaluationNode()
    except (InputError, ParameterException, RuntimeError) as error:
        print(f'error: {one_line(error)}', file=sys.stderr)
        rclpy.try_shutdown()
        return 1
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    with deferred_interrupt():  # launch may send a second one, and the report is not to be lost
        return _end(node)


def _end(node: EvaluationNode) -> int:
    from triplenet_ros.evaluation.score_text import score_text

    try:
        run = node.finish()
        print(score_text(run), flush=True)
        return 0 if run.passed in (None, True) else 1
    except InputError as error:
        print(f'error: {printable(str(error))}', file=sys.stderr)
        return 1
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


if __name__ == '__main__':
    sys.exit(main())

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

"""What the node says of itself on /diagnostics."""

from dataclasses import asdict
import time
from typing import Any, Callable, Mapping, Optional

from diagnostic_msgs.msg import DiagnosticStatus
import diagnostic_updater
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from triplenet_ros.ros.measurements import Percentiles, Report
from triplenet_ros.ros.pipeline import Pipeline


class Diagnostics:
    """
    Publishes state, counters and timings once a second.

    One status tells everything; where there are several cameras, each has one more with its own
    counters.

    :param node: that publishes
    """

    def __init__(self, node: Node) -> None:
        """Begin, with nothing to tell but the state."""
        self.state = 'unconfigured'
        self.failure: Optional[str] = None
        """Why the latest transition failed."""
        self.silent: Mapping[str, str] = {}
        """Camera -> warning that no image comes from it."""
        self.stalled: Callable[[], Optional[str]] = lambda: None
        """Gives what is to be told of an inference thread that hangs."""
        self._pipeline: Optional[Pipeline] = None
        self._trend = _Trend()
        self._camera_tasks: list = []
        self._updater = diagnostic_updater.Updater(node)
        # Its own timer goes by the node's clock: while simulated time stands still it is silent.
        node.destroy_timer(self._updater.timer)
        self._updater.timer = node.create_timer(
            self._updater.period, self._updater.update,
            clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._updater.setHardwareID('none')
        self._updater.add('perception', self._tell)

    def tell(self) -> None:
        """Publish now what is to be told."""
        self._updater.force_update()

    def watch(self, pipeline: Pipeline) -> None:
        """Tell about a pipeline too."""
        self._pipeline = pipeline
        self._trend = _Trend()
        for camera in pipeline.cameras:
            if camera.name:
                self._camera_tasks.append(f'camera {camera.name}')
                self._updater.add(self._camera_tasks[-1], self._camera_task(camera.name))

    def forget(self) -> None:
        """Tell about no pipeline any more."""
        self._pipeline = None
        while self._camera_tasks:
            self._updater.removeByName(self._camera_tasks.pop())

    def _tell(self, status: Any) -> Any:
        """Fill the status of everything."""
        _add(status, {'state': self.state})
        if self._pipeline is None:
            status.summary(*self._judge(Report(), 0.0, False))
            return status
        report, counters = self._pipeline.report(), self._pipeline.counters()
        status.summary(*self._judge(report, *self._trend.since_last(counters.processed, report)))
        _add(status, asdict(counters))
        _add(status, self._pipeline.perception.description())
        _add(status, _percentiles(report.stages))
        _add(status, _percentiles({_of('image age', name): age
                                   for name, age in report.ages.items()}))
        _add(status, _causes('wrong images', report))
        if self._pipeline.clouds is not None:
            _add(status, self._pipeline.clouds.counts())
            clouds = self._pipeline.clouds.report()
            _add(status, {**_percentiles(clouds.stages), **_causes('clouds', clouds)})
        return status

    def _judge(self, report: Report, rate: float, wrong_images: bool) -> tuple:
        """Return level and message."""
        if self.failure:
            return DiagnosticStatus.ERROR, self.failure
        if self.stalled():
            return DiagnosticStatus.ERROR, self.stalled()
        if report.failure:
            return DiagnosticStatus.ERROR, f'inference failed: {report.failure}'
        if self.silent:
            return DiagnosticStatus.WARN, '; '.join(self.silent.values())
        if wrong_images:
            return DiagnosticStatus.WARN, 'wrong images come'
        if self.state != 'active':
            return DiagnosticStatus.OK, self.state
        return DiagnosticStatus.OK, f'active, {rate:.1f} images/s'

    def _camera_task(self, camera: str) -> Callable[[Any], Any]:
        """Return what fills the status of one camera."""
        def tell(status: Any) -> Any:
            silent = self.silent.get(camera)
            status.summary(DiagnosticStatus.WARN if silent else DiagnosticStatus.OK,
                           silent or self.state)
            if self._pipeline is not None:
                ages = self._pipeline.report().ages
                _add(status, asdict(self._pipeline.counters(camera)))
                _add(status, _percentiles(
                    {'image age': ages[camera]} if camera in ages else {}))
            return status
        return tell


class _Trend:
    """What has changed from one status to the next."""

    def __init__(self) -> None:
        self._time = time.monotonic()
        self._processed = 0
        self._wrong = 0

    def since_last(self, processed: int, report: Report) -> tuple[float, bool]:
        """Return images processed per second, and whether wrong ones came."""
        now = time.monotonic()
        wrong = sum(sum(causes.values()) for causes in report.wrong_images.values())
        rate = (processed - self._processed) / max(now - self._time, 1e-3)
        more_wrong = wrong > self._wrong
        self._time, self._processed, self._wrong = now, processed, wrong
        return rate, more_wrong


def _add(status: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        status.add(key, str(value))


def _percentiles(values: Mapping[str, Percentiles]) -> dict:
    return {f'{name} {rank} ms': f'{value:.2f}'
            for name, both in values.items() for rank, value in asdict(both).items()}


def _causes(what: str, report: Report) -> dict:
    return {f'{_of(what, camera)}: {cause}': count
            for camera, causes in report.wrong_images.items() for cause, count in causes.items()}


def _of(what: str, camera: str) -> str:
    return f'{what} of {camera}' if camera else what

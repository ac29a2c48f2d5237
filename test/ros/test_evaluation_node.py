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

"""The evaluation node scores what comes by as the recording of it is scored."""

from dataclasses import replace
import json
import subprocess
import sys

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from triplenet_ros.bag.recording import open_recording
from triplenet_ros.bag.score import RecordingScore
from triplenet_ros.bag.scored_folder import write_scored
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.report.pictures import PICTURES
from triplenet_ros.evaluation.report_folder import read_frames, read_run
from triplenet_ros.ros.evaluation_node import EvaluationNode
from vision_msgs.msg import Detection2DArray, LabelInfo, VisionInfo

KINDS = {'Detection2DArray': Detection2DArray, 'Image': Image, 'LabelInfo': LabelInfo,
         'VisionInfo': VisionInfo}


@pytest.fixture
def evaluate(listener):
    """Return a function that makes an evaluation node with some parameters."""
    nodes = []

    def make(**parameters):
        parameters = {'diagnostic_updater.period': 0.5, **parameters}
        nodes.append(EvaluationNode(parameter_overrides=[
            Parameter(name, value=value) for name, value in parameters.items()]))
        listener.executor.add_node(nodes[-1])
        return nodes[-1]

    yield make
    for node in nodes:
        listener.executor.remove_node(node)
        node.destroy_node()


def play(path, listener):
    """Publish the messages of a bag as they stand in it."""
    publishers = {}
    recording = open_recording(path)
    for channel in recording.channels:
        kind = channel.msgtype.rpartition('/')[2]
        qos = QoSProfile(depth=100)
        if kind.endswith('Info'):
            qos.durability = DurabilityPolicy.TRANSIENT_LOCAL
        publishers[channel.topic] = listener.node.create_publisher(KINDS[kind], channel.topic, qos)
    listener.until(lambda: all(one.get_subscription_count() for one in publishers.values()))
    for message in recording.messages():
        publishers[message.channel.topic].publish(bytes(message.data))
        listener.executor.spin_once(timeout_sec=0.005)
    recording.close()


def told(listener):
    """Return the values of the newest status."""
    statuses = listener.heard['/diagnostics']
    return {one.key: one.value for one in statuses[-1].status[0].values} if statuses else {}


def test_scores_are_those_of_the_recording(evaluate, listener, tmp_path, scored_bags):
    path = scored_bags.write(
        tmp_path / 'drive.mcap', replace(scored_bags.RESULTS, numbers=(0, 1, 2, 4, 5, 7, 8, 9)),
        replace(scored_bags.TRUTH, numbers=(0, 1, 2, 3, 4, 5, 6, 7, 8)),
        scored_bags.image_messages(topic='/image'))
    node = evaluate(report=str(tmp_path / 'live'))
    listener.hear('/diagnostics', DiagnosticArray)
    play(path, listener)
    # The last frames wait until nothing more can come for them.
    listener.until(lambda: told(listener).get('scored', '0') >= '6')
    assert 0 < float(told(listener)['mIoU']) < 1
    listener.until(lambda: len(node.live.truth.waiting) + len(node.live.results.waiting) == 3)
    live, run = node.finish(), write_scored(RecordingScore(path, [path]), tmp_path / 'recorded')
    assert (live.scored, live.frames, live.unmatched) == (7, 8, run.unmatched)
    assert live.detection == run.detection and live.segmentation == run.segmentation
    assert live.errors == run.errors
    assert json.loads(json.dumps(live.figures())) == json.loads(json.dumps(
        read_run(tmp_path / 'live').figures()))
    assert len(list(read_frames(tmp_path / 'live'))) == 7
    assert (tmp_path / 'live' / 'report.html').is_file()
    live, recorded = (sorted((tmp_path / name / PICTURES).iterdir())
                      for name in ('live', 'recorded'))
    assert [one.read_bytes() for one in live] == [one.read_bytes() for one in recorded]
    assert len(live) == 2 * len(run.worst) > 0


def test_without_truth_it_says_so_and_leaves_no_folder(evaluate, listener, tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'results.mcap', scored_bags.RESULTS)
    node = evaluate(report=str(tmp_path / 'live'))
    play(path, listener)
    with pytest.raises(InputError, match='has truth'):
        node.finish()
    assert not (tmp_path / 'live').exists()


def test_what_contradicts_itself_is_an_error_in_the_diagnostics(
        evaluate, listener, tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'sizes.mcap', scored_bags.RESULTS,
                             replace(scored_bags.TRUTH, size=(24, 32)))
    node = evaluate()
    listener.hear('/diagnostics', DiagnosticArray)
    play(path, listener)
    statuses = listener.heard['/diagnostics']
    listener.until(lambda: statuses and statuses[-1].status[0].level == b'\x02')
    assert 'same image' in statuses[-1].status[0].message
    with pytest.raises(InputError, match='same image'):
        node.finish()


@pytest.mark.parametrize(('parameters', 'text'), [
    ({'criteria': 'missing.yaml'}, 'missing.yaml'), ({'rename': 'missing.yaml'}, 'missing.yaml'),
    ({'tasks': ['driving']}, 'driving'), ({'image_transport': 'theora'}, 'theora')])
def test_bad_parameters_are_one_line(ros, parameters, text):
    with pytest.raises(InputError, match=text) as error:
        EvaluationNode(parameter_overrides=[
            Parameter(name, value=value) for name, value in parameters.items()])
    assert '\n' not in str(error.value)


def test_bad_parameter_ends_the_node_with_one_line(environment):
    # In a process of its own: it ends the context.
    done = subprocess.run(
        [sys.executable, '-m', 'triplenet_ros.ros.evaluation_node', '--ros-args', '-p',
         'criteria:=missing.yaml'], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    line, = done.stderr.strip().splitlines()
    assert 'missing.yaml' in line


AGAIN = """
import signal
from triplenet_ros.ros import evaluation_node as module


class Hurried(module.EvaluationNode):
    def finish(self):
        signal.raise_signal(signal.SIGINT)
        return super().finish()


module.rclpy.spin = lambda node: signal.raise_signal(signal.SIGINT)
module.EvaluationNode = Hurried
raise SystemExit(module.main())
"""


def test_a_second_interrupt_does_not_cost_the_report(environment):
    done = subprocess.run([sys.executable, '-c', AGAIN], env=environment, capture_output=True,
                          text=True)
    assert done.returncode == 1
    line, = done.stderr.strip().splitlines()
    assert 'has truth' in line  # what finishing has to say, as there was nothing to score

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

"""The launch files and the executable, as users start them."""

import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import numpy as np
import pytest
from sensor_msgs.msg import Image
from triplenet_ros import Predictor
from vision_msgs.msg import Detection2DArray

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60


@pytest.fixture(scope='module')
def prefix(tmp_path_factory):
    """Return a folder laid out as colcon installs the package."""
    folder = tmp_path_factory.mktemp('install')
    share = folder / 'share' / 'triplenet_ros'
    index = folder / 'share' / 'ament_index' / 'resource_index' / 'packages'
    library = folder / 'lib' / 'triplenet_ros'
    for made in (share, index, library):
        made.mkdir(parents=True)
    for name in ('config', 'launch', 'rviz'):
        shutil.copytree(ROOT / name, share / name)
    shutil.copy(ROOT / 'package.xml', share)
    shutil.copy(ROOT / 'resource' / 'triplenet_ros', index)
    executable = library / 'perception_node'
    executable.write_text(f'#!{sys.executable}\nimport sys\n'
                          'from triplenet_ros.ros.node import main\nsys.exit(main())\n')
    executable.chmod(0o755)
    return folder


@pytest.fixture
def environment(prefix, tmp_path):
    """Return the environment in which ROS finds the package."""
    paths = {'AMENT_PREFIX_PATH': prefix, 'PYTHONPATH': ROOT}
    return {**os.environ, 'ROS_LOG_DIR': str(tmp_path), 'PYTHONUNBUFFERED': '1', **{
        name: f'{path}{os.pathsep}{os.environ.get(name, "")}' for name, path in paths.items()}}


@pytest.fixture
def start(environment, tmp_path):
    """Return a function that starts a command; what is left of it ends with the test."""
    started = []

    def run(*command):
        with open(tmp_path / 'output', 'w') as output:
            started.append(subprocess.Popen(
                command, env=environment, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def remote(listener, request):
    """Return the node in the other process, under a name that no other test has."""
    return Remote(listener, re.sub(r'\W+', '_', request.node.name))


class Remote:
    """The node in another process; rclpy's lifecycle services may outlive those in this one."""

    def __init__(self, listener, namespace):
        self._listener = listener
        self.namespace = namespace
        self._clients = {
            kind: listener.node.create_client(kind, self.topic(name))
            for kind, name in ((GetState, 'get_state'), (ChangeState, 'change_state'))}

    def topic(self, name):
        """Return the full name of one of its private topics."""
        return f'/{self.namespace}/perception_node/{name}'

    @property
    def state(self):
        """Name of its state; empty while it is not there."""
        if not self._clients[GetState].service_is_ready():
            return ''
        return self._ask(GetState, GetState.Request()).current_state.label

    def change(self, transition):
        """Ask for a transition; return whether it succeeded."""
        request = ChangeState.Request(transition=Transition(id=transition))
        return self._ask(ChangeState, request).success

    def _ask(self, kind, request):
        answer = self._clients[kind].call_async(request)
        self._listener.until(answer.done)
        return answer.result()


def ros2(*words):
    """Return the command line of ros2, or skip where it is not installed."""
    if shutil.which('ros2') is None:
        pytest.skip('needs the ros2 command')
    return [shutil.which('ros2'), *words]


def test_launched_node_activates_itself_walks_the_lifecycle_and_ends_cleanly(
        start, listener, remote, tiny_weights, image_message, tmp_path):
    process = start(*ros2('launch', 'triplenet_ros', 'perception.launch.py',
                          f'weights:={tiny_weights}', 'device:=cpu', 'image:=/front/color',
                          f'namespace:={remote.namespace}'))
    listener.until(lambda: remote.state == 'active', seconds=WAIT)
    topics = remote.topic('label_image'), remote.topic('detections')
    for topic, kind in zip(topics, (Image, Detection2DArray)):
        listener.hear(topic, kind)
        listener.until(lambda: listener.node.count_publishers(topic) == 1)
    publisher = listener.connect('/front/color', Image)
    image = image_message(7)
    listener.until(lambda: (publisher.publish(image), all(listener.heard.values()))[1])
    expected = Predictor.load(tiny_weights, device='cpu')(
        np.frombuffer(image.data, np.uint8).reshape(48, 80, 3))
    labels, found = (listener.heard[topic][0] for topic in topics)
    assert bytes(labels.data) == expected.label_map.tobytes()
    assert len(found.detections) == len(expected.boxes)
    assert labels.header == found.header == image.header
    for transition, state in (
            (Transition.TRANSITION_DEACTIVATE, 'inactive'),
            (Transition.TRANSITION_CLEANUP, 'unconfigured'),
            (Transition.TRANSITION_CONFIGURE, 'inactive'),
            (Transition.TRANSITION_ACTIVATE, 'active')):
        assert remote.change(transition) and remote.state == state
    assert not remote.change(Transition.TRANSITION_CONFIGURE) and remote.state == 'active'
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0
    assert 'process has finished cleanly' in (tmp_path / 'output').read_text()


def test_preset_offers_the_topics_of_its_task_alone(start, listener, remote, tiny_weights):
    process = start(*ros2('launch', 'triplenet_ros', 'car_detection.launch.py',
                          f'weights:={tiny_weights}', f'namespace:={remote.namespace}'))
    listener.until(lambda: remote.state == 'active', seconds=WAIT)
    count = listener.node.count_publishers
    listener.until(lambda: count(remote.topic('detections')) == 1)
    assert count(remote.topic('label_image')) == 0
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


@pytest.mark.parametrize('name', ['perception', 'car_detection', 'road_segmentation'])
def test_launch_arguments_are_all_shown(environment, name):
    shown = subprocess.run(
        ros2('launch', 'triplenet_ros', f'{name}.launch.py', '--show-args'),
        env=environment, capture_output=True, text=True, check=True).stdout
    for argument in ('namespace', 'params_file', 'weights', 'device', 'image', 'image_transport',
                     'use_sim_time', 'autostart', 'rviz', 'log_level'):
        assert f"'{argument}':" in shown
    assert f'{name}.yaml' in shown


def test_node_waits_to_be_configured_and_ctrl_c_ends_it_cleanly(start, listener, remote):
    process = start(sys.executable, '-m', 'triplenet_ros.ros.node', '--ros-args', '-r',
                    f'__ns:=/{remote.namespace}')
    listener.until(lambda: remote.state == 'unconfigured', seconds=WAIT)
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


def test_value_that_cannot_be_declared_ends_the_node_with_one_line(environment):
    done = subprocess.run(
        [sys.executable, '-m', 'triplenet_ros.ros.node', '--ros-args', '-p', 'max_age:=-1.0'],
        env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    line, = done.stderr.strip().splitlines()
    assert line.startswith('error: ') and 'max_age' in line

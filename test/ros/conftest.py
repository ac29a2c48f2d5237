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

"""Nodes in this process, and someone who talks to them; skipped where there is no ROS 2."""

from functools import partial
import gc
from importlib import import_module
import os
from pathlib import Path
from random import SystemRandom
import re
import shutil
import signal
import subprocess
import sys
from threading import Event
import time

import numpy as np
import pytest

from triplenet_ros import Predictor
from triplenet_ros.inference.weights import save_weights, WeightsCard

ROOT = Path(__file__).resolve().parents[2]
WAIT = 600

# Tests must not hear other robots.
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'

# Nodes lie in reference cycles. Were they collected in a process that another test forks, such
# as flake8's or a data loader's, that would wait for ever for threads which are not there.
os.register_at_fork(after_in_child=gc.freeze)


class NeedsRos(pytest.Module):
    """A file of tests that cannot even be imported."""

    def collect(self):
        """Skip it."""
        pytest.skip('needs ROS 2', allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    """Take the files of this folder as skipped where ROS 2 cannot be loaded."""
    try:
        for package in ('diagnostic_updater', 'domain_coordinator', 'lifecycle_msgs.msg', 'rclpy',
                        'vision_msgs.msg'):
            import_module(package)
    except ImportError:
        return NeedsRos.from_parent(parent, path=module_path)
    return None


@pytest.fixture(scope='module', autouse=True)
def domain():
    """
    Take a domain for a file that no other tests have which run on this machine at the same time.

    Any of them, as the nodes of a run that was killed may still be in the one it had; and each
    file another, as a node that a test has not let go of would be found in the place of one that
    is launched.
    """
    from domain_coordinator import domain_id

    with domain_id(partial(SystemRandom().randint, 1, 100)) as number, \
            pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_DOMAIN_ID', str(number))
        yield


@pytest.fixture(scope='session')
def tiny_weights(tiny_network, tmp_path_factory) -> Path:
    """Return a weights file of random numbers."""
    path = tmp_path_factory.mktemp('weights') / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config))
    return path


@pytest.fixture(scope='module')
def ros():
    """Start rclpy for the tests of a file."""
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    # Other tests of this process press Ctrl-C; handlers in C below Python's are for programs.
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    yield rclpy
    rclpy.try_shutdown()


@pytest.fixture
def listener(ros):
    """Return someone who publishes images and keeps what the node answers."""
    from rclpy.executors import SingleThreadedExecutor

    listener = Listener(ros.create_node('listener'), SingleThreadedExecutor())
    yield listener
    listener.close()
    # A node that is collected later would take the logs of the next one of its name with it.
    gc.collect()


@pytest.fixture
def make_node(listener, tiny_weights):
    """Return a function that makes a perception node with some parameters."""
    from rclpy.parameter import Parameter

    from triplenet_ros.ros.node import PerceptionNode

    nodes = []

    def make(remap=(), **parameters):
        # On a busy machine everything may take long, which is no hang.
        parameters = {'weights': str(tiny_weights), 'device': 'cpu', 'backend': 'torch',
                      'score_threshold': 0.2, 'diagnostic_updater.period': 0.05,
                      'stall_timeout': 0.0, **parameters}
        arguments = [word for rule in remap for word in ('-r', rule)]
        node = PerceptionNode(
            parameter_overrides=[Parameter(name, value=value)
                                 for name, value in parameters.items()],
            cli_args=['--ros-args', *arguments] if arguments else None)
        nodes.append(node)
        listener.executor.add_node(node)
        return node

    def destroy(node):
        node.release()
        listener.executor.remove_node(node)
        node.destroy_node()

    yield make
    while nodes:
        destroy(nodes.pop())


@pytest.fixture
def active_node(make_node):
    """Return a function that makes a node and activates it."""
    def make(**options):
        node = make_node(**options)
        for transition in (node.trigger_configure, node.trigger_activate):
            assert transition().name == 'SUCCESS'
        return node

    return make


class Listener:
    """Publishes images, and keeps what comes on topics."""

    def __init__(self, node, executor):
        self.node = node
        self.executor = executor
        self.heard = {}
        self._publishers = {}
        executor.add_node(node)

    def hear(self, topic, kind, latched=False):
        """Keep the messages of a topic in ``heard[topic]``."""
        from rclpy.qos import DurabilityPolicy, QoSProfile

        qos = QoSProfile(depth=50)
        if latched:
            qos.durability = DurabilityPolicy.TRANSIENT_LOCAL
        self.heard[topic] = []
        return self.node.create_subscription(kind, topic, self.heard[topic].append, qos)

    def connect(self, topic, kind, subscribers=1):
        """Return a best-effort publisher, once the node listens to it."""
        from rclpy.qos import QoSProfile, ReliabilityPolicy

        publisher = self.node.create_publisher(
            kind, topic, QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT))
        self.until(lambda: publisher.get_subscription_count() >= subscribers)
        return publisher

    def until(self, condition, seconds=WAIT):
        """Let everyone talk until something holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, 'it did not happen in time'
            self.executor.spin_once(timeout_sec=0.02)

    def close(self):
        """Go away."""
        self.executor.remove_node(self.node)
        self.executor.shutdown()
        self.executor = None  # which refers to all that it waited for last
        self.node.destroy_node()


@pytest.fixture
def answers(active_node, listener):
    """Return a function: a node with these parameters, these images one by one, its answers."""
    from sensor_msgs.msg import Image
    from vision_msgs.msg import Detection2DArray

    def ask(images, **parameters):
        node = active_node(**parameters)
        listener.hear('/perception_node/detections', Detection2DArray)
        listener.hear('/perception_node/label_image', Image)
        publisher = listener.connect('image', Image)
        for count, image in enumerate(images, 1):
            publisher.publish(image)
            listener.until(lambda: count_finished(node) == count)
        return node

    return ask


def count_finished(node):
    """Return how many images have been processed or given up."""
    counters = node.pipeline.counters()
    return counters.processed + counters.errors + counters.stale


@pytest.fixture
def finished():
    """Return the function that counts the images a node is done with."""
    return count_finished


@pytest.fixture
def make_gate():
    """Return a function that holds a node's network back until it is told to go on."""
    return Gate


class Gate:
    """Holds the network back until it is told to go on."""

    def __init__(self, node):
        perception = node.pipeline.perception
        self.predict, self.begun, self.go = perception.predict, Event(), Event()
        perception.predict = self

    def __call__(self, images, *arguments, **options):
        self.begun.set()
        assert self.go.wait(WAIT)
        return self.predict(images, *arguments, **options)


@pytest.fixture(scope='session')
def predictor(tiny_weights):
    """Return what the node must agree with."""
    return Predictor.load(tiny_weights, device='cpu', backend='torch', score_threshold=0.2,
                          confidence=True)


@pytest.fixture
def pixels_of():
    """Return a function that gives the pixels of an 8-bit image message."""
    def pixels(message):
        assert len(message.data) == message.step * message.height
        values = np.frombuffer(message.data, np.uint8)
        return values.reshape((message.height, message.width, -1)).squeeze()

    return pixels


@pytest.fixture
def image_message():
    """Return a function that makes an Image of noise."""
    from builtin_interfaces.msg import Time
    from sensor_msgs.msg import Image
    from std_msgs.msg import Header

    from triplenet_ros.messages.message_types import byte_array

    def make(nanoseconds=123_456_789, height=48, width=80, seed=0, sec=1_700_000_000):
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
        header = Header(stamp=Time(sec=sec, nanosec=nanoseconds), frame_id='front_optical')
        return Image(header=header, height=height, width=width, encoding='rgb8',
                     step=3 * width, data=byte_array(pixels))

    return make


@pytest.fixture(scope='session')
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
    for name, main in (('perception_node', 'main'), ('evaluation_node', 'evaluation_main')):
        executable = library / name
        executable.write_text(f'#!{sys.executable}\nimport sys\n'
                              f'from triplenet_ros.ros.start import {main}\n'
                              f'sys.exit({main}())\n')
        executable.chmod(0o755)
    return folder


@pytest.fixture
def environment(prefix, tmp_path):
    """Return the environment of the processes that a test starts: ROS finds the package there."""
    paths = {'AMENT_PREFIX_PATH': prefix, 'PYTHONPATH': ROOT}
    return {**os.environ, 'ROS_LOG_DIR': str(tmp_path), 'PYTHONUNBUFFERED': '1', **{
        name: f'{path}{os.pathsep}{os.environ.get(name, "")}' for name, path in paths.items()}}


@pytest.fixture
def start(environment, tmp_path):
    """Return a function that starts a command; what is left of it ends with the test."""
    started = []

    def run(*command):
        with open(tmp_path / 'output', 'a') as output:
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
        from lifecycle_msgs.srv import ChangeState, GetState

        self._listener = listener
        self.namespace = namespace
        self._get_state, self._change_state = (
            listener.node.create_client(kind, self.topic(name))
            for kind, name in ((GetState, 'get_state'), (ChangeState, 'change_state')))

    def topic(self, name):
        """Return the full name of one of its private topics."""
        return f'/{self.namespace}/perception_node/{name}'

    @property
    def state(self):
        """Name of its state; empty while it is not there."""
        if not self._get_state.service_is_ready():
            return ''
        answer = self._get_state.call_async(self._get_state.srv_type.Request())
        try:
            self._listener.until(answer.done, seconds=5)
        except AssertionError:
            # The answer is lost if it came before the node knew who asked.
            return ''
        return answer.result().current_state.label

    def change(self, transition, state):
        """Ask for a transition, and wait for the state that it leads to."""
        self._request(transition)  # the answer of one that takes long may be lost
        self._listener.until(lambda: self.state == state)

    def refuses(self, transition):
        """Ask for a transition; return whether it was refused."""
        answer = self._request(transition)
        self._listener.until(answer.done)
        return not answer.result().success

    def activate(self):
        """Wait until the node is there and make it active."""
        self._listener.until(lambda: self.state == 'unconfigured')
        self.change(1, 'inactive')
        self.change(3, 'active')

    def _request(self, transition):
        request = self._change_state.srv_type.Request()
        request.transition.id = transition
        return self._change_state.call_async(request)

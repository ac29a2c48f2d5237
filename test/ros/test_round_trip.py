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

"""A recorded bag, played into the node by the real tools, gives what the replay of it gives."""

from importlib.util import find_spec
import shutil
import signal
import sys

import cv2
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rosbags.rosbag2 import Reader
from triplenet_ros.cli.main import main

WAIT = 600
FRAMES = 15
STREAMS, LATCHED = ('detections', 'label_image'), ('detection_info', 'label_info')


@pytest.fixture
def bag(tmp_path, ros2):
    """Return a bag that ``triplenet record`` made of a folder of pictures."""
    pictures = tmp_path / 'pictures'
    pictures.mkdir()
    for index in range(FRAMES):
        small = np.random.default_rng(index).integers(0, 256, (9, 16, 3), np.uint8)
        cv2.imwrite(str(pictures / f'{index:03}.png'),
                    cv2.resize(small, (160, 90), interpolation=cv2.INTER_CUBIC))
    assert main(['record', str(pictures), str(tmp_path / 'drive'), '--fps', '10']) == 0
    return tmp_path / 'drive'


@pytest.fixture
def ros2():
    """Return the ros2 command, or skip where it or its bag is not installed."""
    if shutil.which('ros2') is None or find_spec('ros2bag') is None:
        pytest.skip('needs ros2 bag')
    return shutil.which('ros2')


@pytest.fixture
def active(start, remote, listener, tiny_weights):
    """Let a node be active in a process of its own; return what its diagnostics tell."""
    start(sys.executable, '-m', 'triplenet_ros.ros.node', '--ros-args',
          '-r', f'__ns:=/{remote.namespace}', '-r', 'image:=/camera/image',
          '-p', f'weights:={tiny_weights}', '-p', 'device:=cpu', '-p', 'backend:=torch',
          '-p', 'score_threshold:=0.2')
    remote.activate()
    listener.hear('/diagnostics', DiagnosticArray)

    def told():
        return {value.key: value.value for array in listener.heard['/diagnostics'][-1:]
                for value in array.status[0].values}

    return told


def end(process):
    """Press Ctrl-C and wait for a clean end."""
    process.send_signal(signal.SIGINT)
    assert process.wait(WAIT) == 0


def results_of(bag, node):
    """Return topic -> stamp -> CDR bytes of the results in a bag."""
    found = {name: {} for name in STREAMS + LATCHED}
    with Reader(bag) as reader:
        for connection, _, data in reader.messages():
            name = connection.topic.rpartition('/')[2]
            if connection.topic == f'{node}/{name}' and name in found:
                # CDR: four bytes of encapsulation, then the header's stamp.
                assert data[4:12] not in found[name]
                # Middlewares fill up to whole words.
                found[name][data[4:12]] = bytes(data) + bytes(-len(data) % 4)
    return found


def test_recorded_results_are_byte_for_byte_those_of_the_replay(
        bag, active, ros2, start, listener, remote, tiny_weights, tmp_path):
    recorder = start(ros2, 'bag', 'record', '-o', str(tmp_path / 'recorded'),
                     '-e', f'/{remote.namespace}/.*')
    for name in STREAMS + LATCHED:
        listener.until(lambda: listener.node.count_subscribers(remote.topic(name)) == 1, WAIT)
    player = start(ros2, 'bag', 'play', str(bag), '--disable-keyboard-controls')
    listener.until(lambda: player.poll() is not None, WAIT)
    assert player.returncode == 0
    del listener.heard['/diagnostics'][:]
    listener.until(lambda: active().get('waiting') == '0')
    counts = {name: int(active()[name]) for name in (
        'received', 'processed', 'dropped', 'stale', 'errors')}
    end(recorder)
    # In a process of its own, as the node: sums of floats depend on the number of threads.
    replay = start(sys.executable, '-m', 'triplenet_ros', 'replay', str(bag), '--out',
                   str(tmp_path / 'replayed'), '--weights', str(tiny_weights), '--device', 'cpu',
                   '--backend', 'torch', '--score-threshold', '0.2')
    assert replay.wait(WAIT) == 0
    recorded = results_of(tmp_path / 'recorded', f'/{remote.namespace}/perception_node')
    replayed = results_of(tmp_path / 'replayed', '/perception_node')
    assert 0 < counts['processed'] <= counts['received'] <= FRAMES
    assert counts['received'] == counts['processed'] + counts['dropped']
    for name in STREAMS:
        assert len(recorded[name]) == counts['processed'] and len(replayed[name]) == FRAMES
        assert [stamp for stamp, data in recorded[name].items()
                if replayed[name][stamp] != data] == []
    for name in LATCHED:
        (node_says,), (replay_says,) = recorded[name].values(), replayed[name].values()
        assert node_says[12:] == replay_says[12:]

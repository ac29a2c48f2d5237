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

"""However the node is told to end, it ends at once, cleanly, and without a word of complaint."""

import signal
import sys

import pytest
from sensor_msgs.msg import Image

WAIT = 600
# The weights' own passes are of black images: the first one of a camera goes on for ever.
ENDLESS = """
import sys
import torch
from triplenet_ros.ros import start
from triplenet_ros.ros.perception import Perception
predict, convolution = Perception.predict, torch.nn.Conv2d(8, 8, 3, padding=1)
def predict_for_ever(self, images, *rest, **options):
    if images[0].any():
        print('at work', flush=True)
    while images[0].any():
        convolution(torch.zeros(1, 8, 64, 64))
    return predict(self, images, *rest, **options)
Perception.predict = predict_for_ever
sys.exit(start.main())
"""


@pytest.fixture
def node_process(start, remote, tiny_weights):
    """Return a function that starts a node in a process of its own."""
    def run(*options, program=('-m', 'triplenet_ros.ros.node')):
        return start(sys.executable, *program, '--ros-args',
                     '-r', f'__ns:=/{remote.namespace}', '-r', 'image:=/camera/image',
                     '-p', f'weights:={tiny_weights}', '-p', 'device:=cpu', *options)

    return run


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_active_node_under_load_ends_cleanly(
        node_process, listener, remote, image_message, tmp_path, number):
    process = node_process()
    remote.activate()
    labels = remote.topic('label_image')
    listener.hear(labels, Image)
    publisher, image = listener.connect('/camera/image', Image), image_message()
    listener.until(lambda: (publisher.publish(image), len(listener.heard[labels]) > 3)[1])
    process.send_signal(number)
    listener.until(lambda: (publisher.publish(image), process.poll() is not None)[1])
    assert process.returncode == 0
    output = (tmp_path / 'output').read_text()
    assert 'active, images come from /camera/image' in output
    assert 'Traceback' not in output and 'ERROR' not in output


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_node_that_was_never_configured_ends_cleanly(
        node_process, listener, remote, tmp_path, number):
    process = node_process()
    listener.until(lambda: remote.state == 'unconfigured', WAIT)
    process.send_signal(number)
    assert process.wait(WAIT) == 0
    assert 'Traceback' not in (tmp_path / 'output').read_text()


def test_pass_that_was_given_up_and_still_computes_does_not_change_how_the_node_ends(
        node_process, listener, remote, image_message, tmp_path):
    process = node_process('-p', 'stall_timeout:=0.5', program=('-c', ENDLESS))
    remote.activate()
    publisher, image = listener.connect('/camera/image', Image), image_message()
    listener.until(lambda: (publisher.publish(image),
                            'at work' in (tmp_path / 'output').read_text())[1])
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT) == 0

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

"""What comes over the wire, and who does not take what does."""

import os
from pathlib import Path
import signal
import sys

import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from triplenet_ros.ros.environment import large_message_environment

CONFIG = Path(__file__).resolve().parents[2] / 'config' / 'cyclonedds.xml'
# Who stands still is taken for gone after ten seconds: a node that waited for it would go on then.
NEVER_GONE = ('<CycloneDDS><Domain><Discovery><LeaseDuration>3600s</LeaseDuration></Discovery>'
              '</Domain></CycloneDDS>')
FOLLOWER = """
import sys
import rclpy
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('follower')
node.create_subscription(Image, sys.argv[1], lambda message: print('heard', flush=True), 5)
rclpy.spin(node)
"""


@pytest.fixture
def node_process(start, remote, tiny_weights, environment):
    """Return a function that starts an active node in a process of its own."""
    environment.update(large_message_environment(
        environment, rmw=os.environ.get('RMW_IMPLEMENTATION', ''), keep_memory=True,
        cyclonedds_config=str(CONFIG)))

    def run(**parameters):
        options = {'weights': tiny_weights, 'device': 'cpu', 'backend': 'torch',
                   'precision': 'float32', 'stall_timeout': 0.0, **parameters}
        process = start(
            sys.executable, '-m', 'triplenet_ros.ros.node', '--ros-args',
            '-r', f'__ns:=/{remote.namespace}', '-r', 'image:=/camera/image',
            *(word for name, value in options.items() for word in ('-p', f'{name}:={value}')))
        remote.activate()
        return process

    return run


def test_an_image_of_8k_comes_through_where_the_input_is_reliable(
        node_process, listener, remote, image_message):
    node_process(**{'qos_overrides./camera/image.subscription.reliability': 'reliable'})
    labels = remote.topic('label_image')
    listener.hear(labels, Image)
    publisher = listener.node.create_publisher(
        Image, '/camera/image', QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE))
    listener.until(lambda: publisher.get_subscription_count() == 1
                   and listener.node.count_publishers(labels) == 1)
    # Best effort loses most images of this size, not all.
    (camera,) = listener.node.get_subscriptions_info_by_topic('/camera/image')
    assert camera.qos_profile.reliability == ReliabilityPolicy.RELIABLE
    image = image_message(height=4320, width=7680)
    publisher.publish(image)
    listener.until(lambda: listener.heard[labels])
    (answer,) = listener.heard[labels]
    assert (answer.header, answer.height, answer.width) == (image.header, 4320, 7680)


def test_a_follower_that_stands_still_stops_nobody(
        node_process, start, listener, remote, image_message, tmp_path):
    node_process()
    labels = remote.topic('label_image')
    listener.hear(labels, Image)
    follower = start('env', f'CYCLONEDDS_URI={NEVER_GONE}', sys.executable, '-c', FOLLOWER, labels)
    publisher = listener.connect('/camera/image', Image)
    image = image_message(0, height=1080, width=1920)
    listener.until(lambda: (publisher.publish(image),
                            'heard' in (tmp_path / 'output').read_text())[1])
    follower.send_signal(signal.SIGSTOP)
    heard = listener.heard[labels]
    # More than the middleware keeps for who does not take it.
    for number in range(1, 41):
        image.header.stamp.nanosec = number
        listener.until(lambda: (publisher.publish(image),
                                heard and heard[-1].header.stamp.nanosec == number)[1])
    assert follower.poll() is None

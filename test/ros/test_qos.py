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

"""Images come from every publisher, and where they do not, the reason is told."""

from threading import enumerate as running_threads

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rcl_interfaces.msg import Log
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

OVERRIDE = 'qos_overrides./image.subscription'
BEST_EFFORT = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
RELIABLE = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                     durability=DurabilityPolicy.TRANSIENT_LOCAL)


@pytest.fixture
def warning(listener):
    """Return a function that waits for a diagnosis with some words in it."""
    def heard():
        return [status.message for array in listener.heard['/diagnostics']
                for status in array.status]

    listener.hear('/diagnostics', DiagnosticArray)
    return lambda words: listener.until(lambda: any(words in text for text in heard()))


@pytest.mark.parametrize('qos', [BEST_EFFORT, RELIABLE, LATCHED],
                         ids=['best effort', 'reliable', 'latched'])
def test_images_come_from_every_publisher(active_node, listener, image_message, finished, qos):
    node = active_node()
    publisher = listener.node.create_publisher(Image, 'image', qos)
    listener.until(lambda: publisher.get_subscription_count() == 1)
    publisher.publish(image_message())
    listener.until(lambda: finished(node) == 1)


def test_subscription_keeps_the_newest_image_alone(active_node):
    images, = (one for one in active_node().subscriptions if one.topic_name == '/image')
    assert images.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
    assert images.qos_profile.durability == DurabilityPolicy.VOLATILE
    assert images.qos_profile.depth == 1


def test_overridden_qos_is_used_and_a_publisher_that_does_not_match_is_named(
        active_node, listener, image_message, finished, warning):
    node = active_node(**{f'{OVERRIDE}.reliability': 'reliable', 'no_image_warning': 0.3})
    unmatched = listener.node.create_publisher(Image, 'image', BEST_EFFORT)
    warning('/listener (best_effort, volatile) does not match: ERROR: Best effort publisher')
    matched = listener.node.create_publisher(Image, 'image', RELIABLE)
    listener.until(lambda: matched.get_subscription_count() == 1)
    assert unmatched.get_subscription_count() == 0
    matched.publish(image_message())
    listener.until(lambda: finished(node) == 1)


def test_overridden_qos_lasts_and_stays_that_of_one_node(active_node):
    first = active_node(**{f'{OVERRIDE}.depth': 7})
    assert first.trigger_deactivate().name == first.trigger_activate().name == 'SUCCESS'
    assert first.get_parameter(f'{OVERRIDE}.depth').value == 7
    second = active_node()
    assert second.get_parameter(f'{OVERRIDE}.depth').value == 1
    assert second.get_parameter(f'{OVERRIDE}.reliability').value == 'best_effort'


def test_wrong_override_is_a_failure_told_in_one_line(make_node, warning):
    node = make_node(**{f'{OVERRIDE}.reliability': 'sometimes'})
    assert node.trigger_configure().name == 'SUCCESS'
    assert node.trigger_activate().name == 'FAILURE'
    assert node._state_machine.current_state[1] == 'inactive'
    assert not any(thread.name == 'inference' for thread in running_threads())
    warning('`sometimes`')


def test_a_longer_patience_is_no_sign_of_images(active_node, listener, warning):
    listener.hear('/rosout', Log)
    node = active_node(no_image_warning=0.1)
    warning('no image on /image')
    node.set_parameters([Parameter('no_image_warning', value=60.0)])
    warning('active, ')
    assert not any('again' in log.msg for log in listener.heard['/rosout'])

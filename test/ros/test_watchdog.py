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

"""An inference thread that hangs is told at once, replaced once, and then the node gives up."""

from threading import enumerate as running_threads, Event
import time

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rcl_interfaces.msg import Log
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

LABELS = '/perception_node/label_image'
ERROR = b'\x02'


class Hanging:
    """A network that hangs with some of its batches until it is told to go on."""

    def __init__(self, node, batches):
        perception = node.pipeline.perception
        self.predict, self.batches, self.go = perception.predict, batches, Event()
        self.count = 0
        perception.predict = self

    def __call__(self, *arguments, **options):
        self.count += 1
        if self.count in self.batches:
            assert self.go.wait(600)
        return self.predict(*arguments, **options)


def inference_threads():
    """Return how many there are."""
    return [one.name for one in running_threads()].count('inference')


@pytest.fixture
def hang(listener):
    """Return a function that makes a node's network hang; everything goes on with the test."""
    made = []

    def make(node, *batches):
        made.append(Hanging(node, batches))
        return made[-1]

    yield make
    for one in made:
        one.go.set()
    # The last one is the node's, and ends with it.
    listener.until(lambda: inference_threads() <= 1)


@pytest.fixture
def errors(listener):
    """Return a function that gives the messages of diagnoses that are errors."""
    listener.hear('/diagnostics', DiagnosticArray)
    return lambda: [array.status[0].message for array in listener.heard['/diagnostics']
                    if array.status[0].level == ERROR]


def be_patient(node):
    """From now on nothing hangs, on a busy machine either."""
    node.set_parameters([Parameter('stall_timeout', value=600.0)])


def test_a_hang_is_an_error_of_the_diagnostics_as_soon_as_it_has_lasted_a_second(
        active_node, listener, image_message, hang, errors):
    # Nothing is diagnosed by and by: what comes is told because of the hang.
    node = active_node(**{'diagnostic_updater.period': 600.0}, stall_timeout=0.0)
    hang(node, 1)
    listener.connect('image', Image).publish(image_message(1))
    listener.until(errors)
    assert 'inference has been at one batch for' in errors()[0]


def test_another_thread_goes_on_and_what_hung_publishes_nothing_when_it_returns(
        active_node, listener, image_message, hang, errors):
    node = active_node(stall_timeout=1.2)
    hung = hang(node, 1)
    listener.hear(LABELS, Image)
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(1))
    listener.until(lambda: node.pipeline.counters().errors == 1)
    listener.until(lambda: any('another thread goes on' in text for text in errors()))
    be_patient(node)
    publisher.publish(image_message(2))
    listener.until(lambda: listener.heard[LABELS])
    hung.go.set()
    listener.until(lambda: inference_threads() == 1)
    publisher.publish(image_message(3))
    listener.until(lambda: len(listener.heard[LABELS]) > 1)
    assert [labels.header.stamp.nanosec for labels in listener.heard[LABELS]] == [2, 3]
    # What is published is counted a moment later.
    listener.until(lambda: node.pipeline.counters().waiting == 0)
    counters = node.pipeline.counters()
    assert (counters.processed, counters.errors) == (2, 1)


def test_the_second_hang_ends_in_the_error_state_and_the_node_can_be_configured_again(
        active_node, listener, image_message, hang, errors):
    node = active_node(stall_timeout=1.2)
    hang(node, 1, 2)
    listener.hear('/rosout', Log)
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(1))
    listener.until(lambda: node.pipeline.counters().errors == 1)
    publisher.publish(image_message(2))
    listener.until(lambda: node.pipeline is None)
    assert node._state_machine.current_state[1] == 'unconfigured'
    listener.until(lambda: any('for the second time' in text for text in errors()))
    be_patient(node)
    for transition in (node.trigger_configure, node.trigger_activate):
        assert transition().name == 'SUCCESS'
    listener.hear(LABELS, Image)
    listener.until(lambda: publisher.get_subscription_count() == 1)
    publisher.publish(image_message(3))
    listener.until(lambda: listener.heard[LABELS])
    assert listener.heard[LABELS][0].header.stamp.nanosec == 3


@pytest.mark.parametrize('transitions', [('deactivate',), ('deactivate', 'cleanup'),
                                         ('shutdown',)])
def test_a_hang_does_not_keep_the_node_from_leaving_its_state(
        active_node, listener, image_message, hang, transitions):
    node = active_node(stall_timeout=0.5)
    hung = hang(node, 1)
    listener.connect('image', Image).publish(image_message(1))
    listener.until(lambda: hung.count == 1)
    begun = time.monotonic()
    for name in transitions:
        assert getattr(node, f'trigger_{name}')().name == 'SUCCESS'
    assert time.monotonic() - begun < 300  # not until the network goes on, which is twice that


def test_what_hung_while_the_node_was_deactivated_is_not_published_once_it_is_active_again(
        active_node, listener, image_message, hang):
    node = active_node(stall_timeout=0.5)
    hung = hang(node, 1)
    listener.hear(LABELS, Image)
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(1))
    listener.until(lambda: hung.count == 1)
    for name in ('deactivate', 'activate'):
        assert getattr(node, f'trigger_{name}')().name == 'SUCCESS'
    be_patient(node)
    hung.go.set()
    listener.until(lambda: inference_threads() == 1)
    listener.until(lambda: publisher.get_subscription_count() == 1)
    listener.until(lambda: (publisher.publish(image_message(2)), listener.heard[LABELS])[1])
    assert {labels.header.stamp.nanosec for labels in listener.heard[LABELS]} == {2}


def test_a_network_that_is_slow_but_usual_is_left_alone(
        active_node, listener, image_message, hang, errors):
    node = active_node(stall_timeout=0.1)
    hung = hang(node, 1)
    node.pipeline.perception.usual = 30.0
    listener.connect('image', Image).publish(image_message(1))
    listener.until(lambda: node.pipeline.busy > 1.5)
    hung.go.set()
    listener.until(lambda: node.pipeline.counters().processed == 1)
    assert errors() == []

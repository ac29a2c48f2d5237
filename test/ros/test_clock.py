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

"""The age of an image is told by the clock of the node, which may be simulated."""

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from triplenet_ros.worker import WorkerCounters

NOW = 1_700_000_100


@pytest.fixture
def set_time(listener):
    """Return a function that tells everyone the seconds of simulated time."""
    publisher = listener.node.create_publisher(Clock, '/clock', 1)

    def publish(seconds):
        clock = Clock()
        clock.clock.sec = seconds
        publisher.publish(clock)

    yield publish
    listener.node.destroy_publisher(publisher)


@pytest.fixture
def simulated(active_node, listener, set_time):
    """Return a function: a node whose clock stands at NOW."""
    def make(**parameters):
        node = active_node(use_sim_time=True, **parameters)
        listener.until(lambda: (set_time(NOW),
                                node.get_clock().now().nanoseconds == NOW * 10**9)[1])
        return node

    return make


def test_simulated_time_decides_what_is_too_old(simulated, listener, image_message, finished):
    node = simulated(max_age=5.0)
    publisher = listener.connect('image', Image)
    for count, seconds in enumerate((4, 6, 5), 1):
        publisher.publish(image_message(0, sec=NOW - seconds))
        listener.until(lambda: finished(node) == count)
    assert node.pipeline.counters() == WorkerCounters(received=3, processed=2, stale=1)


def test_ages_are_told_in_simulated_time(
        simulated, listener, image_message, finished, set_time):
    node = simulated()
    listener.hear('/diagnostics', DiagnosticArray)
    listener.connect('image', Image).publish(image_message(250_000_000, sec=NOW - 2))
    listener.until(lambda: finished(node) == 1)

    def told():
        return {value.key: value.value for array in listener.heard['/diagnostics'][-1:]
                for value in array.status[0].values}

    # The diagnostics come when their time has come.
    listener.until(lambda: (set_time(NOW + 9), 'image age p50 ms' in told())[1])
    assert told()['image age p50 ms'] == told()['image age p95 ms'] == '1750.00'


def test_max_age_may_be_changed_for_the_next_image(simulated, listener, image_message, finished):
    node = simulated()
    publisher = listener.connect('image', Image)
    for count, max_age in enumerate((0.0, 5.0, 20.0), 1):
        assert node.set_parameters([Parameter('max_age', value=max_age)])[0].successful
        publisher.publish(image_message(0, sec=NOW - 10))
        listener.until(lambda: finished(node) == count)
    assert node.pipeline.counters() == WorkerCounters(received=3, processed=2, stale=1)


@pytest.mark.parametrize('max_age, outcome', [(60.0, 'stale'), (0.0, 'processed')])
def test_stamp_before_1970_is_just_old(
        simulated, listener, image_message, finished, max_age, outcome):
    node = simulated(max_age=max_age)
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(5, sec=-3))
    listener.until(lambda: finished(node) == 1)
    assert getattr(node.pipeline.counters(), outcome) == 1
    publisher.publish(image_message(0, sec=NOW))
    listener.until(lambda: finished(node) == 2)
    assert node.pipeline.counters().errors == 0


def test_image_from_the_future_is_processed(simulated, listener, image_message, finished):
    node = simulated(max_age=1.0)
    listener.connect('image', Image).publish(image_message(0, sec=NOW + 50))
    listener.until(lambda: finished(node) == 1)
    assert node.pipeline.counters().processed == 1

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

"""Whatever a camera or a clock does in mid-run, each output belongs to the image that came in."""

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from triplenet_ros.messages.message_types import byte_array

LABELS = '/perception_node/label_image'


@pytest.fixture
def camera(listener, finished):
    """Return a function that makes a function: publish an image and wait until it is done."""
    def make(node):
        publisher = listener.connect('image', Image)
        done = finished(node)

        def send(message):
            nonlocal done
            publisher.publish(message)
            done += 1
            listener.until(lambda: finished(node) == done)

        return send

    return make


def test_resolution_encoding_and_frame_may_change_from_image_to_image(
        active_node, listener, image_message, camera):
    node = active_node()
    listener.hear(LABELS, Image)
    send = camera(node)
    sent = []
    for number, (height, width, encoding, channels) in enumerate((
            (48, 80, 'rgb8', 3), (33, 57, 'bgr8', 3), (1, 1, 'rgb8', 3), (200, 30, 'mono8', 1),
            (48, 80, 'bgra8', 4), (1, 300, 'rgb8', 3))):
        message = image_message(number, height, width)
        message.header.frame_id = f'camera_{number}'
        message.encoding, message.step = encoding, width * channels
        message.data = byte_array(np.full((height, width * channels), 90, np.uint8))
        send(message)
        sent.append((message.header, height, width))
    listener.until(lambda: len(listener.heard[LABELS]) == len(sent))
    assert [(one.header, one.height, one.width) for one in listener.heard[LABELS]] == sent
    assert node.pipeline.counters().errors == 0


def test_stamps_that_jump_repeat_or_lie_in_the_future_are_passed_on_as_they_are(
        active_node, listener, image_message, camera):
    node = active_node()
    listener.hear(LABELS, Image)
    send = camera(node)
    stamps = [(1_700_000_000, 5), (1_600_000_000, 5), (1_600_000_000, 5), (2_100_000_000, 0),
              (0, 0), (-1, 999_999_999), (1_700_000_000, 6)]
    for sec, nanoseconds in stamps:
        send(image_message(nanoseconds, sec=sec))
    listener.until(lambda: len(listener.heard[LABELS]) == len(stamps))
    assert [(one.header.stamp.sec, one.header.stamp.nanosec)
            for one in listener.heard[LABELS]] == stamps
    counters = node.pipeline.counters()
    assert (counters.processed, counters.errors, counters.stale) == (len(stamps), 0, 0)


def test_a_stamp_of_zero_is_old_and_one_in_the_future_is_not(
        active_node, image_message, camera):
    node = active_node(max_age=10.0)
    send = camera(node)
    send(image_message(sec=0))
    send(image_message(sec=2_100_000_000))
    counters = node.pipeline.counters()
    assert (counters.stale, counters.processed) == (1, 1)


def test_the_node_tells_of_itself_while_simulated_time_stands_still(active_node, listener):
    listener.hear('/diagnostics', DiagnosticArray)
    active_node(use_sim_time=True)
    heard = listener.heard['/diagnostics']
    listener.until(lambda: len(heard) > 3 and heard[-1].status[0].message.startswith('active'))


def test_simulated_time_may_stop_and_begin_again(
        active_node, listener, image_message, camera):
    node = active_node(use_sim_time=True, max_age=5.0)
    listener.hear(LABELS, Image)
    send = camera(node)
    clock = listener.node.create_publisher(Clock, '/clock', 1)
    listener.until(lambda: clock.get_subscription_count() >= 1)

    def set_time(seconds):
        message = Clock()
        message.clock.sec = seconds
        listener.until(lambda: (clock.publish(message), node.get_clock().now().nanoseconds
                                == seconds * 10 ** 9)[1])

    for number, seconds in enumerate((1000, 1000, 2000, 500, 1000)):  # paused, jumped, looped
        set_time(seconds)
        send(image_message(number, sec=seconds))
    send(image_message(9, sec=900))
    listener.until(lambda: len(listener.heard[LABELS]) == 5)
    assert [one.header.stamp.nanosec for one in listener.heard[LABELS]] == [0, 1, 2, 3, 4]
    assert node.pipeline.counters().stale == 1


def test_a_camera_that_went_away_is_heard_when_it_comes_back_whatever_its_qos_is_then(
        active_node, listener, image_message, finished):
    node = active_node(no_image_warning=0.3)
    for count, reliability in enumerate(('RELIABLE', 'BEST_EFFORT', 'RELIABLE'), 1):
        publisher = listener.node.create_publisher(
            Image, 'image', QoSProfile(depth=5, reliability=ReliabilityPolicy[reliability]))
        listener.until(lambda: publisher.get_subscription_count() == 1)
        publisher.publish(image_message(count))
        listener.until(lambda: finished(node) == count)
        listener.node.destroy_publisher(publisher)
        listener.until(lambda: not node.count_publishers('/image'))
    assert node.pipeline.counters().processed == 3


def test_an_image_of_8k_is_labelled_at_its_size(active_node, listener, image_message, finished):
    node = active_node()
    message = image_message(height=4320, width=7680)
    # Not over the middleware, whose buffers are another matter.
    node.pipeline._on_image(node.pipeline.cameras[0], message)
    listener.until(lambda: finished(node) == 1)
    assert node.pipeline.counters().processed == 1


def test_parameters_and_states_answer_under_load(active_node, listener, image_message):
    from lifecycle_msgs.srv import GetState
    from rcl_interfaces.srv import GetParameters, SetParameters
    from rclpy.parameter import Parameter
    node = active_node()
    publisher = listener.connect('image', Image)
    clients = {kind: listener.node.create_client(kind, f'/perception_node/{name}')
               for kind, name in ((GetState, 'get_state'), (GetParameters, 'get_parameters'),
                                  (SetParameters, 'set_parameters'))}
    listener.until(lambda: all(client.service_is_ready() for client in clients.values()))
    changed = Parameter('score_threshold', value=0.25).to_parameter_msg()
    requests = {GetState: {}, GetParameters: {'names': ['score_threshold']},
                SetParameters: {'parameters': [changed]}}
    for kind, values in requests.items():
        answer = clients[kind].call_async(kind.Request(**values))
        number = 0

        def flood():
            nonlocal number
            number += 1
            publisher.publish(image_message(number))
            return answer.done()

        listener.until(flood)
    assert node.settings.read().score_threshold == 0.25

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

"""Nothing that comes in from outside ends the node: it is counted, told, and passed over."""

from array import array
import sys

import cv2
from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rcl_interfaces.msg import Log
from rclpy.parameter import Parameter
from sensor_msgs.msg import CompressedImage, Image
import torch
from triplenet_ros.messages.decode import BadImage
from triplenet_ros.ros.other_encodings import decode_with_cv_bridge

LABELS = '/perception_node/label_image'
try:
    import cv_bridge.boost.cv_bridge_boost  # noqa: F401
    HAS_CV_BRIDGE = cv2.CV_8UC3 == 16  # made for OpenCV 4, it fails beside 5
except (AttributeError, ImportError):
    HAS_CV_BRIDGE = False
# Whether it knows an encoding stays unknown where it cannot be asked.
UNKNOWN = 'unknown encoding' if HAS_CV_BRIDGE else 'no cv_bridge'


def latest_status(listener):
    """Return the values of the newest status, with its level and message among them."""
    status = listener.heard['/diagnostics'][-1].status[0]
    values = {value.key: value.value for value in status.values}
    return {**values, 'level': status.level, 'message': status.message}


@pytest.fixture
def told(listener):
    """Return a function that waits for a diagnosis with some values."""
    listener.hear('/diagnostics', DiagnosticArray)

    def wait_for(**expected):
        listener.until(lambda: listener.heard['/diagnostics'] and (
            expected.items() <= latest_status(listener).items()))
        return latest_status(listener)

    return wait_for


def wrong_images(image_message):
    """Yield one image message of each fault, with the cause it is counted under."""
    for cause, change in {
            'size 0': {'height': 0}, 'small step': {'step': 10},
            'short data': {'data': array('B', bytes(30))},
            UNKNOWN: {'encoding': 'secret'}}.items():
        message = image_message()
        for name, value in change.items():
            setattr(message, name, value)
        yield cause, message


def test_wrong_images_are_counted_warned_of_once_and_passed_over(
        active_node, listener, image_message, told):
    node = active_node()
    listener.hear(LABELS, Image)
    listener.hear('/rosout', Log)
    publisher = listener.connect('image', Image)
    wrong = dict(wrong_images(image_message))
    sent = [*wrong.values(), *wrong.values(), image_message(42)]
    for count, message in enumerate(sent, 1):
        publisher.publish(message)
        listener.until(lambda: node.pipeline.counters().errors
                       + node.pipeline.counters().processed == count)
    listener.until(lambda: listener.heard[LABELS])
    assert [labels.header.stamp.nanosec for labels in listener.heard[LABELS]] == [42]
    status = told(errors='8', processed='1', received='9')
    assert {f'wrong images: {cause}': status[f'wrong images: {cause}'] for cause in wrong} == {
        f'wrong images: {cause}': '2' for cause in wrong}
    warnings = [log.msg for log in listener.heard['/rosout'] if 'wrong image' in log.msg]
    assert len(warnings) == 4 and all('/image' in text for text in warnings)


def test_undecodable_jpeg_is_passed_over(active_node, listener, told):
    node = active_node(image_transport='compressed')
    publisher = listener.connect('image/compressed', CompressedImage)
    publisher.publish(CompressedImage(format='jpeg', data=array('B', b'no picture')))
    listener.until(lambda: node.pipeline.counters().errors == 1)
    assert told(errors='1')['wrong images: undecodable'] == '1'


def test_exception_in_the_forward_pass_is_an_error_until_the_next_image_works(
        active_node, listener, image_message, told):
    node = active_node()
    listener.hear(LABELS, Image)
    publisher = listener.connect('image', Image)
    perception = node.pipeline.perception
    predict = perception.predict

    def fail(*_arguments, **_options):
        raise RuntimeError('CUDA out of memory\nand a long story')

    perception.predict = fail
    publisher.publish(image_message(1))
    listener.until(lambda: node.pipeline.counters().errors == 1)
    status = told(level=b'\x02', errors='1')
    assert status['message'] == 'inference failed: RuntimeError: CUDA out of memory'
    perception.predict = predict
    publisher.publish(image_message(2))
    status = told(level=b'\x00', errors='1', processed='1')
    assert [labels.header.stamp.nanosec for labels in listener.heard[LABELS]] == [2]
    assert status['message'].startswith('active, ')


def test_diagnostics_tell_counters_timings_and_what_runs(
        active_node, listener, image_message, told):
    active_node()
    publisher = listener.connect('image', Image)
    publisher.publish(image_message())
    status = told(received='1', processed='1', dropped='0', stale='0', errors='0')
    for stage in ('decode', 'preprocess', 'forward', 'postprocess', 'publish', 'total'):
        assert 0 <= float(status[f'{stage} p50 ms']) <= float(status[f'{stage} p95 ms'])
    assert float(status['forward p50 ms']) > 0 and float(status['image age p50 ms']) > 0
    assert (status['device'], status['network'], status['backend']) == ('cpu', 'tiny', 'torch')


def test_each_of_several_cameras_has_a_status_of_its_own(
        active_node, listener, image_message, told):
    active_node(cameras=['front', 'left'])
    listener.connect('front/image', Image).publish(image_message())
    told(processed='1')
    statuses = {status.name: {value.key: value.value for value in status.values}
                for status in listener.heard['/diagnostics'][-1].status}
    assert statuses['perception_node: camera front']['processed'] == '1'
    assert statuses['perception_node: camera left']['received'] == '0'


def test_silence_names_the_topic_and_who_publishes_with_which_qos(
        active_node, listener, image_message, told):
    listener.hear('/rosout', Log)
    listener.node.create_publisher(CompressedImage, 'image', 1)
    active_node(no_image_warning=0.3)
    status = told(level=b'\x01')
    for text in ('no image on /image', '/listener (reliable, volatile)',
                 'publishes sensor_msgs/msg/CompressedImage, not sensor_msgs/msg/Image'):
        assert text in status['message']
    listener.until(lambda: any('no image on /image' in log.msg
                               for log in listener.heard['/rosout']))


def test_images_end_the_silence(active_node, listener, image_message, told):
    node = active_node(no_image_warning=0.3)
    assert 'no publisher' in told(level=b'\x01')['message']
    publisher = listener.connect('image', Image)
    node.set_parameters([Parameter('no_image_warning', value=60.0)])
    publisher.publish(image_message())
    told(level=b'\x00', processed='1')


def test_silence_of_one_of_several_cameras_is_told_of_that_one(
        active_node, listener, image_message):
    node = active_node(cameras=['front', 'left'], no_image_warning=0.5)
    listener.hear('/diagnostics', DiagnosticArray)
    publisher, image = listener.connect('front/image', Image), image_message()

    def told():
        return {status.name.rpartition(': ')[2]: status.message
                for status in listener.heard['/diagnostics'][-1].status}

    listener.until(lambda: (publisher.publish(image), 'no image on /left/image' in (
        listener.heard['/diagnostics'] and told().get('camera left', '')))[1])
    assert 'no image' not in told()['camera front'] and '/left/image' in told()['perception']
    assert node.pipeline.counters('left').received == 0


def test_no_warning_where_none_is_wanted(active_node, listener):
    listener.hear('/rosout', Log)
    node = active_node(no_image_warning=0.0)
    listener.until(lambda: node.pipeline.cameras[0].silence > 0.6)  # it is looked at every 0.25
    assert not any('no image' in log.msg for log in listener.heard['/rosout'])


@pytest.mark.skipif(not HAS_CV_BRIDGE, reason='needs cv_bridge and the OpenCV it is made for')
def test_bayer_images_go_through_cv_bridge(active_node, listener, image_message):
    node = active_node()
    publisher = listener.connect('image', Image)
    message = image_message()
    message.encoding, message.width = 'bayer_rggb8', 3 * message.width
    publisher.publish(message)
    listener.until(lambda: node.pipeline.counters().processed == 1)


def test_missing_cv_bridge_names_the_numpy_it_needs(image_message, monkeypatch):
    monkeypatch.setitem(sys.modules, 'cv_bridge.boost.cv_bridge_boost', None)
    message = image_message()
    message.encoding = 'bayer_rggb8'
    with pytest.raises(BadImage, match='numpy<2') as caught:
        decode_with_cv_bridge(message)
    assert '\n' not in str(caught.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason='needs a machine without a GPU')
def test_gpu_that_is_not_there_is_told_in_one_line(make_node, told):
    node = make_node(device='cuda')
    assert node.trigger_configure().name == 'FAILURE'
    message = told(level=b'\x02', state='unconfigured')['message']
    assert "'cuda'" in message and '\n' not in message

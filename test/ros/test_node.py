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

"""The node answers every image under its own header, and only while it is active."""

from threading import enumerate as running_threads, Thread

import cv2
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import CompressedImage, Image
from triplenet_ros import Predictor
from triplenet_ros.drawing.overlay import color_labels, draw_overlay
from triplenet_ros.messages.message_types import byte_array
from triplenet_ros.ros import outputs
from triplenet_ros.worker import WorkerCounters
from vision_msgs.msg import LabelInfo, VisionInfo

WAIT = 600
DETECTIONS, LABELS = '/perception_node/detections', '/perception_node/label_image'


def stamps(messages):
    """Return the nanoseconds of each message."""
    return [message.header.stamp.nanosec for message in messages]


def own_topics(node):
    """Return the last part of the name of each topic that the node offers."""
    return {publisher.topic_name.split('/')[-1] for publisher in node.publishers}


def test_results_are_those_of_the_predictor_under_the_header_of_the_image(
        answers, listener, image_message, predictor, pixels_of):
    images = [image_message(1, 48, 80), image_message(999_999_999, 61, 37, seed=1)]
    answers(images)
    listener.until(lambda: all(len(heard) == 2 for heard in listener.heard.values()))
    for image, found, labels in zip(images, *listener.heard.values()):
        expected = predictor(pixels_of(image))
        assert found.header == labels.header == image.header
        assert labels.encoding == 'mono8'
        np.testing.assert_array_equal(pixels_of(labels), expected.label_map)
        assert len(found.detections) == len(expected.boxes) > 0
        for one, box, score, class_id in zip(
                found.detections, expected.boxes, expected.scores, expected.class_ids):
            centre = one.bbox.center.position
            assert one.header == image.header
            assert one.results[0].hypothesis.class_id == str(class_id)
            assert one.results[0].hypothesis.score == pytest.approx(score)
            assert [centre.x - one.bbox.size_x / 2, centre.y + one.bbox.size_y / 2] == (
                pytest.approx([box[0], box[3]], abs=1e-3))


def test_images_are_seen_in_as_many_pixels_as_were_asked_for(
        answers, listener, image_message, predictor, pixels_of):
    image = image_message(1, 96, 160)
    node = answers([image], input_size='128x192')
    listener.until(lambda: listener.heard[LABELS])
    labels, = listener.heard[LABELS]
    larger = Predictor.load(node.get_parameter('weights').value, input_size='128x192',
                            device='cpu', backend='torch')
    np.testing.assert_array_equal(pixels_of(labels), larger(pixels_of(image)).label_map)
    assert (pixels_of(labels) != predictor(pixels_of(image)).label_map).any()


def test_image_without_boxes_is_answered_too(answers, listener, image_message):
    answers([image_message(7)], score_threshold=1.0)
    listener.until(lambda: all(listener.heard.values()))
    found, = listener.heard[DETECTIONS]
    assert found.header.stamp.nanosec == 7 and found.detections == []


def test_names_of_classes_reach_whoever_subscribes_later(answers, listener, image_message):
    answers([image_message(1), image_message(2)])
    listener.hear('/perception_node/label_info', LabelInfo, latched=True)
    listener.hear('/perception_node/detection_info', VisionInfo, latched=True)
    listener.until(lambda: all(listener.heard.values()))
    labels, = listener.heard['/perception_node/label_info']
    boxes, = listener.heard['/perception_node/detection_info']
    assert [(one.class_id, one.class_name) for one in labels.class_map][3] == (3, 'road')
    assert boxes.method == 'tiny'
    assert boxes.database_location == '{"0": "car", "1": "pedestrian", "2": "bicyclist"}'
    assert stamps([labels, boxes]) == [1, 1]


@pytest.mark.parametrize('topic, draw, drawing', [
    ('overlay', 'draw_overlay', draw_overlay),
    ('label_color', 'color_labels',
     lambda _, prediction: color_labels(prediction.label_map, prediction.classes))])
def test_pictures_and_confidence_are_made_only_while_someone_subscribes(
        answers, listener, image_message, predictor, monkeypatch, pixels_of, finished,
        topic, draw, drawing):
    drawn = []
    function = getattr(outputs, draw)
    monkeypatch.setattr(
        outputs, draw, lambda *given: (drawn.append(draw), function(*given))[1])
    node = answers([image_message()])
    assert drawn == []
    picture = listener.hear(f'/perception_node/{topic}', Image)
    listener.hear('/perception_node/confidence', Image)
    publisher = listener.connect('image', Image)
    listener.until(lambda: all(node.count_subscribers(topic) for topic in listener.heard))
    image = image_message()
    listener.until(lambda: (publisher.publish(image), all(listener.heard.values()))[1])
    expected = predictor(pixels_of(image))
    painted, sure = (listener.heard[f'/perception_node/{name}'][0]
                     for name in (topic, 'confidence'))
    assert painted.encoding == 'rgb8' and painted.header == sure.header == image.header
    np.testing.assert_array_equal(
        pixels_of(painted), drawing(pixels_of(image), expected))
    np.testing.assert_array_equal(pixels_of(sure), expected.confidence)
    listener.node.destroy_subscription(picture)
    listener.until(lambda: not node.count_subscribers(f'/perception_node/{topic}'))
    before, processed = len(drawn), finished(node)
    listener.until(lambda: (publisher.publish(image), finished(node) > processed + 2)[1])
    assert len(drawn) - before <= 1  # one may have been under way


def test_newest_image_takes_the_place_of_those_that_wait(
        answers, listener, image_message, finished, make_gate):
    node = answers([])
    gate = make_gate(node)
    publisher = listener.connect('image', Image)
    for count in (1, 2, 3):
        publisher.publish(image_message(count))
        listener.until(lambda: node.pipeline.counters().received == count)
        assert gate.begun.wait(WAIT)
    gate.go.set()
    listener.until(lambda: len(listener.heard[DETECTIONS]) == 2)
    assert stamps(listener.heard[DETECTIONS]) == [1, 3]
    listener.until(lambda: finished(node) == 2)
    assert node.pipeline.counters() == WorkerCounters(received=3, processed=2, dropped=1)


def test_nothing_is_published_once_deactivating_has_returned(
        answers, listener, image_message, make_gate):
    node = answers([])
    gate = make_gate(node)
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(1))
    listener.until(gate.begun.is_set)
    deactivation = Thread(target=node.trigger_deactivate)
    deactivation.start()
    deactivation.join(0.05)
    assert deactivation.is_alive()  # it waits for the batch at work
    gate.go.set()
    deactivation.join(WAIT)
    assert not any(thread.name == 'inference' for thread in running_threads())
    listener.until(lambda: publisher.get_subscription_count() == 0)
    listener.until(lambda: len(listener.heard[LABELS]) == 1)
    assert stamps(listener.heard[DETECTIONS]) == [1]


def test_node_works_again_after_every_way_back(answers, listener, image_message):
    node = answers([image_message(1)])
    assert node.trigger_deactivate().name == 'SUCCESS'
    assert node.trigger_activate().name == 'SUCCESS'
    for transition in (node.trigger_deactivate, node.trigger_cleanup):
        assert transition().name == 'SUCCESS'
    assert node.pipeline is None and 'label_image' not in own_topics(node)
    for transition in (node.trigger_configure, node.trigger_activate):
        assert transition().name == 'SUCCESS'
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(2))
    listener.until(lambda: 2 in stamps(listener.heard[LABELS]))
    assert node.trigger_shutdown().name == 'SUCCESS'
    assert not any(thread.name == 'inference' for thread in running_threads())


def test_live_parameters_count_from_the_next_image(answers, listener, image_message, pixels_of):
    node = answers([image_message(1)])
    values = {'max_detections': 3, 'detection_classes': ['car'],
              'segmentation_classes': ['sky', 'road'], 'score_threshold': 0.0}
    results = node.set_parameters([Parameter(name, value=value)
                                   for name, value in values.items()])
    assert all(result.successful for result in results)
    publisher = listener.connect('image', Image)
    publisher.publish(image_message(2))
    listener.until(lambda: all(2 in stamps(heard) for heard in listener.heard.values()))
    classes = [one.results[0].hypothesis.class_id
               for one in listener.heard[DETECTIONS][-1].detections]
    assert classes == ['0', '0', '0']
    assert set(np.unique(pixels_of(listener.heard[LABELS][-1]))) <= {0, 3, 255}
    assert not set(np.unique(pixels_of(listener.heard[LABELS][0]))) <= {0, 3, 255}


@pytest.mark.parametrize('name, value', [
    ('score_threshold', 0.4), ('nms_threshold', 1.0), ('nms_threshold', 0.05),
    ('max_detections', 7)])
def test_each_threshold_does_from_the_next_image_what_it_does_in_the_predictor(
        answers, listener, image_message, pixels_of, tiny_weights, name, value):
    image = image_message(2)
    node = answers([image])
    assert node.set_parameters([Parameter(name, value=value)])[0].successful
    listener.connect('image', Image).publish(image)
    listener.until(lambda: len(listener.heard[DETECTIONS]) == 2)
    options = {'device': 'cpu', 'backend': 'torch', 'score_threshold': 0.2}
    before, after = ([one.bbox.size_x for one in found.detections]
                     for found in listener.heard[DETECTIONS])
    for sizes, changed in ((before, {}), (after, {name: value})):
        boxes = Predictor.load(tiny_weights, **{**options, **changed})(pixels_of(image)).boxes
        assert sizes == pytest.approx((boxes[:, 2] - boxes[:, 0]).tolist(), abs=1e-3)
    assert before != after


def test_old_images_are_passed_over_and_counted(answers, image_message):
    node = answers([image_message()], max_age=60.0)
    assert node.pipeline.counters() == WorkerCounters(received=1, stale=1)


def test_compressed_images_come_from_the_remapped_name_with_the_suffix(
        active_node, listener, image_message, predictor, pixels_of):
    node = active_node(remap=['image:=/front/color'], image_transport='compressed')
    assert node.pipeline.cameras[0].topic == '/front/color/compressed'
    listener.hear(LABELS, Image)
    publisher = listener.connect('/front/color/compressed', CompressedImage)
    raw = image_message(5)
    coded = cv2.imencode('.png', pixels_of(raw)[:, :, ::-1])[1]
    publisher.publish(CompressedImage(
        header=raw.header, format='rgb8; png compressed bgr8', data=byte_array(coded)))
    listener.until(lambda: listener.heard[LABELS])
    labels, = listener.heard[LABELS]
    assert labels.header == raw.header
    np.testing.assert_array_equal(pixels_of(labels), predictor(pixels_of(raw)).label_map)


def test_cameras_have_topics_headers_and_counters_of_their_own_and_one_batch(
        active_node, listener, image_message, predictor, pixels_of, finished, make_gate,
        monkeypatch):
    node = active_node(cameras=['front', 'left'])
    for name in ('front', 'left'):
        listener.hear(f'/perception_node/{name}/label_image', Image)
    front, left = (listener.connect(f'/{name}/image', Image) for name in ('front', 'left'))
    sent = {'front': image_message(1, 30, 40), 'left': image_message(2, 50, 20)}
    gate, passes = make_gate(node), []
    backend = type(node.pipeline.perception._predictor._backend)
    forward = backend.__call__
    monkeypatch.setattr(backend, '__call__', lambda self, images, *tasks: (
        passes.append(len(images)), forward(self, images, *tasks))[1])
    front.publish(sent['front'])
    listener.until(gate.begun.is_set)
    front.publish(sent['front'])
    left.publish(sent['left'])
    listener.until(lambda: node.pipeline.counters().received == 3)
    gate.go.set()
    listener.until(lambda: finished(node) == 3)
    listener.until(lambda: all(listener.heard.values()))
    assert passes == [1, 2]
    for name, image in sent.items():
        labels = listener.heard[f'/perception_node/{name}/label_image'][-1]
        assert labels.header == image.header
        np.testing.assert_array_equal(
            pixels_of(labels), predictor(pixels_of(image)).label_map)
    assert node.pipeline.counters('front') == WorkerCounters(received=2, processed=2)
    assert node.pipeline.counters('left') == WorkerCounters(received=1, processed=1)


@pytest.mark.parametrize('task, offered, missing', [
    ('detection', {'detections', 'detection_info'}, {'label_image', 'label_info', 'confidence'}),
    ('segmentation', {'label_image', 'label_info', 'confidence'},
     {'detections', 'detection_info'})])
def test_topics_of_a_task_that_is_not_wanted_are_not_there(make_node, task, offered, missing):
    node = make_node(tasks=[task])
    assert node.trigger_configure().name == 'SUCCESS'
    assert own_topics(node) & (offered | missing) == offered


@pytest.mark.parametrize('parameters, cause', [
    ({'weights': 'nowhere'}, 'nowhere'), ({'device': 'tpu'}, 'tpu'),
    ({'backend': 'abacus'}, 'abacus'), ({'tasks': ['sleep']}, 'sleep'),
    ({'input_size': '540x960'}, '540x960'),
    ({'image_transport': 'theora'}, 'theora'), ({'detection_classes': ['cow']}, 'cow'),
    ({'cameras': ['a', 'a']}, 'different'), ({'cameras': ['1st']}, '1st')])
def test_bad_start_is_a_failure_with_its_cause_in_one_line(
        make_node, listener, parameters, cause):
    node = make_node(**parameters)
    assert node.trigger_configure().name == 'FAILURE'
    assert node.pipeline is None and node._state_machine.current_state[1] == 'unconfigured'
    listener.hear('/diagnostics', DiagnosticArray)
    listener.until(lambda: any(
        cause in status.message and status.level == b'\x02' and '\n' not in status.message
        for array in listener.heard['/diagnostics'] for status in array.status))

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

"""Messages carry the input's header, pixels, and come through serialisation unchanged."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.decode import decode
from triplenet_ros.messages.message_types import (
    byte_array, full_name, MessageTypes, rosbags_types, rosbags_typestore)

TYPES = rosbags_types()
HEADER = TYPES.header(1_600_000_000_000_000_007, 'front_optical')


def prediction(count=2, shape=(4, 5)):
    """Return a prediction of so many boxes."""
    boxes = np.array([[1, 2, 4, 4], [0, 0, 3, 2.5]], np.float32)[:count]
    return Prediction(
        boxes=boxes.reshape(-1, 4), scores=np.array([0.75, 0.5], np.float32)[:count],
        class_ids=np.array([2, 0])[:count],
        label_map=np.arange(20, dtype=np.uint8).reshape(shape), confidence=None, classes=CAMVID)


def stored(message):
    """Return the message as it comes out of a bag."""
    store, name = rosbags_typestore(), TYPES.name_of(message)
    return store.deserialize_cdr(store.serialize_cdr(message, name), name)


def test_detections_are_centre_and_size_in_pixels_best_first():
    message = stored(encode.detections(prediction(), HEADER, TYPES))
    first, second = message.detections
    centre = first.bbox.center
    assert (centre.position.x, centre.position.y, centre.theta) == (2.5, 3.0, 0.0)
    assert (first.bbox.size_x, first.bbox.size_y) == (3.0, 2.0)
    hypotheses = [one.results[0].hypothesis for one in (first, second)]
    assert [(one.class_id, one.score) for one in hypotheses] == [('2', 0.75), ('0', 0.5)]
    assert first.results[0].pose.pose.orientation.w == 1.0


def test_array_and_every_detection_carry_the_header_of_the_image():
    message = stored(encode.detections(prediction(), HEADER, TYPES))
    for one in (message, *message.detections):
        assert one.header == HEADER


def test_no_detection_is_an_empty_array():
    assert stored(encode.detections(prediction(0), HEADER, TYPES)).detections == []


def test_label_image_has_the_bytes_that_step_and_height_say():
    labels = prediction().label_map
    message = stored(encode.mono_image(labels, HEADER, TYPES))
    assert (message.encoding, message.step, message.height, message.width) == ('mono8', 5, 4, 5)
    assert len(message.data) == message.step * message.height
    np.testing.assert_array_equal(message.data.reshape(4, 5), labels)


def test_label_image_may_be_a_slice_of_a_larger_one():
    labels = np.arange(40, dtype=np.uint8).reshape(4, 10)[:, ::2]
    message = stored(encode.mono_image(labels, HEADER, TYPES))
    np.testing.assert_array_equal(message.data.reshape(4, 5), labels)


@pytest.mark.parametrize('build', [encode.rgb_image, encode.compressed_image])
def test_picture_comes_back_in_rgb_order(build):
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[:] = (200, 30, 90)
    message = stored(build(picture, HEADER, TYPES))
    assert np.abs(decode(message).astype(int) - picture).max() <= 3


def test_label_info_names_every_label():
    message = stored(encode.label_info(CAMVID, HEADER, TYPES))
    assert [(one.class_id, one.class_name) for one in message.class_map] == list(
        enumerate(CAMVID.segmentation))


def test_detection_info_maps_the_ids_to_names():
    message = stored(encode.detection_info(CAMVID, 'triplenet-drive', HEADER, TYPES))
    assert message.method == 'triplenet-drive'
    assert json.loads(message.database_location) == {
        '0': 'car', '1': 'pedestrian', '2': 'bicyclist'}


def test_same_code_fills_classes_whose_byte_fields_are_arrays():
    # rclpy's classes take keywords only, and start from defaults.
    names = [name for name in MessageTypes.__dataclass_fields__ if name != 'byte_field']
    types = MessageTypes(byte_field=byte_array, **{
        name: type(name, (SimpleNamespace,), {}) for name in names})
    header = types.header(3, 'camera')
    assert encode.detections(prediction(), header, types).detections[1].bbox.size_x == 3.0
    assert encode.mono_image(prediction().label_map, header, types).data == byte_array(
        prediction().label_map)
    fields = {
        name: {field for field, _ in rosbags_typestore().fielddefs[full_name(name)][1]}
        for name in ('Image', 'CompressedImage', 'LabelInfo', 'VisionInfo')}
    picture = np.zeros((2, 2, 3), np.uint8)
    for message in (encode.rgb_image(picture, header, types),
                    encode.compressed_image(picture, header, types),
                    encode.label_info(CAMVID, header, types),
                    encode.detection_info(CAMVID, 'n', header, types)):
        assert set(vars(message)) == fields[type(message).__name__]

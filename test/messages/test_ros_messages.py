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

"""What the node would publish is what a replay writes, byte for byte; needs ROS 2."""

import importlib

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.decode import decode
from triplenet_ros.messages.message_types import ros_types, rosbags_types, rosbags_typestore

pytest.importorskip('vision_msgs.msg', reason='needs ROS 2 with vision_msgs')
PACKAGES = ('builtin_interfaces', 'std_msgs', 'geometry_msgs', 'sensor_msgs', 'vision_msgs')
ROS = ros_types({name: importlib.import_module(f'{name}.msg') for name in PACKAGES})
ROSBAGS = rosbags_types()
PICTURE = np.random.default_rng(0).integers(0, 256, (31, 57, 3), dtype=np.uint8)
FOUND = Prediction(
    boxes=np.array([[1, 2, 30, 30.5], [5, 6, 7, 8]], np.float32),
    scores=np.array([0.9, 0.3], np.float32), class_ids=np.array([0, 2]),
    label_map=PICTURE[..., 0] % 11, confidence=None, classes=CAMVID)


@pytest.mark.parametrize('build', [
    lambda *place: encode.detections(FOUND, *place),
    lambda *place: encode.mono_image(FOUND.label_map, *place),
    lambda *place: encode.rgb_image(PICTURE, *place),
    lambda *place: encode.compressed_image(PICTURE, *place),
    lambda *place: encode.label_info(CAMVID, *place),
    lambda *place: encode.detection_info(CAMVID, 'triplenet-drive', *place),
], ids=['detections', 'mono', 'rgb', 'compressed', 'label_info', 'detection_info'])
def test_both_families_give_the_same_bytes(build):
    from rclpy.serialization import serialize_message
    ours, theirs = (build(types.header(123_456_789_012, 'camera'), types)
                    for types in (ROSBAGS, ROS))
    expected = rosbags_typestore().serialize_cdr(ours, ROSBAGS.name_of(ours))
    assert bytes(serialize_message(theirs)) == bytes(expected)
    assert ROS.name_of(theirs) == ROSBAGS.name_of(ours)


def test_image_of_rclpy_is_viewed_without_a_copy():
    message = encode.rgb_image(PICTURE, ROS.header(0, 'camera'), ROS)
    picture = decode(message)
    np.testing.assert_array_equal(picture, PICTURE)
    message.data[0] ^= 1
    assert picture[0, 0, 0] != PICTURE[0, 0, 0]

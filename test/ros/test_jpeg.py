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

"""Compressed images give what raw ones do, as far as JPEG lets them."""

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from triplenet_ros.messages.message_types import byte_array
from vision_msgs.msg import Detection2DArray

LABELS, DETECTIONS = '/perception_node/label_image', '/perception_node/detections'


@pytest.fixture
def scene(image_message):
    """Return an Image of soft spots of every colour, as JPEG can hold them."""
    message = image_message(5, 96, 160)
    small = np.random.default_rng(3).integers(0, 256, (6, 10, 3), np.uint8)
    message.data = byte_array(cv2.resize(small, (160, 96), interpolation=cv2.INTER_CUBIC))
    return message


@pytest.fixture
def ask(active_node, listener):
    """Return a function that gives labels and detections of one image."""
    def answer(transport, topic, message):
        active_node(image_transport=transport, remap=[f'__ns:=/{transport}', f'image:=/{topic}'])
        heard = [f'/{transport}{name}' for name in (LABELS, DETECTIONS)]
        for name, kind in zip(heard, (Image, Detection2DArray)):
            listener.hear(name, kind)
        full = f'/{topic}' + ('/compressed' if transport == 'compressed' else '')
        listener.connect(full, type(message)).publish(message)
        listener.until(lambda: all(listener.heard[name] for name in heard))
        return [listener.heard[name][0] for name in heard]

    return answer


def boxes_of(array):
    """Return (N, 5) class, centre and size of the boxes of a Detection2DArray."""
    return np.array([[int(one.results[0].hypothesis.class_id), one.bbox.center.position.x,
                      one.bbox.center.position.y, one.bbox.size_x, one.bbox.size_y]
                     for one in array.detections])


def test_jpeg_gives_what_the_raw_image_does(ask, scene, pixels_of):
    jpeg = cv2.imencode('.jpg', pixels_of(scene)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    raw_labels, raw_boxes = ask('raw', 'front', scene)
    labels, boxes = ask('compressed', 'front', CompressedImage(
        header=scene.header, format='rgb8; jpeg compressed bgr8', data=byte_array(jpeg)))
    assert labels.header == boxes.header == scene.header
    assert (pixels_of(labels) == pixels_of(raw_labels)).mean() > 0.99
    found, expected = boxes_of(boxes), boxes_of(raw_boxes)
    assert len(found) == pytest.approx(len(expected), abs=2) and len(expected) > 20
    # The best ones are there with their classes; red and blue swapped move them by 0.2 pixels.
    for box in found[:20]:
        assert np.abs(expected - box).max(axis=1).min() < 0.03

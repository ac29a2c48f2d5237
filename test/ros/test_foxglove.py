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

"""Foxglove's boxes are there where its messages are installed, made for subscribers alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.ros import outputs
from triplenet_ros.ros.message_types import rclpy_types

TOPIC = '~/image_annotations'


class Publisher:
    """Keeps what is published."""

    def __init__(self):
        self.subscribers, self.sent = 0, []
        self.publish = self.sent.append

    def get_subscription_count(self):
        """Return how many want it."""
        return self.subscribers


class Node:
    """Makes publishers; without foxglove_msgs a real one could not make this one."""

    def __init__(self):
        self.publishers = {}

    def create_lifecycle_publisher(self, kind, topic, _qos):
        """Return one, and keep it."""
        self.kind = kind
        self.publishers[topic] = Publisher()
        return self.publishers[topic]


@pytest.fixture
def foxglove(monkeypatch):
    """Install a stand-in of foxglove_msgs."""
    made = SimpleNamespace(ImageAnnotations=type('ImageAnnotations', (), {}))
    monkeypatch.setattr(outputs, 'foxglove_messages', lambda: made)
    monkeypatch.setattr(outputs, 'image_annotations', lambda prediction, width, header, package: (
        len(prediction.boxes), width, header.frame_id, package))
    return made


def topics_of(*tasks):
    """Return the publishers by topic, and the outputs of a camera."""
    node = Node()
    return node.publishers, outputs.Outputs(node, '', tasks, 'tiny')


def publish(made):
    """Publish what was seen in an image of 80x48 pixels."""
    prediction = Prediction(
        boxes=np.array([[1, 2, 3, 4]], np.float32), scores=np.ones(1, np.float32),
        class_ids=np.zeros(1, np.int64), label_map=None, confidence=None, classes=CAMVID)
    header = rclpy_types().header(7, 'front')
    made.publish(np.zeros((48, 80, 3), np.uint8), header, prediction)


def test_topic_is_there_only_where_the_package_is_and_boxes_are_computed(foxglove, monkeypatch):
    assert TOPIC in topics_of('detection', 'segmentation')[0]
    assert TOPIC not in topics_of('segmentation')[0]
    monkeypatch.setattr(outputs, 'foxglove_messages', lambda: None)
    assert TOPIC not in topics_of('detection')[0]


def test_boxes_are_drawn_only_while_someone_subscribes(foxglove):
    publishers, made = topics_of('detection')
    publish(made)
    assert publishers[TOPIC].sent == [] and len(publishers['~/detections'].sent) == 1
    publishers[TOPIC].subscribers = 1
    publish(made)
    assert publishers[TOPIC].sent == [(1, 80, 'front', foxglove)]

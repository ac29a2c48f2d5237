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

"""Foxglove draws each box where it is, in the colour of its class, with its name."""

from dataclasses import dataclass, field, make_dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages.annotations import image_annotations

HEADER = SimpleNamespace(stamp=SimpleNamespace(sec=7, nanosec=8), frame_id='front')


@dataclass
class Point2:
    """As foxglove_msgs has it."""

    x: float = 0.0
    y: float = 0.0


@dataclass
class Color:
    """As foxglove_msgs has it."""

    r: float = 0.0
    g: float = 0.0
    b: float = 0.0
    a: float = 0.0


@dataclass
class PointsAnnotation:
    """As foxglove_msgs has it."""

    LINE_LOOP = 2
    timestamp: object = None
    type: int = 0  # noqa: A003
    points: list = field(default_factory=list)
    outline_color: Color = field(default_factory=Color)
    outline_colors: list = field(default_factory=list)
    fill_color: Color = field(default_factory=Color)
    thickness: float = 0.0


@dataclass
class TextAnnotation:
    """As foxglove_msgs has it."""

    timestamp: object = None
    position: Point2 = field(default_factory=Point2)
    text: str = ''
    font_size: float = 0.0
    text_color: Color = field(default_factory=Color)
    background_color: Color = field(default_factory=Color)


def package(**more):
    """Return a stand-in of foxglove_msgs.msg, whose releases differ in fields of the array."""
    lists = [(name, list, field(default_factory=list)) for name in ('circles', 'points', 'texts')]
    array = make_dataclass('ImageAnnotations', [
        *lists, *((name, object, field(default=value)) for name, value in more.items())])
    return SimpleNamespace(
        ImageAnnotations=array, PointsAnnotation=PointsAnnotation, TextAnnotation=TextAnnotation,
        Point2=Point2, Color=Color)


def prediction(boxes, class_ids):
    """Return what a network could have seen."""
    return Prediction(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.linspace(0.9, 0.5, len(boxes), dtype=np.float32),
        class_ids=np.array(class_ids, np.int64), label_map=None, confidence=None, classes=CAMVID)


def annotations(boxes=((100, 50, 300, 200), (0.5, 1.25, 40, 30)), class_ids=(0, 2), width=960,
                **more):
    """Return the message of some boxes."""
    return image_annotations(prediction(boxes, class_ids), width, HEADER, package(**more))


def test_boxes_are_closed_lines_in_the_colour_of_their_class_best_last():
    weak, best = annotations().points
    assert (best.type, best.timestamp, best.thickness) == (2, HEADER.stamp, 2)
    assert best.points == [Point2(100, 50), Point2(300, 50), Point2(300, 200), Point2(100, 200)]
    assert weak.points[0] == Point2(0.5, 1.25) and weak.points[2] == Point2(40, 30)
    red, green, blue = CAMVID.detection_color(0)
    assert best.outline_color == Color(red / 255, green / 255, blue / 255, 1.0)
    assert best.fill_color.a == 0


def test_each_box_has_its_name_above_it_or_inside_where_there_is_no_room():
    weak, best = annotations().texts
    assert (best.text, best.position, best.font_size) == ('car 0.90', Point2(100, 50), 16)
    assert (weak.text, weak.position) == ('bicyclist 0.50', Point2(0.5, 17.25))
    assert best.timestamp == HEADER.stamp
    assert best.background_color == Color(30 / 255, 60 / 255, 200 / 255, 1.0)
    assert best.text_color != best.background_color


@pytest.mark.parametrize('width', [1, 3840])
def test_lines_and_names_can_be_seen_in_pictures_of_any_size(width):
    drawn = annotations(width=width)
    assert drawn.points[0].thickness == max(1, width / 480)
    assert drawn.texts[0].font_size == max(8, width / 60)


def test_nothing_seen_is_nothing_drawn():
    drawn = annotations((), ())
    assert (drawn.circles, drawn.points, drawn.texts) == ([], [], [])


def test_releases_with_a_stamp_of_the_whole_get_it():
    assert annotations(timestamp=None).timestamp == HEADER.stamp
    assert not hasattr(annotations(), 'timestamp')

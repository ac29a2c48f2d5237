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

"""Prediction -> foxglove_msgs/ImageAnnotations: boxes that Foxglove draws over the image."""

from types import ModuleType
from typing import Any

from triplenet_ros.drawing.overlay import text_color
from triplenet_ros.inference.prediction import Prediction

# Of the image's width, so that a box looks the same in a picture of any size.
_LINE, _TEXT = 1 / 480, 1 / 60


def image_annotations(prediction: Prediction, width: int, header: Any,
                      package: ModuleType) -> Any:
    """
    Return ImageAnnotations: a closed line in the colour of its class for each box, and a name.

    They have no header; each carries the stamp of the image, by which Foxglove finds it.

    :param width: of the image, pixels
    :param header: of the image message
    :param package: ``foxglove_msgs.msg``
    """
    message = package.ImageAnnotations()
    if hasattr(message, 'timestamp'):  # in some releases
        message.timestamp = header.stamp
    # Best last, so that no weaker box covers it.
    for index in reversed(range(len(prediction.boxes))):
        color = prediction.classes.detection_color(int(prediction.class_ids[index]))
        box = prediction.boxes[index].tolist()
        message.points.append(_outline(box, color, width, header, package))
        message.texts.append(_name(_words(prediction, index), box, color, width, header, package))
    return message


def _words(prediction: Prediction, index: int) -> str:
    name = prediction.detection_classes[int(prediction.class_ids[index])]
    return f'{name} {prediction.scores[index]:.2f}'


def _outline(box: list, color: tuple, width: int, header: Any, package: ModuleType) -> Any:
    left, top, right, bottom = box
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return package.PointsAnnotation(
        timestamp=header.stamp, type=package.PointsAnnotation.LINE_LOOP,
        points=[package.Point2(x=x, y=y) for x, y in corners],
        outline_color=_color(color, package), thickness=max(1.0, _LINE * width))


def _name(text: str, box: list, color: tuple, width: int, header: Any,
          package: ModuleType) -> Any:
    left, top = box[:2]
    size = max(8.0, _TEXT * width)
    # Where there is no room above the box, the name is inside.
    bottom = top if top >= size else top + size
    return package.TextAnnotation(
        timestamp=header.stamp, position=package.Point2(x=left, y=bottom), text=text,
        font_size=size, text_color=_color(text_color(color), package),
        background_color=_color(color, package))


def _color(rgb: tuple, package: ModuleType) -> Any:
    red, green, blue = (value / 255 for value in rgb)
    return package.Color(r=red, g=green, b=blue, a=1.0)

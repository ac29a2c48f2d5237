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

"""What the network saw, drawn over the image."""

from typing import Optional

import cv2
import numpy as np

from triplenet_ros.classes import ClassSet, UNLABELLED
from triplenet_ros.inference.prediction import Prediction

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_READABLE_WIDTH = 960
_DARK, _LIGHT = (20, 20, 20), (255, 255, 255)


def draw_overlay(image: np.ndarray, prediction: Prediction, opacity: float = 0.5) -> np.ndarray:
    """
    Return the image with its labels tinted and its boxes named.

    :param image: (H, W, 3) uint8 RGB, unchanged
    :param prediction: of this image; where it has no label map only boxes are drawn
    :param opacity: of the labels' colours, 0..1; unlabelled pixels stay as they are
    :returns: (H, W, 3) uint8 RGB, a new array
    """
    picture = tinted(image, prediction.label_map, prediction.classes, opacity)
    # Best last, so that no weaker box covers it.
    for index in reversed(range(len(prediction.boxes))):
        class_id = int(prediction.class_ids[index])
        draw_box(picture, prediction.boxes[index], prediction.classes.detection_color(class_id),
                 f'{prediction.detection_classes[class_id]} {prediction.scores[index]:.2f}')
    return picture


def color_labels(label_map: np.ndarray, classes: ClassSet) -> np.ndarray:
    """
    Return a label map in its palette, to look at: as grey values ids are nearly black.

    :param label_map: (H, W) uint8, indices of ``classes.segmentation``
    :returns: (H, W, 3) uint8 RGB; unlabelled pixels are black
    """
    # A look-up in OpenCV is several times faster than indexing with the labels.
    return cv2.LUT(cv2.merge([label_map] * 3), label_colors(classes)[None])


def label_colors(classes: ClassSet) -> np.ndarray:
    """Return (256, 3) uint8 RGB, the colour of every label; those without a class are black."""
    colors = np.zeros((256, 3), np.uint8)
    colors[:len(classes.palette)] = classes.palette
    return colors


def text_scale(width: int) -> float:
    """Return the scale at which text is legible in an image of this width, in pixels."""
    return max(0.4, 0.58 * (width / _READABLE_WIDTH) ** 0.75)


def text_color(background: tuple) -> tuple:
    """Return the RGB colour, dark or light, that can be read on an RGB colour."""
    red, green, blue = background
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else _LIGHT


def draw_tag(picture: np.ndarray, text: str, left: int, bottom: int, color: tuple,
             scale: float) -> None:
    """
    Draw text on a filled plate, moved into the picture where it would stick out.

    :param picture: (H, W, 3) uint8 RGB, drawn into
    :param left: of the plate, pixels
    :param bottom: of the plate, pixels
    :param color: RGB of the plate
    """
    thickness = _thickness(scale)
    (width, height), baseline = cv2.getTextSize(text, _FONT, scale, thickness)
    margin = max(2, round(6 * scale))
    box_width, box_height = width + 2 * margin, height + baseline + 2 * margin
    left = int(np.clip(left, 0, max(picture.shape[1] - box_width, 0)))
    top = int(np.clip(bottom - box_height, 0, max(picture.shape[0] - box_height, 0)))
    cv2.rectangle(picture, (left, top), (left + box_width - 1, top + box_height - 1), color,
                  cv2.FILLED)
    cv2.putText(picture, text, (left + margin, top + height + margin), _FONT, scale,
                text_color(color), thickness, cv2.LINE_AA)


def _thickness(scale: float) -> int:
    return max(1, round(1.6 * scale))


def tinted(image: np.ndarray, labels: Optional[np.ndarray], classes: ClassSet,
           opacity: float = 0.5) -> np.ndarray:
    """
    Return the image with its labels in their colours over it.

    :param image: (H, W, 3) uint8 RGB, unchanged
    :param labels: (H, W) uint8, or None; unlabelled pixels stay as they are
    :returns: (H, W, 3) uint8 RGB, a new array
    """
    if labels is None:
        return np.array(image)
    tint = color_labels(labels, classes)
    image = np.ascontiguousarray(image)
    mixed = cv2.addWeighted(image, 1 - opacity, tint, opacity, 0)
    unlabelled = (labels == UNLABELLED).view(np.uint8)
    return cv2.copyTo(image, unlabelled, mixed)


def draw_box(picture: np.ndarray, box: np.ndarray, color: tuple, text: str) -> None:
    """
    Draw a box with a name on it.

    :param picture: (H, W, 3) uint8 RGB, drawn into
    :param box: (4,) x1 y1 x2 y2, pixels
    :param color: RGB
    """
    scale = text_scale(picture.shape[1])
    line = max(2, round(3.4 * scale))
    left, top, right, bottom = (int(round(value)) for value in box.tolist())
    # A light rim keeps a box visible on pixels of its own class's colour.
    cv2.rectangle(picture, (left, top), (right, bottom), _LIGHT, line + 2, cv2.LINE_AA)
    cv2.rectangle(picture, (left, top), (right, bottom), color, line, cv2.LINE_AA)
    draw_tag(picture, text, left - line // 2, top, color, scale)

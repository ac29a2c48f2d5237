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

"""What an image says of the points it shows."""

from dataclasses import dataclass

import numpy as np

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.cloud.lens import Lens
from triplenet_ros.drawing.overlay import label_colors
from triplenet_ros.inference.prediction import Prediction

NO_BOX = -1
# Seen on a black background and on a white one.
NO_COLOR = (110, 110, 110)


@dataclass(frozen=True)
class Paint:
    """
    What is known of each point of a cloud.

    :param labels: (N,) uint8, index into ``segmentation_classes``, 255 = unlabelled
    :param boxes: (N,) int32, index into the boxes of the prediction, -1 = in none
    :param colors: (N,) uint32, 0x00RRGGBB: of the label; without one, of the box; else grey
    """

    labels: np.ndarray
    boxes: np.ndarray
    colors: np.ndarray


def paint(points: np.ndarray, lens: Lens, prediction: Prediction) -> Paint:
    """
    Return what the image says of points; of those outside of it, nothing.

    :param points: (N, 3) float64, metres, camera frame; NaN is outside the image
    :param lens: of the camera
    :param prediction: of an image of the size of the lens
    """
    labels = np.full(len(points), UNLABELLED, np.uint8)
    boxes = np.full(len(points), NO_BOX, np.int32)
    # From the middle of the first pixel to its edge, from where labels and boxes count.
    x, y = lens.project(points).T + 0.5
    with np.errstate(invalid='ignore'):
        shown = np.flatnonzero((x >= 0) & (y >= 0) & (x < lens.width) & (y < lens.height))
    column, row = x[shown].astype(np.intp), y[shown].astype(np.intp)
    if prediction.label_map is not None:
        labels[shown] = prediction.label_map[row, column]
    if len(prediction.boxes):
        boxes[shown] = _box_map(prediction.boxes, lens.width, lens.height)[row, column]
    return Paint(labels, boxes, _colors(labels, boxes, prediction))


def _box_map(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return (H, W) int16, the best box that the middle of each pixel lies in."""
    # Of pixels, not of points: a box is one call to numpy then, not ten, and between two calls
    # the thread that waits for the network may have to wait for this one.
    found = np.full((height, width), NO_BOX, np.int16)
    # Best last, so that no weaker box takes its pixels.
    edges = np.ceil(boxes - 0.5).astype(int).tolist()
    for index in reversed(range(len(edges))):
        left, top, right, bottom = edges[index]
        found[top:bottom, left:right] = index
    return found


def _colors(labels: np.ndarray, boxes: np.ndarray, prediction: Prediction) -> np.ndarray:
    classes = prediction.classes
    table = label_colors(classes)
    table[len(classes.palette):] = NO_COLOR
    colors = _packed(table)[labels]
    bare = np.flatnonzero((labels == UNLABELLED) & (boxes != NO_BOX))
    if len(bare):
        of_boxes = [classes.detection_color(index) for index in prediction.class_ids.tolist()]
        colors[bare] = _packed(np.array(of_boxes, np.uint8))[boxes[bare]]
    return colors


def _packed(colors: np.ndarray) -> np.ndarray:
    """Return (N,) uint32 0x00RRGGBB of (N, 3) uint8 RGB."""
    red, green, blue = colors.T.astype(np.uint32)
    return red << 16 | green << 8 | blue

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

"""Exact boxes and labels, read from what was painted."""

from typing import Optional, Sequence, Tuple

import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.scenes.canvas import Canvas

LEAST_VISIBLE = 0.25
"""An object of which less can be seen has labels but no box."""
LEAST_SIDE = 3
"""An object narrower or lower than this many pixels has labels but no box."""
_FIRST_OBJECT = 1000


def read_truth(canvas: Canvas, classes: ClassSet) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Return boxes, class ids and labels of a finished canvas.

    A box is the extent of an object's visible pixels. Visible is the share of its pixels inside
    the picture that nothing nearer covers, times the share of its outline inside the picture.

    :return: (N, 4) float32 x1 y1 x2 y2, (N,) int64, and (H, W) uint8
    """
    meaning = np.arange(_FIRST_OBJECT + len(canvas.instances)).astype(np.uint8)
    meaning[_FIRST_OBJECT:] = [instance.label for instance in canvas.instances]
    boxes, class_ids = [], []
    for index, instance in enumerate(canvas.instances):
        box, seen = _extent(canvas, index)
        if box is None or min(box[2] - box[0], box[3] - box[1]) < LEAST_SIDE:
            continue
        if seen / max(instance.painted, 1) * _inside(canvas, instance.outline) < LEAST_VISIBLE:
            continue
        boxes.append(box)
        class_ids.append(classes.detection.index(classes.segmentation[instance.label]))
    return (np.array(boxes, np.float32).reshape(-1, 4), np.array(class_ids, np.int64),
            meaning[canvas.marks])


def _extent(canvas: Canvas, index: int) -> Tuple[Optional[Tuple[int, int, int, int]], int]:
    """Return the (4,) box of an object's visible pixels, or None, and how many there are."""
    x1, y1, x2, y2 = canvas.inside(canvas.instances[index].outline)
    if x1 >= x2 or y1 >= y2:
        return None, 0
    own = canvas.marks[y1:y2, x1:x2] == _FIRST_OBJECT + index
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    if not len(rows):
        return None, 0
    box = (x1 + int(columns[0]), y1 + int(rows[0]), x1 + int(columns[-1]) + 1,
           y1 + int(rows[-1]) + 1)
    return box, int(np.count_nonzero(own))


def _inside(canvas: Canvas, sides: Sequence[float]) -> float:
    """Return the share of an object's outline that lies inside the picture."""
    outline = np.array(sides)
    whole = np.prod(np.maximum(outline[2:] - outline[:2], 1e-6))
    limits = np.array([canvas.camera.width, canvas.camera.height])
    low, high = np.clip(outline[:2], 0, limits), np.clip(outline[2:], 0, limits)
    return float(np.prod(high - low) / whole)

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

"""Which boxes of an image find a truth, as COCO defines it: by overlap and size of the objects."""

from dataclasses import dataclass

import numpy as np

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""(10,) least overlaps, inclusive."""

AREAS = ((0, 1e5 ** 2), (0, 32 ** 2), (32 ** 2, 96 ** 2), (96 ** 2, 1e5 ** 2))
"""All objects, small, medium and large ones: the square pixels that they have, inclusive."""

_AREAS = np.array(AREAS, float)


@dataclass(frozen=True)
class CocoTruths:
    """
    What there is to find in an image.

    :param boxes: (M, 4) float64 x y width height
    :param class_ids: (M,) int64
    :param areas: (M,) square pixels, of the mask where it is known
    :param crowd: (M,) bool, truths that any number of boxes may lie on and count neither way
    """

    boxes: np.ndarray
    class_ids: np.ndarray
    areas: np.ndarray
    crowd: np.ndarray

    def counted(self) -> np.ndarray:
        """Return (4, M) bool, which count for each of AREAS."""
        return ~self.crowd & _inside(self.areas)


def match_boxes(boxes: np.ndarray, class_ids: np.ndarray,
                truths: CocoTruths) -> tuple[np.ndarray, np.ndarray]:
    """
    Give each box the free truth of its class that it overlaps most, the best box first.

    A truth that does not count for an area is taken only where none that counts is left, and the
    box counts neither way there, as does one of another size that finds nothing.

    :param boxes: (N, 4) float64 x y width height, the best first
    :param class_ids: (N,) int64
    :param truths: of the same image
    :returns: (N, 4, 10) bool: whether the box finds a truth, and whether it counts neither way,
        for each of AREAS and IOU_THRESHOLDS
    """
    shape = (len(boxes), len(AREAS), len(IOU_THRESHOLDS))
    found = np.zeros(shape, bool)
    neither = np.repeat(~_inside(boxes[:, 2] * boxes[:, 3]).T[..., None], shape[2], axis=2)
    overlap = np.where(class_ids[:, None] == truths.class_ids,
                       _overlaps(boxes, truths.boxes, truths.crowd), 0.0)
    counted = truths.counted()
    free = np.ones((*shape[1:], len(truths.boxes)), bool)
    for box in np.flatnonzero((overlap >= IOU_THRESHOLDS[0]).any(axis=1)):
        near = np.flatnonzero(overlap[box] >= IOU_THRESHOLDS[0])
        partner, counts = _partners(overlap[box, near], counted[:, near], free[..., near])
        has = partner >= 0
        found[box] = has
        neither[box] = np.where(has, ~counts, neither[box])
        area, threshold = np.nonzero(has & ~truths.crowd[near][partner])
        free[area, threshold, near[partner[area, threshold]]] = False
    return found, neither


def _partners(overlap: np.ndarray, counted: np.ndarray,
              free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Choose a truth for one box; of equal overlaps the last one.

    :param overlap: (M,) of the box with some truths
    :param counted: (4, M) bool, which truths count
    :param free: (4, 10, M) bool, which are still to be had
    :returns: (4, 10) index of the truth, -1 for none; (4, 10) bool, whether it is one that counts
    """
    free = free & (overlap >= IOU_THRESHOLDS[:, None])
    first = free & counted[:, None]
    counts = first.any(axis=2)
    candidates = np.where(counts[..., None], first, free)
    last = np.where(candidates, overlap, -1.0)[..., ::-1].argmax(axis=2)
    return np.where(candidates.any(axis=2), len(overlap) - 1 - last, -1), counts


def _overlaps(boxes: np.ndarray, truths: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Return the (N, M) IoU; for a crowd the share of the box that lies on it."""
    ends, true_ends = boxes[:, None, :2] + boxes[:, None, 2:], truths[:, :2] + truths[:, 2:]
    sides = np.minimum(ends, true_ends) - np.maximum(boxes[:, None, :2], truths[:, :2])
    shared = np.prod(np.maximum(sides, 0.0), axis=2)
    own, true = np.prod(boxes[:, None, 2:], axis=2), np.prod(truths[:, 2:], axis=1)
    whole = np.where(crowd, own, own + true - shared)
    return np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)


def _inside(areas: np.ndarray) -> np.ndarray:
    """Return (4, N) bool, for which of AREAS each counts."""
    return (areas >= _AREAS[:, :1]) & (areas <= _AREAS[:, 1:])

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

"""Masks of single objects, as COCO writes them, merged into one label map."""

import reprlib
from typing import Any, Sequence

import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.missing import needs_extra

POLYGON_NUMBERS = 6
"""A polygon has at least three points; shorter ones cover no pixel."""


def merge_masks(masks: Sequence[np.ndarray], labels: Sequence[int], height: int,
                width: int) -> np.ndarray:
    """
    Merge objects into a label map: the smaller object wins where two overlap.

    What is smaller is mostly in front, or part of what is larger: a tie on a person, a cup on a
    table.

    :param masks: (H, W) uint8 each, 1 inside the object
    :param labels: of each object; 255 hides what is there
    :param height: of the image
    :param width: of the image
    :returns: (H, W) uint8, 0 where no object is
    """
    label_map = np.zeros((height, width), np.uint8)
    for index in sorted(range(len(masks)), key=lambda index: -int(masks[index].sum())):
        label_map[masks[index] > 0] = labels[index]
    return label_map


def decode_segmentation(segmentation: Any, height: int, width: int) -> np.ndarray:
    """
    Turn polygons or run lengths, compressed or not, into pixels by COCO's own rules.

    :param segmentation: of an annotation: a list of polygons, or ``{size, counts}``
    :param height: of the image
    :param width: of the image
    :returns: (H, W) uint8, 1 inside the object
    :raises InputError: if it is neither, damaged, or of another size than the image
    """
    if isinstance(segmentation, dict):
        return _from_run_lengths(segmentation, height, width)
    if not isinstance(segmentation, list):
        raise InputError(_NEITHER)
    polygons = [_polygon(points, height, width) for points in segmentation]
    used = [points for points in polygons if len(points) >= POLYGON_NUMBERS]
    if not used:
        return np.zeros((height, width), np.uint8)
    library = mask_library()
    return library.decode(library.merge(library.frPyObjects(used, height, width)))


_NEITHER = 'segmentation that is neither polygons nor run lengths'


def _polygon(points: Any, height: int, width: int) -> list[float]:
    """Return x, y, x, y, ...; the library would follow an edge to anywhere, step by step."""
    try:
        numbers = np.array(points, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(_NEITHER) from None
    if numbers.ndim != 1:
        raise InputError(_NEITHER)
    farthest = _FARTHEST * max(height, width)
    wrong = numbers[~(np.abs(numbers) <= farthest)]
    if wrong.size:
        raise InputError(f'segmentation with the value {wrong[0]:g}, far outside its image')
    return numbers.tolist()


_FARTHEST = 10
"""Longer sides of the image that a polygon may reach beyond it."""


def _from_run_lengths(segmentation: dict, height: int, width: int) -> np.ndarray:
    """Return the pixels of ``{size, counts}``, column by column: outside, inside, outside, ..."""
    if segmentation.get('size') != [height, width]:
        raise InputError(f'segmentation of height and width '
                         f'{reprlib.repr(segmentation.get("size"))}, those of its image are '
                         f'{[height, width]}')
    counts = segmentation.get('counts')
    runs = _unpacked(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(type(run) is int and run >= 0 for run in runs):
        raise InputError(_NEITHER)
    if sum(runs) != height * width:
        raise InputError(f'{_NEITHER}: its runs have {sum(runs)} pixels, its image has '
                         f'{height * width}')
    inside = np.arange(len(runs)) % 2
    return np.repeat(inside.astype(np.uint8), runs).reshape(width, height).T


def _unpacked(text: str) -> list[int]:
    """
    Return the counts of COCO's compressed text.

    Each letter holds five bits, the lowest first, and whether more follow; from the fourth count
    on it is the difference to the last but one.
    """
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise InputError(_NEITHER)
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            if bits & 16:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs


def box_mask(box: Sequence[float], height: int, width: int) -> np.ndarray:
    """
    Return the pixels that a box touches.

    :param box: x1 y1 x2 y2
    :param height: of the image
    :param width: of the image
    :returns: (H, W) uint8, 1 inside
    """
    mask = np.zeros((height, width), np.uint8)
    x1, y1, x2, y2 = box
    mask[int(y1):int(np.ceil(y2)), int(x1):int(np.ceil(x2))] = 1
    return mask


def mask_library() -> Any:
    """
    Return faster-coco-eval's masks.

    :raises InputError: if it is not installed
    """
    with needs_extra('a mask of COCO', 'train'):
        from faster_coco_eval import mask
        return mask

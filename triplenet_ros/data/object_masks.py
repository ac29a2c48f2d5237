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
    if isinstance(segmentation, dict) and segmentation.get('size') != [height, width]:
        raise InputError(f'segmentation of height and width {segmentation.get("size")}, '
                         f'those of its image are {[height, width]}')
    library = mask_library()
    try:
        return library.decode(_run_lengths(library, segmentation, height, width))
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise InputError('segmentation that is neither polygons nor run lengths') from error


def _run_lengths(library: Any, segmentation: Any, height: int, width: int) -> Any:
    if isinstance(segmentation, dict):
        compressed = not isinstance(segmentation['counts'], list)
        return segmentation if compressed else library.frPyObjects(segmentation, height, width)
    if not isinstance(segmentation, list):
        raise TypeError(f'segmentation is {type(segmentation).__name__}')
    polygons = [polygon for polygon in segmentation if len(polygon) >= POLYGON_NUMBERS]
    return library.merge(library.frPyObjects(polygons or [[0] * POLYGON_NUMBERS], height, width))


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

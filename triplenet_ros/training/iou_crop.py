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

"""SSD's crop around an object."""

from typing import Any, Optional

import numpy as np
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

SMALLEST_SIDE = 0.3
"""Of a crop, in sides of the image."""

ASPECT_RATIOS = (0.5, 2.0)
OVERLAPS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, None)
"""Least IoU that a crop must have with one of its objects; None is the whole image."""

TRIALS = 50


class RandomIoUCrop:
    """
    Crops image, boxes and labels of an example so that an object stays; see v2.RandomIoUCrop.

    The same crops, but all trials are made at once: one by one they take longer than everything
    else that happens to an image. Boxes whose centre is outside become empty.
    """

    def __call__(self, parts: dict[str, Any]) -> dict[str, Any]:
        """Change all parts; ``boxes`` must be there, and not empty."""
        height, width = parts['image'].shape[-2:]
        boxes = parts['boxes'].as_subclass(torch.Tensor).numpy()
        crop = random_crop(boxes, height, width)
        if crop is None:
            return parts
        left, top, right, bottom = crop.tolist()
        parts = {name: v2.functional.crop(part, top, left, bottom - top, right - left)
                 for name, part in parts.items()}
        inside = torch.from_numpy(_centres_inside(boxes, crop[None])[0])
        kept = parts['boxes'].as_subclass(torch.Tensor) * inside[:, None]
        return {**parts, 'boxes': tv_tensors.wrap(kept, like=parts['boxes'])}


def random_crop(boxes: np.ndarray, height: int, width: int) -> Optional[np.ndarray]:
    """
    Draw a crop by torch's random numbers.

    :param boxes: (N, 4) x1 y1 x2 y2, at least one
    :param height: of the image
    :param width: of the image
    :return: (4,) int64 x1 y1 x2 y2, None: the whole image
    """
    while True:
        overlap = OVERLAPS[int(torch.randint(len(OVERLAPS), ()))]
        if overlap is None:
            return None
        crops = _trials(height, width)
        inside = _centres_inside(boxes, crops)
        good = (np.where(inside, _iou(boxes, crops), -1.0) >= overlap).any(axis=1)
        if good.any():
            return crops[good.argmax()]


def _trials(height: int, width: int) -> np.ndarray:
    """Draw (M, 4) crops of allowed sizes and shapes, M up to TRIALS."""
    draws = torch.rand(TRIALS, 4).numpy()
    size = np.array([width, height])
    sides = ((SMALLEST_SIDE + (1 - SMALLEST_SIDE) * draws[:, :2]) * size).astype(np.int64)
    first = ((size - sides) * draws[:, 2:]).astype(np.int64)
    ratio = sides[:, 0] / np.maximum(sides[:, 1], 1)
    allowed = ((ratio >= ASPECT_RATIOS[0]) & (ratio <= ASPECT_RATIOS[1])
               & (sides > 0).all(axis=1))
    return np.concatenate([first, first + sides], axis=1)[allowed]


def _centres_inside(boxes: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """(M, N) bool: whether the centre of each box lies in each crop."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((centres > crops[:, None, :2]) & (centres < crops[:, None, 2:])).all(axis=2)


def _iou(boxes: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """(M, N) IoU of crops (M, 4) and boxes (N, 4)."""
    sides = (np.minimum(boxes[:, 2:], crops[:, None, 2:])
             - np.maximum(boxes[:, :2], crops[:, None, :2])).clip(min=0)
    intersection = sides.prod(axis=2)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    crop_areas = (crops[:, 2:] - crops[:, :2]).prod(axis=1)
    return intersection / (areas + crop_areas[:, None] - intersection)

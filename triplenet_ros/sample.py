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

"""One image with its truth, as every data set gives it."""

from dataclasses import dataclass
from typing import Optional

import numpy as np


@dataclass(frozen=True)
class Sample:
    """
    One image with its truth, in pixels of that image.

    Boxes and labels are each optional: ``None`` means that nobody looked, an empty array that
    somebody looked and there is nothing. Only what is there is learned from and scored.

    :param name: unique within its data set; names the image in messages and errors
    :param image: (H, W, 3) uint8 RGB
    :param boxes: (N, 4) float32 x1 y1 x2 y2 with 0 <= x1 < x2 <= W, or None
    :param class_ids: (N,) int64, index into the data set's detection classes, or None
    :param difficult: (N,) bool, boxes that count neither as found nor as missed, or None
    :param areas: (N,) float32, pixels of each object's mask, by which COCO tells small from large;
        None: the boxes' areas
    :param distances: (N,) float32, metres from the camera to each object, nan = unknown, or None
    :param label_map: (H, W) uint8, index into the segmentation classes, 255 = unlabelled, or None
    """

    name: str
    image: np.ndarray
    boxes: Optional[np.ndarray] = None
    class_ids: Optional[np.ndarray] = None
    difficult: Optional[np.ndarray] = None
    areas: Optional[np.ndarray] = None
    label_map: Optional[np.ndarray] = None
    distances: Optional[np.ndarray] = None

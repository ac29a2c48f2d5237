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

"""What the network saw in one image: the one type that leaves the inference ring."""

from dataclasses import dataclass, field
from typing import Mapping, Optional

import numpy as np

from triplenet_ros.classes import ClassSet


@dataclass(frozen=True)
class Prediction:
    """
    Boxes and labels of one image, in pixels of that image.

    :param boxes: (N, 4) float32 x1 y1 x2 y2 inside the image, best score first
    :param scores: (N,) float32 in [0, 1], falling
    :param class_ids: (N,) int64, index into ``detection_classes``
    :param label_map: (H, W) uint8, index into ``segmentation_classes``, 255 = unlabelled; None
        where segmentation was not asked for
    :param confidence: (H, W) uint8, softmax of the winning class, 255 = certain; None where it
        was not asked for
    :param classes: names and colours of the ids above
    :param timings: seconds of each stage: preprocess, forward, postprocess
    """

    boxes: np.ndarray
    scores: np.ndarray
    class_ids: np.ndarray
    label_map: Optional[np.ndarray]
    confidence: Optional[np.ndarray]
    classes: ClassSet
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def detection_classes(self) -> tuple[str, ...]:
        """Names of the boxes' classes."""
        return self.classes.detection

    @property
    def segmentation_classes(self) -> tuple[str, ...]:
        """Names of the labels."""
        return self.classes.segmentation

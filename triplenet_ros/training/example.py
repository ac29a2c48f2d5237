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

"""A sample as torchvision's transforms take it."""

from dataclasses import dataclass
from typing import Optional, Sequence

import torch
from torch import Tensor
from torchvision import tv_tensors

from triplenet_ros.sample import Sample

IGNORED = -2
"""Class id of a box that is not learned and that is no background either."""


@dataclass(frozen=True)
class Example:
    """
    One image with its truth as tensors, in pixels of that image.

    :param name: of the image
    :param image: (3, H, W) uint8 RGB
    :param boxes: (T, 4) float32 x1 y1 x2 y2; None where nobody looked for boxes
    :param class_ids: (T,) int64, or IGNORED; None where ``boxes`` is
    :param labels: (H, W) uint8, 255 = unlabelled; None where nobody labelled
    :param unknown_classes: those whose boxes nobody looked for in this image
    """

    name: str
    image: tv_tensors.Image
    boxes: Optional[tv_tensors.BoundingBoxes]
    class_ids: Optional[Tensor]
    labels: Optional[tv_tensors.Mask]
    unknown_classes: tuple[int, ...] = ()


def to_example(sample: Sample, class_of: Sequence[int], label_of: Tensor,
               unknown_classes: tuple[int, ...] = ()) -> Example:
    """
    Turn a sample into tensors, in the network's classes; difficult boxes are IGNORED.

    :param sample: what the data set gave
    :param class_of: the network's class id of each of the data set's, -1 = not one of its
    :param label_of: (256,) uint8, the network's label of each of the data set's
    :param unknown_classes: of the network, those that the data set has no boxes of
    """
    image = tv_tensors.Image(torch.from_numpy(sample.image).permute(2, 0, 1).contiguous())
    boxes = class_ids = labels = None
    if sample.boxes is not None:
        class_ids = torch.tensor(class_of, dtype=torch.int64)[torch.from_numpy(sample.class_ids)]
        keep = class_ids >= 0
        if sample.difficult is not None:
            class_ids = class_ids.masked_fill(torch.from_numpy(sample.difficult), IGNORED)
        class_ids = class_ids[keep]
        boxes = tv_tensors.BoundingBoxes(
            torch.from_numpy(sample.boxes).reshape(-1, 4)[keep], format='XYXY',
            canvas_size=sample.image.shape[:2])
    if sample.label_map is not None:
        labels = tv_tensors.Mask(label_of[torch.from_numpy(sample.label_map).long()])
    return Example(sample.name, image, boxes, class_ids, labels, unknown_classes)

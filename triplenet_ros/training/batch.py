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

"""Samples of one training step, stacked into tensors."""

from dataclasses import dataclass, field, fields
from typing import Callable, Sequence

import torch
from torch import Tensor

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.training.example import Example


@dataclass(frozen=True)
class Batch:
    """
    N images of one size with their truth, padded to the largest number of boxes T.

    :param images: (N, 3, H, W) uint8 RGB
    :param boxes: (N, T, 4) float32 x1 y1 x2 y2 in pixels, padding undefined
    :param class_ids: (N, T) int64 index into the detection classes, -1 = padding, IGNORED
    :param has_boxes: (N,) bool, whether the boxes of the image are known
    :param labels: (N, H, W) int64, 255 = unlabelled; all 255 where the labels are not known
    :param names: of the images, for messages
    :param unknown: (U, 2) int64, image and class: the boxes of that class were not looked for
    """

    images: Tensor
    boxes: Tensor
    class_ids: Tensor
    has_boxes: Tensor
    labels: Tensor
    names: tuple[str, ...]
    unknown: Tensor = field(default_factory=lambda: torch.zeros(0, 2, dtype=torch.int64))

    def to(self, device: torch.device, non_blocking: bool = False) -> 'Batch':
        """Move every tensor to a device; lightning calls this."""
        return self._map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> 'Batch':
        """Pin every tensor; the data loader calls this."""
        return self._map(Tensor.pin_memory)

    def _map(self, change: Callable[[Tensor], Tensor]) -> 'Batch':
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return Batch(**{name: change(value) if isinstance(value, Tensor) else value
                        for name, value in values.items()})


def collate(examples: Sequence[Example]) -> Batch:
    """Stack examples of one size."""
    height, width = examples[0].image.shape[-2:]
    most = max((len(example.boxes) for example in examples if example.boxes is not None),
               default=0)
    boxes = torch.zeros(len(examples), most, 4)
    class_ids = torch.full((len(examples), most), -1, dtype=torch.int64)
    labels = torch.full((len(examples), height, width), UNLABELLED, dtype=torch.int64)
    for index, example in enumerate(examples):
        if example.boxes is not None:
            boxes[index, :len(example.boxes)] = example.boxes
            class_ids[index, :len(example.boxes)] = example.class_ids
        if example.labels is not None:
            labels[index] = example.labels
    return Batch(
        images=torch.stack([example.image.as_subclass(Tensor) for example in examples]),
        boxes=boxes, class_ids=class_ids,
        has_boxes=torch.tensor([example.boxes is not None for example in examples]),
        labels=labels, names=tuple(example.name for example in examples),
        unknown=torch.tensor([(index, class_id) for index, example in enumerate(examples)
                              for class_id in example.unknown_classes],
                             dtype=torch.int64).reshape(-1, 2))

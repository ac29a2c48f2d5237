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

"""Several boxes of one object, made one."""

import torch
from torch import Tensor
from torchvision.ops import box_iou

LEAST_SCORE = 0.01
"""Of the boxes that are merged, whatever score is asked of those that are kept."""


def merge(kept: Tensor, class_ids: Tensor, boxes: Tensor, scores: Tensor,
          overlap: float) -> Tensor:
    """
    Move every kept box to the mean of the boxes of its class that overlap it, weighed by score.

    Each of them is placed with an error of its own (box voting, Gidaris and Komodakis, ICCV 2015).

    :param kept: (N, D, 4) x1 y1 x2 y2
    :param class_ids: (N, D) int64
    :param boxes: (N, classes, K, 4), the kept ones among them
    :param scores: (N, classes, K)
    :param overlap: IoU with the kept box from which on a box is merged
    :return: (N, D, 4)
    """
    rows = torch.arange(len(kept), device=kept.device)[:, None]
    near = boxes[rows, class_ids].flatten(0, 1)  # (N * D, K, 4)
    weights = scores[rows, class_ids].flatten(0, 1)
    iou = torch.vmap(box_iou)(kept.reshape(-1, 1, 4), near).squeeze(1)
    weights = weights.masked_fill(~((iou >= overlap) & (weights >= LEAST_SCORE)), 0)
    total = weights.sum(dim=1, keepdim=True)
    # No matrix product: whoever lets torch shorten its numbers would move boxes by a pixel.
    mean = (weights[..., None] * near).sum(dim=1) / total
    # A box without area overlaps nothing, not even itself.
    return torch.where(total > 0, mean, kept.flatten(0, 1)).reshape(kept.shape)

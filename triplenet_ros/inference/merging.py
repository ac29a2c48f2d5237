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


def merge(places: Tensor, class_ids: Tensor, boxes: Tensor, scores: Tensor, kept: Tensor,
          suppression: float, overlap: float) -> Tensor:
    """
    Move every box to the mean of itself and of those that it suppressed, weighed by score.

    Each of them is placed with an error of its own (box voting, Gidaris and Komodakis, ICCV 2015).
    Whatever the thresholds are, no kept box moves another one. Two that are moved towards each
    other may then overlap by more than suppression allows.

    :param places: (N, D) int64, where in K each box to move is
    :param class_ids: (N, D) int64, where in classes
    :param boxes: (N, classes, K, 4) x1 y1 x2 y2
    :param scores: (N, classes, K)
    :param kept: (N, classes, K) bool: no box suppresses them
    :param suppression: IoU above which the others were suppressed, or would have been if they had
        had the score for it
    :param overlap: IoU with the box to move from which on they count, if that is more
    :return: (N, D, 4)
    """
    rows = torch.arange(len(places), device=places.device)[:, None]
    moved = boxes[rows, class_ids, places].flatten(0, 1)  # (N * D, 4)
    near, weights, others = (values[rows, class_ids].flatten(0, 1)
                             for values in (boxes, scores, kept))  # (N * D, K, ...)
    iou = torch.vmap(box_iou)(moved[:, None], near).squeeze(1)
    itself = torch.arange(boxes.shape[2], device=places.device) == places.reshape(-1, 1)
    counts = itself | (~others & (iou > suppression))
    weights = weights.masked_fill(~(counts & (iou >= overlap) & (weights >= LEAST_SCORE)), 0)
    total = weights.sum(dim=1, keepdim=True)
    # No matrix product: whoever lets torch shorten its numbers would move boxes by a pixel.
    mean = (weights[..., None] * near).sum(dim=1) / total
    # A box without area overlaps nothing, not even itself.
    return torch.where(total > 0, mean, moved).reshape(*places.shape, 4)

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
"""Non-maximum suppression of many groups of boxes at once."""

import torch
from torch import Tensor
from torchvision.ops import batched_nms, box_iou

ROUNDS = 24
"""How long a chain of boxes, each suppressed by the one before it, is followed on a GPU."""


def suppress(boxes: Tensor, scores: Tensor, wanted: Tensor,
             overlap: float) -> tuple[Tensor, Tensor]:
    """
    Mark the boxes that no better box of their group suppresses.

    :param boxes: (G, K, 4) x1 y1 x2 y2, each group best first
    :param scores: (G, K), falling
    :param wanted: (G, K) bool; the others neither stay nor suppress
    :param overlap: IoU above which the worse of two boxes goes
    :return: (G, K) bool, and () bool: whether that is final; where it is not, as may be on a
        GPU, ``suppress_exactly`` has the answer
    """
    if boxes.device.type == 'cuda':
        return suppress_in_rounds(boxes, wanted, overlap)
    return suppress_exactly(boxes, scores, wanted, overlap)


def suppress_exactly(boxes: Tensor, scores: Tensor, wanted: Tensor,
                     overlap: float) -> tuple[Tensor, Tensor]:
    """Suppress by torchvision, which on a GPU waits for it; as ``suppress``, always final."""
    candidates = wanted.flatten().nonzero().squeeze(1)
    group = candidates // wanted.shape[1]
    chosen = candidates[batched_nms(boxes.flatten(0, 1)[candidates], scores.flatten()[candidates],
                                    group, overlap)]
    kept = torch.zeros_like(wanted).flatten()
    kept[chosen] = True
    return kept.reshape(wanted.shape), kept.new_tensor(True)


def suppress_in_rounds(boxes: Tensor, wanted: Tensor, overlap: float) -> tuple[Tensor, Tensor]:
    """
    Suppress all groups side by side without waiting for the device; as ``suppress``.

    A round keeps each wanted box that no box kept in the round before suppresses. After n
    rounds all boxes at the end of chains of n boxes are as they will stay.
    """
    count = wanted.shape[1]
    better = torch.ones(count, count, dtype=torch.bool, device=boxes.device).triu(1)
    suppresses = (torch.vmap(box_iou)(boxes, boxes) > overlap) & better  # (G, K, K)
    kept = before = wanted
    for _ in range(ROUNDS):
        before, kept = kept, wanted & ~(suppresses & kept[:, :, None]).any(dim=1)
    return kept, (kept == before).all()

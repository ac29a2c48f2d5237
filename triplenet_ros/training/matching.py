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

"""Which anchor learns which object (SSD's matching, as BlitzNet uses it)."""

import torch
from torch import Tensor
from torchvision.ops import box_convert

from triplenet_ros.training.batch import Batch

IOU_THRESHOLD = 0.5


def match_anchors(batch: Batch, anchors: Tensor) -> Tensor:
    """
    Give every anchor the index of the object it learns, or -1 for background.

    An anchor takes its best object if their IoU is at least 0.5. Before that, every object takes
    its best anchor whatever the IoU, the best pair of all first; an anchor serves one object, so
    none is left without while there are anchors.

    :param batch: N images with up to T objects each
    :param anchors: (A, 4) centre x, centre y, width, height in pixels
    :return: (N, A) int64 index into the T objects
    """
    count = batch.boxes.shape[1]
    if count == 0:
        return batch.class_ids.new_full((len(batch.boxes), len(anchors)), -1)
    iou = _pairwise_iou(batch.boxes, box_convert(anchors, 'cxcywh', 'xyxy'))
    valid = batch.class_ids >= 0
    iou = iou.masked_fill(~valid[:, :, None], -1.0)
    best_iou, matches = iou.max(dim=1)
    matches = matches.masked_fill(best_iou < IOU_THRESHOLD, -1)
    return _give_each_object_an_anchor(matches, iou)


def _pairwise_iou(boxes: Tensor, anchors: Tensor) -> Tensor:
    """Return (N, T, A) IoU of x1 y1 x2 y2 boxes (N, T, 4) and (A, 4); torchvision's has no N."""
    overlap = (torch.minimum(boxes[:, :, None, 2:], anchors[:, 2:])
               - torch.maximum(boxes[:, :, None, :2], anchors[:, :2])).clamp_(min=0)
    intersection = overlap[..., 0] * overlap[..., 1]
    areas = (boxes[..., 2:] - boxes[..., :2]).prod(dim=-1)
    anchor_areas = (anchors[:, 2:] - anchors[:, :2]).prod(dim=-1)
    union = areas[:, :, None] + anchor_areas - intersection
    return intersection / union.clamp(min=torch.finfo(union.dtype).tiny)


def _give_each_object_an_anchor(matches: Tensor, iou: Tensor) -> Tensor:
    """
    Assign best pairs first, each object and each anchor once, in all images at a time.

    An object that loses its best anchors to others needs at most its T best, so the search runs
    on (N, T, T) candidates instead of all (N, T, A) pairs.
    """
    images, count, anchors = iou.shape
    candidates, candidate_anchors = iou.topk(min(count, anchors), dim=2)
    rows = torch.arange(images, device=iou.device)
    matches = matches.clone()
    for _ in range(min(count, anchors)):
        flat = candidates.reshape(images, -1)
        best = flat.argmax(dim=1)
        objects = best // candidates.shape[2]
        chosen = candidate_anchors.reshape(images, -1)[rows, best]
        found = flat[rows, best] >= 0  # -1 marks padding, taken objects and taken anchors
        matches[rows[found], chosen[found]] = objects[found]
        candidates = candidates.masked_fill(candidate_anchors == chosen[:, None, None], -1.0)
        candidates[rows, objects] = -1.0
    return matches

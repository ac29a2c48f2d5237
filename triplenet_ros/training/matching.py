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

from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import box_convert

from triplenet_ros.training.batch import Batch
from triplenet_ros.training.example import IGNORED

BACKGROUND, NEITHER = -1, -2
"""What an anchor is matched to that learns no object; NEITHER is not learned from at all."""

LEAST_IOU = 0.1
"""With the object that an anchor learns; the best one of an object aside."""

IGNORED_SHARE = 0.5
"""Of an anchor, that lies on an ignored box, from which on it is no background."""


@dataclass(frozen=True)
class IouThresholds:
    """
    Which anchors learn an object; the papers have one threshold for both.

    :param positive: least IoU with the object that an anchor learns
    :param negative: IoU below which it learns background; NEITHER between the two
    :param share: of an object's largest IoU with any anchor; anchors above it learn it too, so
        that small and slim objects, which none fits well, have several; 1: only the best does
    """

    positive: float = 0.5
    negative: float = 0.5
    share: float = 1.0


def match_anchors(batch: Batch, anchors: Tensor,
                  thresholds: IouThresholds = IouThresholds()) -> Tensor:
    """
    Give every anchor the index of the object it learns, BACKGROUND, or NEITHER.

    An anchor takes its best object if their IoU is large enough, in itself or beside the object's
    largest. Before that, every object takes its best anchor whatever the IoU, the best pair of
    all first; an anchor serves one object, so none is left without while there are anchors.
    Anchors on an ignored box are NEITHER: crowds and difficult objects are there, if not to be
    learned.

    :param batch: N images with up to T objects each
    :param anchors: (A, 4) centre x, centre y, width, height in pixels
    :param thresholds: what is large enough
    :return: (N, A) int64 index into the T objects
    """
    count = batch.boxes.shape[1]
    if count == 0:
        return batch.class_ids.new_full((len(batch.boxes), len(anchors)), BACKGROUND)
    intersection, boxes_area, anchors_area = _overlap(
        batch.boxes, box_convert(anchors, 'cxcywh', 'xyxy'))
    union = boxes_area[:, :, None] + anchors_area - intersection
    iou = intersection / union.clamp(min=torch.finfo(union.dtype).tiny)
    iou = iou.masked_fill((batch.class_ids < 0)[:, :, None], -1.0)
    best_iou, matches = iou.max(dim=1)
    close_to_best = best_iou > _least_iou(iou, matches, thresholds.share)
    learned = (best_iou >= thresholds.positive) | close_to_best
    matches = matches.masked_fill(~learned, NEITHER)
    covered = (intersection >= IGNORED_SHARE * anchors_area) & (
        batch.class_ids == IGNORED)[:, :, None]
    background = (matches < 0) & (best_iou < thresholds.negative) & ~covered.any(dim=1)
    matches = matches.masked_fill(background, BACKGROUND)
    return _give_each_object_an_anchor(matches, iou)


def _least_iou(iou: Tensor, matches: Tensor, share: float) -> Tensor:
    """Return (N, A): the share of the largest IoU of the object that each anchor matches."""
    return (share * iou.amax(dim=2)).clamp(min=LEAST_IOU).gather(1, matches)


def _overlap(boxes: Tensor, anchors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return (N, T, A) shared areas of x1 y1 x2 y2 (N, T, 4) and (A, 4), and both's own areas."""
    # Width and height apart: numbers that lie in pairs take a CPU two and a half times as long.
    width, height = (
        (torch.minimum(boxes[:, :, far, None], anchors[:, far])
         - torch.maximum(boxes[:, :, near, None], anchors[:, near])).clamp_(min=0)
        for near, far in ((0, 2), (1, 3)))
    return (width * height, (boxes[..., 2:] - boxes[..., :2]).prod(dim=-1),
            (anchors[:, 2:] - anchors[:, :2]).prod(dim=-1))


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

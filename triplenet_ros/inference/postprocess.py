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

"""From the network's raw output to boxes (BlitzNet 3.5)."""

from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Callable, NamedTuple, Optional

import torch
from torch import Tensor

from triplenet_ros.inference.merging import LEAST_SCORE, merge
from triplenet_ros.inference.suppression import suppress
from triplenet_ros.network.anchors import decode_boxes

BEST_PER_CLASS = 400
KEPT_PER_CLASS = 50
KEPT = 200


@dataclass(frozen=True)
class Thresholds:
    """
    What is kept of the network's boxes.

    :param score: boxes below it are dropped
    :param nms: of two boxes of one class with a larger IoU the better one stays; it may then be
        moved by the other, see ``merge``
    :param max_detections: boxes kept per image
    :param classes: class ids of the boxes kept; None: all
    """

    score: float = 0.01
    nms: float = 0.45
    max_detections: int = KEPT
    classes: Optional[tuple[int, ...]] = None


class Boxes(NamedTuple):
    """
    The boxes of a batch, in the network's input pixels, best first, in room for K per image.

    :param boxes: (N, K, 4) float32 x1 y1 x2 y2
    :param scores: (N, K) float32; negative where an image has no more boxes
    :param class_ids: (N, K) int64
    :param final: () bool, see ``suppress``
    """

    boxes: Tensor
    scores: Tensor
    class_ids: Tensor
    final: Tensor

    def of_image(self, image: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return boxes (M, 4), scores (M,) and class ids (M,) of one image of the batch."""
        found = int((self.scores[image] >= 0).sum())
        boxes, scores, class_ids, _ = self
        return boxes[image, :found], scores[image, :found], class_ids[image, :found]


def no_boxes(images: int) -> Boxes:
    """Return what is found in as many images where boxes are not looked for."""
    return Boxes(torch.zeros(images, 0, 4), torch.zeros(images, 0),
                 torch.zeros(images, 0, dtype=torch.long), torch.tensor(True))


def select_boxes(class_logits: Tensor, box_codes: Tensor, anchors: Tensor,
                 thresholds: Thresholds, suppress: Callable = suppress,
                 merge_iou: float = 1.0) -> Boxes:
    """
    Keep the best boxes of every image: all images and classes at once.

    Scores below the threshold are dropped; of each class the 400 best go through non-maximum
    suppression and at most 50 stay; of all classes the best ``max_detections`` stay. The
    background is no class. Those that stay may be merged with the ones they suppressed. A GPU is
    given the work and not waited for.

    :param class_logits: (N, A, 1 + classes), background first
    :param box_codes: (N, A, 4)
    :param anchors: (A, 4)
    :param suppress: ``suppress`` or another that takes and gives the same
    :param merge_iou: overlap from which on, see ``merge``; 1: boxes stay as they are
    """
    may_wait = class_logits.device.type == 'cpu'
    if may_wait:
        hopeless = thresholds.score if merge_iou == 1 else min(thresholds.score, LEAST_SCORE)
        class_logits, box_codes, anchors = _leave_out_hopeless(
            class_logits, box_codes, anchors, hopeless)
    boxes, scores = _best_of_each_class(class_logits, box_codes, anchors)
    images, classes, count = scores.shape
    kept, final = suppress(boxes.flatten(0, 1), scores.flatten(0, 1),
                           _wanted(scores, thresholds).flatten(0, 1), thresholds.nms)
    reported = kept & (kept.cumsum(dim=1) <= KEPT_PER_CLASS)
    ranked = scores.flatten(1).masked_fill(~reported.reshape(images, -1), -1.0)
    room = int((ranked >= 0).sum(dim=1).max()) if may_wait else classes * count
    ranked, order = ranked.topk(min(thresholds.max_detections, room), dim=1)
    class_ids = order // max(count, 1)
    if merge_iou < 1:
        best = merge(order % max(count, 1), class_ids, boxes, scores, kept.reshape(scores.shape),
                     thresholds.nms, merge_iou)
    else:
        best = boxes.flatten(1, 2).gather(1, order[..., None].expand(-1, -1, 4))
    return Boxes(best, ranked, class_ids, final)


def _best_of_each_class(class_logits: Tensor, box_codes: Tensor,
                        anchors: Tensor) -> tuple[Tensor, Tensor]:
    """Return (N, classes, K, 4) boxes and their (N, classes, K) scores, each class best first."""
    scores = class_logits.float().softmax(dim=2)[:, :, 1:].transpose(1, 2)  # (N, classes, A)
    scores, best = scores.topk(min(BEST_PER_CLASS, scores.shape[2]), dim=2)
    rows = torch.arange(len(best), device=best.device)[:, None, None]
    return decode_boxes(box_codes[rows, best].float(), anchors[best]), scores


def _leave_out_hopeless(class_logits: Tensor, box_codes: Tensor, anchors: Tensor,
                        score: float) -> tuple[Tensor, Tensor, Tensor]:
    """
    Keep the anchors that some class may reach the score on: on a road one in a hundred.

    A class is at best as likely as against the background alone, and that takes no softmax to
    tell. Not for a GPU: how many are left would have to be waited for.
    """
    score = min(max(score, 1e-6), 1 - 1e-6)
    margin = log(score / (1 - score)) - 1e-3  # less than floats may be off by
    hopeful = (class_logits[:, :, 1:].amax(dim=2) >= class_logits[:, :, 0] + margin).any(dim=0)
    return class_logits[:, hopeful], box_codes[:, hopeful], anchors[hopeful]


def _wanted(scores: Tensor, thresholds: Thresholds) -> Tensor:
    """Mark the (N, classes, count) scores that are high enough, of classes that are asked for."""
    wanted = scores >= thresholds.score
    if thresholds.classes is None:
        return wanted
    return wanted & _marked(thresholds.classes, scores.shape[1], scores.device)[:, None]


@lru_cache(maxsize=16)
def _marked(classes: tuple[int, ...], count: int, device: torch.device) -> Tensor:
    """Return (count,) bool, kept on the device so that later frames need not bring it there."""
    return torch.tensor([index in classes for index in range(count)], device=device)

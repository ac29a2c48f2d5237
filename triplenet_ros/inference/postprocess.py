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

"""From the network's raw output to boxes and labels (BlitzNet 3.5)."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import batched_nms

from triplenet_ros.inference.labels import argmax_resized
from triplenet_ros.network.anchors import decode_boxes

BEST_PER_CLASS = 400
KEPT_PER_CLASS = 50
KEPT = 200


@dataclass(frozen=True)
class Thresholds:
    """
    What is kept of the network's boxes.

    :param score: boxes below it are dropped
    :param nms: of two boxes of one class with a larger IoU the better one stays
    :param max_detections: boxes kept per image
    :param classes: class ids of the boxes kept; None: all
    """

    score: float = 0.01
    nms: float = 0.45
    max_detections: int = KEPT
    classes: Optional[tuple[int, ...]] = None


@dataclass(frozen=True)
class Boxes:
    """
    The boxes of one image, in the network's input pixels, best first.

    :param boxes: (N, 4) float32 x1 y1 x2 y2
    :param scores: (N,) float32
    :param class_ids: (N,) int64
    """

    boxes: Tensor
    scores: Tensor
    class_ids: Tensor


def select_boxes(class_logits: Tensor, box_codes: Tensor, anchors: Tensor,
                 thresholds: Thresholds) -> list[Boxes]:
    """
    Keep the best boxes of every image: all images and classes at once.

    Scores below the threshold are dropped; of each class the 400 best go through non-maximum
    suppression and at most 50 stay; of all classes the best ``max_detections`` stay. The
    background is no class.

    :param class_logits: (N, A, 1 + classes), background first
    :param box_codes: (N, A, 4)
    :param anchors: (A, 4)
    :return: per image its boxes
    """
    scores = class_logits.float().softmax(dim=2)[:, :, 1:].transpose(1, 2)  # (N, classes, A)
    scores, best = scores.topk(min(BEST_PER_CLASS, scores.shape[2]), dim=2)
    images, classes, count = scores.shape
    rows = torch.arange(images, device=best.device)[:, None, None]
    boxes = decode_boxes(box_codes[rows, best].float(), anchors[best])  # (N, classes, count, 4)
    kept = _suppress(boxes, scores, thresholds)
    kept &= kept.cumsum(dim=2) <= KEPT_PER_CLASS
    ranked = scores.masked_fill(~kept, -1.0).flatten(1)
    ranked, order = ranked.topk(min(thresholds.max_detections, classes * count), dim=1)
    return [Boxes(boxes[image].flatten(0, 1)[order[image, :found]], ranked[image, :found],
                  order[image, :found] // count)
            for image, found in enumerate((ranked >= 0).sum(dim=1).tolist())]


def _suppress(boxes: Tensor, scores: Tensor, thresholds: Thresholds) -> Tensor:
    """Mark the boxes that survive suppression within their image and class."""
    images, classes, count = scores.shape
    wanted = scores >= thresholds.score
    if thresholds.classes is not None:
        unwanted = set(range(classes)) - set(thresholds.classes)
        wanted[:, sorted(unwanted)] = False
    candidates = wanted.flatten().nonzero().squeeze(1)
    group = candidates // count  # one number per image and class
    chosen = candidates[batched_nms(boxes.flatten(0, 2)[candidates],
                                    scores.flatten()[candidates], group, thresholds.nms)]
    kept = torch.zeros(images * classes * count, dtype=torch.bool, device=scores.device)
    kept[chosen] = True
    return kept.reshape(images, classes, count)


def cut_to_image(logits: Tensor, coverage: tuple[float, float]) -> Tensor:
    """
    Return the segmentation logits of one image without the padding.

    :param logits: (C, h, w) of the finest layer
    :param coverage: shares of the input's height and width that the image covers
    :return: (C, rows, columns) float32
    """
    rows = max(round(logits.shape[1] * coverage[0]), 1)
    columns = max(round(logits.shape[2] * coverage[1]), 1)
    return logits[:, :rows, :columns].float()


def label_image(logits: Tensor, size: tuple[int, int]) -> np.ndarray:
    """
    Return the best class of every pixel.

    The logits, not the labels, are resized, so that borders are smooth at any size.

    :param logits: (C, h, w) float32, as ``cut_to_image`` gives them
    :param size: height and width of the image
    :return: (H, W) uint8
    """
    if logits.device.type == 'cpu':
        return argmax_resized(logits, size)
    return _resized(logits, size).max(dim=0).indices.to(torch.uint8).cpu().numpy()


def winner_confidence(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """
    Return the softmax of every pixel's best class.

    :param logits: (C, h, w) float32, as ``cut_to_image`` gives them
    :param size: height and width of the image
    :return: (H, W) uint8, 255 = certain
    """
    logits = _resized(logits, size)
    winner = logits.amax(dim=0)
    return (255 * (winner - logits.logsumexp(dim=0)).exp()).round().to(torch.uint8)


def _resized(logits: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(logits[None], size=size, mode='bilinear', align_corners=False)[0]

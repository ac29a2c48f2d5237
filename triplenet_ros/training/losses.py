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

"""What the network is taught by: the plain sum of every term it is configured for (papers 3.3)."""

from typing import Callable, Optional, Sequence

import torch
from torch import nn, Tensor
from torch.nn import functional as F
from torchvision.ops import generalized_box_iou_loss

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.network.anchors import decode_boxes, encode_boxes, make_anchors
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import NetworkOutput
from triplenet_ros.training.batch import Batch
from triplenet_ros.training.matching import BACKGROUND, IouThresholds, match_anchors
from triplenet_ros.training.processes import (
    gather_from_processes, mean_per_process, process_rank, sum_of_processes)
from triplenet_ros.training.scale_specific import labels_of_each_layer

NEGATIVES_PER_POSITIVE = 3
FOCAL_POWER, FOCAL_BALANCE = 2, 0.25

BoxLoss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Takes (P, 4) predicted codes, (P, 4) true boxes and their (P, 4) anchors; gives the sum."""


def smooth_l1(codes: Tensor, boxes: Tensor, anchors: Tensor) -> Tensor:
    """Sum smooth L1 of the codes' differences, as SSD and the papers do."""
    return F.smooth_l1_loss(codes, encode_boxes(boxes, anchors), reduction='sum')


def giou(codes: Tensor, boxes: Tensor, anchors: Tensor) -> Tensor:
    """Sum 2 (1 - GIoU) (Rezatofighi et al., CVPR 2019), weighed as is usual beside the classes."""
    return 2 * generalized_box_iou_loss(decode_boxes(codes, anchors), boxes, reduction='sum')


BOX_LOSSES: dict[str, BoxLoss] = {'smooth_l1': smooth_l1, 'giou': giou}
"""By their names in a recipe."""

ClassLoss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Takes each anchor's cross-entropy (N, A), which learn an object and which background, both bool
(N, A); gives the sum."""


def hard_negatives(cross_entropy: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """
    Sum over the objects and three times as many of the hardest negatives, as SSD does.

    They are mined over the whole batch of all processes, so that images without objects teach too.
    """
    hard = hardest(cross_entropy, negative,
                   NEGATIVES_PER_POSITIVE * int(sum_of_processes(positive.sum())))
    return cross_entropy[positive | hard].sum()


def focal(cross_entropy: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """Sum over all, what is easy counting little (Lin et al., ICCV 2017)."""
    balance = torch.where(positive, FOCAL_BALANCE, 1 - FOCAL_BALANCE)
    weights = balance * (1 - (-cross_entropy).exp()) ** FOCAL_POWER
    return (weights * cross_entropy)[positive | negative].sum()


CLASS_LOSSES: dict[str, ClassLoss] = {'hard_negatives': hard_negatives, 'focal': focal}
"""By their names in a recipe."""


class JointLoss(nn.Module):
    """
    All loss terms of one network.

    Where several processes train together, objects, pixels and negatives are counted over all of
    them, so that the averaged gradients are those of one process with all the images.

    :param config: which network, and so which terms
    :param class_weights: one weight per segmentation class, None: all 1
    :param thresholds: which anchors learn an object
    :param box_loss: how they learn where it is
    :param class_loss: how they learn what it is, and the others that there is none
    """

    def __init__(self, config: NetworkConfig, class_weights: Optional[Sequence[float]] = None,
                 thresholds: IouThresholds = IouThresholds(),
                 box_loss: BoxLoss = smooth_l1, class_loss: ClassLoss = hard_negatives) -> None:
        super().__init__()
        self.config = config
        self.thresholds = thresholds
        self.box_loss, self.class_loss = box_loss, class_loss
        weights = None if class_weights is None else torch.tensor(class_weights)
        self.register_buffer('class_weights', weights, persistent=False)
        is_object = torch.full((UNLABELLED + 1,), 0, dtype=torch.int64)
        is_object[list(config.classes.object_labels)] = 1
        is_object[UNLABELLED] = UNLABELLED
        self.register_buffer('is_object', is_object, persistent=False)

    def forward(self, output: NetworkOutput, batch: Batch) -> dict[str, Tensor]:
        """
        Compute each term; a term without any truth in the batch is exactly 0.

        :param output: of the network in training mode
        :param batch: what it saw
        :return: scalar per term, by name; the total is their plain sum
        """
        terms = {}
        matches = None
        if output.class_logits is not None:
            height, width = batch.images.shape[-2:]
            anchors = make_anchors(self.config, height, width).to(batch.images.device)
            matches = match_anchors(batch, anchors, self.thresholds)
            terms['classification'], terms['localisation'] = detection_loss(
                output.class_logits, output.box_codes, matches, anchors, batch, self.box_loss,
                self.class_loss)
        if output.segmentation is not None:
            terms.update(self._segmentation_terms(output, batch, matches))
        return terms

    def _segmentation_terms(self, output: NetworkOutput, batch: Batch,
                            matches: Optional[Tensor]) -> dict[str, Tensor]:
        labels = subsample(batch.labels, self.config.supervision_stride)
        terms = {'segmentation': segmentation_loss(output.segmentation, labels,
                                                   self.class_weights)}
        layer_labels = [labels] * max(len(output.layer_segmentation),
                                      len(output.layer_objectness))
        if self.config.scale_specific_supervision:
            layer_labels = labels_of_each_layer(self.config, batch, matches, labels)
        if output.layer_segmentation:
            terms['class_aware'] = sum(
                segmentation_loss(logits, truth, self.class_weights)
                for logits, truth in zip(output.layer_segmentation, layer_labels))
        if output.layer_objectness:
            terms['class_agnostic'] = sum(
                segmentation_loss(logits, self.is_object[truth])
                for logits, truth in zip(output.layer_objectness, layer_labels))
        return terms


def detection_loss(class_logits: Tensor, box_codes: Tensor, matches: Tensor, anchors: Tensor,
                   batch: Batch, box_loss: BoxLoss = smooth_l1,
                   class_loss: ClassLoss = hard_negatives) -> tuple[Tensor, Tensor]:
    """
    Compute SSD's loss: cross-entropy with hard negatives 3:1, smooth L1 on the positives' codes.

    Images whose boxes are not known take no part; where only the boxes of some classes are known,
    the cross-entropy is among those and the background.

    :param class_logits: (N, A, 1 + classes)
    :param box_codes: (N, A, 4)
    :param matches: (N, A) of ``match_anchors``
    :param anchors: (A, 4)
    :param batch: the objects
    :param box_loss: of the positives, in the place of smooth L1
    :param class_loss: in the place of hard negatives
    :return: both terms, summed and divided by the number of positives
    """
    positive = (matches >= 0) & batch.has_boxes[:, None]
    negative = (matches == BACKGROUND) & batch.has_boxes[:, None]
    targets = torch.zeros_like(matches)
    image, anchor = positive.nonzero(as_tuple=True)
    chosen = matches[image, anchor]
    targets[image, anchor] = batch.class_ids[image, chosen] + 1
    logits = _known_classes(class_logits.float(), batch.unknown)
    cross_entropy = F.cross_entropy(logits.flatten(0, 1), targets.flatten(),
                                    reduction='none').reshape(matches.shape)
    classification = class_loss(cross_entropy, positive, negative)
    localisation = box_loss(box_codes[image, anchor].float(), batch.boxes[image, chosen],
                            anchors[anchor])
    divisor = mean_per_process(positive.sum())
    return classification / divisor, localisation / divisor


def _known_classes(class_logits: Tensor, unknown: Tensor) -> Tensor:
    """Leave the classes that were not looked for out of the softmax, image by image."""
    if len(unknown) == 0:
        return class_logits
    left_out = torch.zeros(len(class_logits), 1, class_logits.shape[-1], dtype=torch.bool,
                           device=class_logits.device)
    left_out[unknown[:, 0], 0, unknown[:, 1] + 1] = True
    return class_logits.masked_fill(left_out, -torch.inf)


def hardest(losses: Tensor, candidates: Tensor, count: int) -> Tensor:
    """
    Mark the candidates with the largest losses of all processes, those of this process.

    :param losses: at least 0, of the same shape in every process
    :param candidates: bool, of that shape
    :param count: how many in all processes; where there are fewer candidates, all of them
    """
    ranked = losses.detach().masked_fill(~candidates, -1.0).flatten()
    values, places = ranked.topk(min(count, len(ranked)))
    everywhere = gather_from_processes(values)
    best = everywhere.flatten().topk(min(count, everywhere.numel())).indices
    mine = best[best // max(len(values), 1) == process_rank()] - process_rank() * len(values)
    mask = torch.zeros_like(ranked, dtype=torch.bool)
    mask[places[mine]] = True
    return mask.reshape(losses.shape) & candidates


def segmentation_loss(logits: Tensor, labels: Tensor, weights: Optional[Tensor] = None) -> Tensor:
    """
    Cross-entropy of logits brought up to the labels, the weighted mean over the labelled pixels.

    :param logits: (N, C, h, w)
    :param labels: (N, H, W) int64, 255 is ignored
    :param weights: (C,) or None
    :return: scalar; exactly 0 where no pixel is labelled
    """
    logits = F.interpolate(logits.float(), size=labels.shape[-2:], mode='bilinear',
                           align_corners=False)
    total = F.cross_entropy(logits, labels, weights, ignore_index=UNLABELLED, reduction='sum')
    labelled = labels != UNLABELLED
    count = labelled.sum() if weights is None else weights[labels[labelled]].sum()
    return total / mean_per_process(count)


def subsample(labels: Tensor, stride: int) -> Tensor:
    """Take the middle pixel of each stride x stride block: (N, H, W) to (N, H / s, W / s)."""
    return labels[:, stride // 2::stride, stride // 2::stride]

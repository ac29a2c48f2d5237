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

"""Average precision of boxes as the PASCAL VOC devkit defines it."""

from typing import Any

import numpy as np
import torch
from torchvision.ops import box_iou

from triplenet_ros.data.sample import Sample
from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction

FOUND, WRONG, IGNORED = 1, 0, -1


class VocAP:
    """
    Average precision at IoU 0.5 over images that are fed one by one.

    :param classes: what is scored
    :param iou_threshold: least overlap of a box with its truth
    """

    def __init__(self, classes: SharedClasses, iou_threshold: float = 0.5) -> None:
        """Start with no image."""
        self._classes = classes
        self._iou_threshold = iou_threshold
        count = len(classes.names)
        self._truths = np.zeros(count, np.int64)
        self._scores: list[list[np.ndarray]] = [[] for _ in range(count)]
        self._outcomes: list[list[np.ndarray]] = [[] for _ in range(count)]

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: what was found, in the sample's pixels
        :param sample: the truth; its boxes must not be None
        """
        predicted = self._classes.of_prediction[prediction.class_ids]
        true = self._classes.of_truth[sample.class_ids]
        difficult = _difficult(sample)
        for index in np.unique(np.concatenate([predicted, true])):
            if index == OTHER:
                continue
            found, there = predicted == index, true == index
            scores, outcomes = match_boxes(
                prediction.boxes[found], prediction.scores[found],
                sample.boxes[there], difficult[there], self._iou_threshold)
            self._truths[index] += np.count_nonzero(~difficult[there])
            self._scores[index].append(scores)
            self._outcomes[index].append(outcomes)

    def compute(self) -> dict[str, Any]:
        """
        Return the scores so far.

        :returns: mAP50 (area form), mAP50_07 (11 points) and per_class: name -> AP50, AP50_07,
            truths; nan for a class without truth, which the means leave out, and for the mean
            where no class has truth
        """
        per_class = {name: self._scores_of(index)
                     for index, name in enumerate(self._classes.names)}
        return {'mAP50': _mean([scores['AP50'] for scores in per_class.values()]),
                'mAP50_07': _mean([scores['AP50_07'] for scores in per_class.values()]),
                'per_class': per_class}

    def _scores_of(self, index: int) -> dict[str, Any]:
        truths = int(self._truths[index])
        if truths == 0:
            return {'AP50': float('nan'), 'AP50_07': float('nan'), 'truths': 0}
        recall, precision = self._curve(index)
        return {'AP50': area_under_curve(recall, precision),
                'AP50_07': eleven_points(recall, precision), 'truths': truths}

    def _curve(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        scores = np.concatenate([np.zeros(0, np.float32), *self._scores[index]])
        outcomes = np.concatenate([np.zeros(0, np.int64), *self._outcomes[index]])
        # Stable, so that equal scores keep the order of the images and the result is repeatable.
        outcomes = outcomes[np.argsort(-scores, kind='stable')]
        found, wrong = np.cumsum(outcomes == FOUND), np.cumsum(outcomes == WRONG)
        # Before the first counted box nothing is found and nothing is wrong: 0 of 0 is 0.
        return found / self._truths[index], found / np.maximum(found + wrong, 1)


def match_boxes(boxes: np.ndarray, scores: np.ndarray, truth: np.ndarray, difficult: np.ndarray,
                iou_threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """
    Decide which boxes of one class in one image are right, greedily by score.

    Each box goes to the truth it overlaps most, even if that one is taken. A truth is found once:
    later boxes on it are wrong. Boxes on a difficult truth count neither way.

    :param boxes: (N, 4) x1 y1 x2 y2
    :param scores: (N,); of equal scores the first box comes first
    :param truth: (M, 4) x1 y1 x2 y2
    :param difficult: (M,) bool
    :param iou_threshold: least overlap, inclusive
    :returns: (N,) scores, falling, and (N,) int64 FOUND, WRONG or IGNORED of each
    """
    order = np.argsort(-scores, kind='stable')
    outcomes = np.full(len(order), WRONG, np.int64)
    if len(order) == 0 or len(truth) == 0:
        return scores[order], outcomes
    overlap = _iou(boxes[order], truth)
    best = overlap.argmax(axis=1)
    hits = np.flatnonzero(overlap.max(axis=1) >= iou_threshold)
    outcomes[hits[difficult[best[hits]]]] = IGNORED
    hits = hits[~difficult[best[hits]]]
    _, first = np.unique(best[hits], return_index=True)
    outcomes[hits[first]] = FOUND
    return scores[order], outcomes


def area_under_curve(recall: np.ndarray, precision: np.ndarray) -> float:
    """
    Return the area under the monotone precision-recall curve (VOC 2010 and later).

    :param recall: (N,) rising
    :param precision: (N,)
    """
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * _envelope(precision)).sum())


def eleven_points(recall: np.ndarray, precision: np.ndarray) -> float:
    """
    Return the mean of the best precision at recall 0, 0.1, ... 1 (VOC 2007).

    :param recall: (N,) rising
    :param precision: (N,)
    """
    # k / 10 and found / truths round alike; multiples of 0.1 would miss a recall of exactly 0.3.
    first = np.searchsorted(recall, np.arange(11) / 10)
    return float(np.append(_envelope(precision), 0.0)[first].mean())


def _envelope(precision: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(precision[::-1])[::-1]


def _difficult(sample: Sample) -> np.ndarray:
    if sample.difficult is None:
        return np.zeros(len(sample.class_ids), bool)
    return sample.difficult


def _iou(boxes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return box_iou(torch.from_numpy(boxes.astype(np.float64)),
                   torch.from_numpy(truth.astype(np.float64))).numpy()


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')

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

from typing import Any, Sequence

import numpy as np
import torch
from torchvision.ops import box_iou

from triplenet_ros.evaluation.calibration import best_threshold, Reliability
from triplenet_ros.evaluation.growing_rows import GrowingRows
from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

Curves = dict[str, tuple[np.ndarray, np.ndarray]]
"""Class name -> (N,) recall, rising, and (N,) precision."""

FOUND, WRONG, IGNORED = 1, 0, -1

_ROW = np.dtype([('class_id', np.int16), ('score', np.float32), ('outcome', np.int8)])
"""A box. There may be millions."""


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
        self._truths = np.zeros(len(classes.names), np.int64)
        self._boxes = GrowingRows(_ROW)

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: what was found, in the sample's pixels
        :param sample: the truth; its boxes must not be None
        """
        predicted = self._classes.of_prediction[prediction.class_ids]
        true = self._classes.of_truth[sample.class_ids]
        difficult = _difficult(sample)
        self._truths += np.bincount(true[(true != OTHER) & ~difficult],
                                    minlength=len(self._truths))
        kept = predicted != OTHER
        rows = np.zeros(np.count_nonzero(kept), _ROW)
        rows['class_id'], rows['score'] = predicted[kept], prediction.scores[kept]
        rows['outcome'] = match_boxes(
            prediction.boxes[kept], prediction.scores[kept], predicted[kept],
            sample.boxes, true, difficult, self._iou_threshold)
        self._boxes.append(rows)

    def merge(self, later: 'VocAP') -> None:
        """
        Add the images of another one.

        :param later: of the same classes; its images count as fed after these
        """
        self._truths += later._truths
        self._boxes.append(later._boxes.joined())

    def compute(self) -> dict[str, Any]:
        """
        Return the scores so far.

        :returns: mAP50 (area form), mAP50_07 (11 points), ECE, best_threshold (see those of
            calibration.py) and per_class: name -> AP50, AP50_07, truths; nan for a class without
            truth, which the means leave out, and for the mean where no class has truth
        """
        per_class: dict[str, dict] = {
            name: {'AP50': float('nan'), 'AP50_07': float('nan'), 'truths': int(truths)}
            for name, truths in zip(self._classes.names, self._truths)}
        for name, curve in self.curves().items():
            per_class[name].update(AP50=area_under_curve(*curve), AP50_07=eleven_points(*curve))
        return {'mAP50': mean_of_known([scores['AP50'] for scores in per_class.values()]),
                'mAP50_07': mean_of_known([
                    scores['AP50_07'] for scores in per_class.values()]),
                'ECE': self.reliability().error(), 'best_threshold': self._best_threshold(),
                'per_class': per_class}

    @property
    def truths(self) -> np.ndarray:
        """(K,) int64, truths of each class that count."""
        return self._truths

    def outcomes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (N,) class, (N,) score and (N,) FOUND, WRONG or IGNORED of each box so far."""
        rows = self._boxes.joined()
        return rows['class_id'], rows['score'], rows['outcome']

    def reliability(self) -> Reliability:
        """Return how often boxes of each score are right."""
        reliability = Reliability()
        reliability.add(*self._counted())
        return reliability

    def _best_threshold(self) -> dict[str, Any]:
        return best_threshold(*self._counted(), int(self._truths.sum()))

    def _counted(self) -> tuple[np.ndarray, np.ndarray]:
        """Return scores of the boxes that count, and whether each is right."""
        _, scores, outcomes = self.outcomes()
        counted = outcomes != IGNORED
        return scores[counted], outcomes[counted] == FOUND

    def curves(self) -> Curves:
        """Return recall and precision after each box, best first, of each class with truth."""
        class_ids, scores, outcomes = self.outcomes()
        curves = {}
        for index, name in enumerate(self._classes.names):
            if self._truths[index] > 0:
                own = class_ids == index
                curves[name] = precision_recall(scores[own], outcomes[own], self._truths[index])
        return curves


def match_boxes(boxes: np.ndarray, scores: np.ndarray, class_ids: np.ndarray, truth: np.ndarray,
                truth_ids: np.ndarray, difficult: np.ndarray, iou_threshold: float) -> np.ndarray:
    """
    Decide which boxes of one image are right, greedily by score.

    Each box goes to the truth of its class that it overlaps most, even if that one is taken. A
    truth is found once: later boxes on it are wrong. Boxes on a difficult truth count neither way.

    :param boxes: (N, 4) x1 y1 x2 y2
    :param scores: (N,); of equal scores the first box comes first
    :param class_ids: (N,)
    :param truth: (M, 4) x1 y1 x2 y2
    :param truth_ids: (M,) their classes
    :param difficult: (M,) bool
    :param iou_threshold: least overlap, inclusive
    :returns: (N,) int64 FOUND, WRONG or IGNORED
    """
    outcomes = np.full(len(boxes), WRONG, np.int64)
    if len(boxes) == 0 or len(truth) == 0:
        return outcomes
    overlap = np.where(class_ids[:, None] == truth_ids, overlaps(boxes, truth), -1.0)
    return assign_boxes(overlap, scores, difficult, iou_threshold)[0]


def assign_boxes(overlap: np.ndarray, scores: np.ndarray, difficult: np.ndarray,
                 iou_threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """
    Do what match_boxes does, from the overlaps, and tell which truth each box went to.

    :param overlap: (N, M) IoU of boxes and truths of the same class, -1 elsewhere; M at least 1
    :param scores: (N,)
    :param difficult: (M,) bool
    :param iou_threshold: least overlap, inclusive
    :returns: (N,) int64 FOUND, WRONG or IGNORED, and (N,) int64 the truth that each box overlaps
        most
    """
    outcomes, best = np.full(len(overlap), WRONG, np.int64), overlap.argmax(axis=1)
    order = np.argsort(-scores, kind='stable')
    hits = order[overlap.max(axis=1)[order] >= iou_threshold]
    outcomes[hits[difficult[best[hits]]]] = IGNORED
    hits = hits[~difficult[best[hits]]]
    _, first = np.unique(best[hits], return_index=True)
    outcomes[hits[first]] = FOUND
    return outcomes, best


def area_under_curve(recall: np.ndarray, precision: np.ndarray) -> float:
    """
    Return the area under the monotone precision-recall curve (VOC 2010 and later).

    :param recall: (N,) rising
    :param precision: (N,)
    """
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * envelope(precision)).sum())


def eleven_points(recall: np.ndarray, precision: np.ndarray) -> float:
    """
    Return the mean of the best precision at recall 0, 0.1, ... 1 (VOC 2007).

    :param recall: (N,) rising
    :param precision: (N,)
    """
    # k / 10 and found / truths round alike; multiples of 0.1 would miss a recall of exactly 0.3.
    return mean_precision(recall, precision, np.arange(11) / 10)


def mean_precision(recall: np.ndarray, precision: np.ndarray, points: np.ndarray) -> float:
    """
    Return the mean of the best precision at each of some recalls or more, 0 beyond the last.

    :param recall: (N,) rising
    :param precision: (N,)
    :param points: (P,) recalls
    """
    return float(np.append(envelope(precision), 0.0)[np.searchsorted(recall, points)].mean())


def envelope(precision: np.ndarray) -> np.ndarray:
    """Return the best precision at this recall or more, as both forms take it; (N,) falling."""
    return np.maximum.accumulate(precision[::-1])[::-1]


def precision_recall(scores: np.ndarray, outcomes: np.ndarray,
                     truths: int) -> tuple[np.ndarray, np.ndarray]:
    """
    Return recall and precision after each box, best first.

    :param scores: (N,)
    :param outcomes: (N,) FOUND, WRONG or IGNORED
    :param truths: how many there are to find, at least 1
    :returns: (N,) recall, rising, and (N,) precision
    """
    # Stable, so that equal scores keep the order of the images and the result is repeatable.
    outcomes = outcomes[np.argsort(-scores, kind='stable')]
    found, wrong = np.cumsum(outcomes == FOUND), np.cumsum(outcomes == WRONG)
    # Before the first counted box nothing is found and nothing is wrong: 0 of 0 is 0.
    return found / truths, found / np.maximum(found + wrong, 1)


def _difficult(sample: Sample) -> np.ndarray:
    if sample.difficult is None:
        return np.zeros(len(sample.class_ids), bool)
    return sample.difficult


def overlaps(boxes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the (N, M) float64 IoU of (N, 4) and (M, 4) boxes x1 y1 x2 y2."""
    return box_iou(torch.from_numpy(boxes.astype(np.float64)),
                   torch.from_numpy(truth.astype(np.float64))).numpy()


def mean_of_known(values: Sequence[float]) -> float:
    """Return the mean of all values that are not nan, in whatever shape; nan where all are."""
    known = np.asarray(values)[~np.isnan(values)]
    return float(known.mean()) if known.size else float('nan')

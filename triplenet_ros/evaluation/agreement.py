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
"""One run of a network scored against another: whose answers differ, and by how much."""

from dataclasses import dataclass, replace
from typing import Optional

import numpy as np

from triplenet_ros.evaluation.detection import (
    area_under_curve, FOUND, IGNORED, overlaps, precision_recall, WRONG)
from triplenet_ros.inference.prediction import Prediction

LEAST_SCORE = 0.01
"""Boxes that both runs are to report: what is doubtful in one must be known in the other."""
_SURE = 0.4
_ENOUGH_BOXES = 100
_THRESHOLD, _DOUBTFUL = 0.75, 0.5  # of the score from which a box is sure
_OVERLAP = 0.5
_ALIKE = 0.98
_FEW = 2


@dataclass(frozen=True)
class Agreement:
    """
    How far a run answers as the one that is taken for the truth.

    What a user sees decides: boxes, and the label of each pixel. The threshold is 0.3, or less
    where fewer than 100 boxes are well above it. A box whose score is near the threshold, by a
    third of it, counts neither way: rounding decides on which side of it such a box falls. All
    classes count together, so that a rare one does not decide.

    :param images: how many were compared
    :param boxes: boxes that are there beyond doubt
    :param strays: boxes of the other run alone
    :param ap50: average precision of the other run's boxes at IoU 0.5; None without boxes
    :param overlap: mean IoU of those that were found; None if none was
    :param labels: share of all pixels that have the same label; None without labels
    """

    images: int
    boxes: int
    strays: int
    ap50: Optional[float]
    overlap: Optional[float]
    labels: Optional[float]

    def problems(self) -> list[str]:
        """Say in words what is less than 98 % alike; two boxes never decide."""
        found = []
        if self.boxes == 0 and self.strays > _FEW:
            found.append(f'{self.strays} boxes are found where there are none')
        if self.boxes > _FEW:
            found += _too_low('AP50 of boxes is', self.ap50, min(_ALIKE, 1 - _FEW / self.boxes))
            found += _too_low('mean overlap of boxes is', self.overlap, _ALIKE)
        return found + _too_low('share of equal labels is', self.labels, _ALIKE)

    def __str__(self) -> str:
        """Return what decides, in a few words."""
        shares = [('AP50', self.ap50), ('overlap', self.overlap), ('labels', self.labels)]
        return ', '.join(f'{name} {share:.3f}' for name, share in shares if share is not None)


class AgreementScore:
    """Compares two runs of the same images, which are fed one by one."""

    def __init__(self) -> None:
        """Start with no image."""
        self._pairs: list[tuple[Prediction, Prediction]] = []
        self._equal = self._pixels = 0

    def update(self, expected: Prediction, given: Prediction) -> None:
        """
        Add one image.

        :param expected: the truth, with all boxes from LEAST_SCORE on
        :param given: of the same network, with all boxes from LEAST_SCORE on
        """
        if expected.label_map is not None:
            self._equal += int((expected.label_map == given.label_map).sum())
            self._pixels += expected.label_map.size
        self._pairs.append((replace(expected, label_map=None), replace(given, label_map=None)))

    def compute(self) -> Agreement:
        """Return how far they agree so far."""
        sure = self._sure_score()
        matched = [_match(*pair, sure) for pair in self._pairs]
        scores, outcomes, shares = map(np.concatenate, zip(*matched))
        boxes = sum(len(_above(expected, sure).scores) for expected, _ in self._pairs)
        found = shares[outcomes == FOUND]
        return Agreement(
            images=len(self._pairs), boxes=boxes, strays=int((outcomes == WRONG).sum()),
            ap50=area_under_curve(*precision_recall(scores, outcomes, boxes))
            if boxes else None,
            overlap=float(found.mean()) if len(found) else None,
            labels=self._equal / self._pixels if self._pixels else None)

    def _sure_score(self) -> float:
        """Return the score from which a box is beyond doubt, low enough for enough boxes."""
        scores = np.sort(np.concatenate([
            _above(expected, LEAST_SCORE).scores for expected, _ in self._pairs]))
        return float(min([_SURE, *scores[-_ENOUGH_BOXES:][:1]]))


def _match(expected: Prediction, given: Prediction,
           sure: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Return score, outcome and IoU with its truth of each box that is given.

    Best first, each takes the sure box that it overlaps most of those that are left: several may
    be at one place, where the image's border has cut them off.
    """
    truth, seen = _above(expected, _DOUBTFUL * sure), _above(given, _THRESHOLD * sure)
    shares = np.where(seen.class_ids[:, None] == truth.class_ids,
                      overlaps(seen.boxes, truth.boxes), -1.0)
    doubtful = (shares[:, truth.scores < sure] >= _OVERLAP).any(axis=1)
    shares = shares[:, truth.scores >= sure]
    outcomes, best = np.where(doubtful, IGNORED, WRONG), np.zeros(len(shares))
    for box in np.argsort(-seen.scores, kind='stable'):
        best[box] = shares[box].max(initial=0.0)
        if best[box] >= _OVERLAP:
            outcomes[box] = FOUND
            shares[:, shares[box].argmax()] = -1.0
    return seen.scores, outcomes, best


def _above(prediction: Prediction, score: float) -> Prediction:
    """Return the boxes from a score on; those in the padding alone have no area, and go."""
    seen = (prediction.boxes[:, 2:] > prediction.boxes[:, :2]).all(axis=1)
    kept = seen & (prediction.scores >= score)
    return replace(prediction, boxes=prediction.boxes[kept], scores=prediction.scores[kept],
                   class_ids=prediction.class_ids[kept])


def _too_low(what: str, share: Optional[float], least: float) -> list[str]:
    # "not >=": a share that is no number is none that is enough.
    return [f'{what} {share:.3f}'] if share is not None and not share >= least else []

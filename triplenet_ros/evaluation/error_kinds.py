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

"""Why boxes are wrong, and what average precision would gain were each kind mended."""

from typing import Any

import numpy as np

from triplenet_ros.evaluation.detection import (area_under_curve, FOUND, IGNORED,
                                                precision_recall, WRONG)
from triplenet_ros.evaluation.frame_boxes import FrameBoxes, IOU_THRESHOLD
from triplenet_ros.evaluation.growing_rows import GrowingRows
from triplenet_ros.evaluation.scored_frame import ERROR_KINDS

BACKGROUND_IOU = 0.1
"""A box that overlaps every truth by less lies on the background."""

_CLASS, _PLACE, _BOTH, _DUPLICATE, _BACKGROUND = range(5)
_RIGHT = -1

_ROW = np.dtype([
    ('class_id', np.int16), ('score', np.float32), ('outcome', np.int8), ('kind', np.int8),
    ('mended_class', np.int16), ('class_mended', np.int8), ('place_mended', np.int8)])
"""A box: its class, its outcome, and either as they would be were an error mended."""


class ErrorKinds:
    """
    Kinds of errors as TIDE (Bolya et al., 2020) tells them apart, over frames fed one by one.

    A wrong box is a ``duplicate`` if it overlaps a truth of its class by 0.5 or more, of the
    ``class`` kind if it does so with a truth of another class; else of the ``place`` kind if it
    overlaps one of its class by 0.1 or more, of ``both`` if it does so with another's; else
    ``background``. A truth is ``missed`` if no box found it and none of the first two kinds
    would, were it mended.

    :param count: of shared classes
    """

    def __init__(self, count: int) -> None:
        """Start with no frame."""
        self._count = count
        self._truths = np.zeros(count, np.int64)
        self._missed = np.zeros(count, np.int64)
        self._boxes = GrowingRows(_ROW)

    def update(self, frame: FrameBoxes) -> np.ndarray:
        """
        Add one frame.

        :returns: (K, 6) int64, how many of each kind of ERROR_KINDS in each class
        """
        kinds, targets = _kinds(frame)
        missed = _missed(frame, kinds, targets)
        self._truths += np.bincount(frame.truth_ids, minlength=self._count)
        self._missed += np.bincount(frame.truth_ids[missed], minlength=self._count)
        self._boxes.append(_rows(frame, kinds, targets))
        counts = np.zeros((self._count, len(ERROR_KINDS)), np.int64)
        wrong = kinds != _RIGHT
        np.add.at(counts, (frame.class_ids[wrong], kinds[wrong]), 1)
        counts[:, -1] = np.bincount(frame.truth_ids[missed], minlength=self._count)
        return counts

    def merge(self, later: 'ErrorKinds') -> None:
        """Add the frames of another one of the same classes."""
        self._truths += later._truths
        self._missed += later._missed
        self._boxes.append(later._boxes.joined())

    def compute(self, names: tuple[str, ...]) -> dict[str, Any]:
        """
        Return the figures so far.

        :param names: of the shared classes
        :returns: ``{AP50, kinds: kind -> {count, gain}, per_class: name -> kind -> count}``; nan
            where no class has truth
        """
        boxes = self._boxes.joined()
        counts = self._counts(boxes)
        before = self._mean_ap(boxes['class_id'], boxes['score'], boxes['outcome'], self._truths)
        after = [self._mended(boxes, kind) for kind in range(len(ERROR_KINDS))]
        return {
            'AP50': before,
            'kinds': {kind: {'count': int(counts[:, index].sum()), 'gain': after[index] - before}
                      for index, kind in enumerate(ERROR_KINDS)},
            'per_class': {name: dict(zip(ERROR_KINDS, row.tolist()))
                          for name, row in zip(names, counts)}}

    def _counts(self, boxes: np.ndarray) -> np.ndarray:
        counts = np.zeros((self._count, len(ERROR_KINDS)), np.int64)
        wrong = boxes[boxes['kind'] != _RIGHT]
        np.add.at(counts, (wrong['class_id'], wrong['kind']), 1)
        counts[:, -1] = self._missed
        return counts

    def _mended(self, boxes: np.ndarray, kind: int) -> float:
        """Return the mean AP with one kind of error mended."""
        class_ids, outcomes, truths = boxes['class_id'], boxes['outcome'], self._truths
        if kind == _CLASS:
            class_ids, outcomes = boxes['mended_class'], boxes['class_mended']
        elif kind == _PLACE:
            outcomes = boxes['place_mended']
        elif kind < len(ERROR_KINDS) - 1:
            outcomes = np.where(boxes['kind'] == kind, IGNORED, outcomes)
        else:
            truths = truths - self._missed
        return self._mean_ap(class_ids, boxes['score'], outcomes, truths)

    def _mean_ap(self, class_ids: np.ndarray, scores: np.ndarray, outcomes: np.ndarray,
                 truths: np.ndarray) -> float:
        values = []
        for index in np.flatnonzero(self._truths):
            own = class_ids == index
            # Where everything was missed and that is mended, nothing is left to find.
            values.append(area_under_curve(*precision_recall(
                scores[own], outcomes[own], truths[index])) if truths[index] else 1.0)
        return float(np.mean(values)) if values else float('nan')


def _kinds(frame: FrameBoxes) -> tuple[np.ndarray, np.ndarray]:
    """Return the kind of each box, _RIGHT where it is none, and the truth it is about."""
    kinds = np.full(len(frame.scores), _BACKGROUND, np.int64)
    targets = np.full(len(frame.scores), -1, np.int64)
    if frame.overlap.size:
        same = frame.class_ids[:, None] == frame.truth_ids
        own, other = np.where(same, frame.overlap, 0.0), np.where(same, 0.0, frame.overlap)
        # From the weakest reason to the strongest, which overwrites it.
        for kind, overlap, least in (
                (_BOTH, other, BACKGROUND_IOU), (_PLACE, own, BACKGROUND_IOU),
                (_CLASS, other, IOU_THRESHOLD), (_DUPLICATE, own, IOU_THRESHOLD)):
            there = overlap.max(axis=1) >= least
            kinds[there] = kind
            targets[there] = overlap.argmax(axis=1)[there]
    right = frame.finds >= 0
    kinds[right], targets[right] = _RIGHT, frame.finds[right]
    return kinds, targets


def _missed(frame: FrameBoxes, kinds: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return (M,) bool, the truths that nothing found or nearly found."""
    missed = ~frame.found
    missed[targets[(kinds == _CLASS) | (kinds == _PLACE)]] = False
    return missed


def _rows(frame: FrameBoxes, kinds: np.ndarray, targets: np.ndarray) -> np.ndarray:
    rows = np.zeros(len(kinds), _ROW)
    outcomes, mended = np.where(kinds == _RIGHT, FOUND, WRONG), kinds == _CLASS
    rows['class_id'] = rows['mended_class'] = frame.class_ids
    rows['mended_class'][mended] = frame.truth_ids[targets[mended]]
    rows['score'], rows['outcome'], rows['kind'] = frame.scores, outcomes, kinds
    rows['class_mended'] = _with_mended(outcomes, kinds, targets, _CLASS)
    rows['place_mended'] = _with_mended(outcomes, kinds, targets, _PLACE)
    return rows


def _with_mended(outcomes: np.ndarray, kinds: np.ndarray, targets: np.ndarray,
                 kind: int) -> np.ndarray:
    """Return outcomes were the boxes of a kind right; of several on a truth the best counts."""
    outcomes = outcomes.copy()
    candidates = np.flatnonzero((kinds == _RIGHT) | (kinds == kind))
    # Boxes come best first, so that the first on a truth is the best.
    _, first = np.unique(targets[candidates], return_index=True)
    outcomes[candidates] = IGNORED
    outcomes[candidates[first]] = FOUND
    return outcomes

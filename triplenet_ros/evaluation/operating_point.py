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

"""Precision and recall at score thresholds: where a user of the boxes would run the network."""

from typing import Any

import numpy as np

from triplenet_ros.evaluation.curve_plot import precision_at
from triplenet_ros.evaluation.detection import Curves, FOUND, VocAP, WRONG

THRESHOLDS = np.arange(101) / 100
"""(101,) the thresholds of the curves."""


class ThresholdCounts:
    """
    How many boxes of each class are found and wrong at each threshold.

    :param metric: all boxes of a run
    """

    def __init__(self, metric: VocAP) -> None:
        """Sort the boxes."""
        self._truths = metric.truths
        class_ids, scores, outcomes = metric.outcomes()
        self._scores = [[np.sort(scores[(class_ids == index) & (outcomes == outcome)])
                         for outcome in (FOUND, WRONG)] for index in range(len(self._truths))]

    def at(self, thresholds: np.ndarray) -> np.ndarray:
        """
        Return the counts of boxes at the thresholds or above.

        :param thresholds: (T,) in 0 .. 1
        :returns: (K, 2, T) int64, found and wrong of each class
        """
        # In the numbers of the scores: 0.7 is not below the float32 that is nearest to it.
        thresholds = thresholds.astype(np.float32)
        counts = [[len(scores) - np.searchsorted(scores, thresholds) for scores in both]
                  for both in self._scores]
        return np.array(counts, np.int64).reshape(-1, 2, len(thresholds))

    def figures(self, threshold: float, names: tuple[str, ...]) -> tuple[dict, dict]:
        """
        Return the operating point of all classes together and of each.

        :param threshold: least score
        :param names: of the classes
        :returns: ``{threshold, truths, found, wrong, precision, recall, f1}``, and name -> the
            same without the threshold; nan where there is nothing to divide by
        """
        counts = self.at(np.array([threshold]))[..., 0]
        per_class = {name: _point(int(truths), *both) for name, truths, both in zip(
            names, self._truths, counts.tolist())}
        total = _point(int(self._truths.sum()), *counts.sum(axis=0).tolist())
        return {'threshold': threshold, **total}, per_class

    def curves(self, names: tuple[str, ...], curves: Curves) -> dict[str, Any]:
        """
        Return precision over recall, and precision, recall and F1 over the threshold.

        :param names: of the classes
        :param curves: of VocAP
        :returns: ``{recalls, thresholds, per_class}`` as in docs/scoring.md, of the classes with
            truth
        """
        counts = self.at(THRESHOLDS)
        per_class = {}
        for name, truths, (found, wrong) in zip(names, self._truths, counts):
            if truths:
                points = [_point(int(truths), *both) for both in zip(
                    found.tolist(), wrong.tolist())]
                per_class[name] = {
                    'precision_at_recall': precision_at(curves[name])[::10].tolist(),
                    **{key: [point[key] for point in points]
                       for key in ('precision', 'recall', 'f1')}}
        steps = THRESHOLDS.tolist()
        return {'recalls': steps, 'thresholds': steps, 'per_class': per_class}


def _point(truths: int, found: int, wrong: int) -> dict[str, Any]:
    return {'truths': truths, 'found': found, 'wrong': wrong,
            'precision': _share(found, found + wrong), 'recall': _share(found, truths),
            'f1': _share(2 * found, found + wrong + truths)}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float('nan')

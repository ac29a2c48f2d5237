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

"""Whether what is said with a confidence of 80 % is right in 80 of 100 cases."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

LEVELS = 256
BINS = 16
"""Of equal width, that the levels are put into."""

_TEMPERATURES = np.geomspace(0.25, 4, 401)


@dataclass
class Reliability:
    """
    How often each confidence was right, of boxes or of pixels.

    :param said: (256,) int64, how many had each confidence, in steps of 1 / 255
    :param right: (256,) int64, how many of them were right
    """

    said: np.ndarray = field(default_factory=lambda: np.zeros(LEVELS, np.int64))
    right: np.ndarray = field(default_factory=lambda: np.zeros(LEVELS, np.int64))

    def add(self, confidence: np.ndarray, right: np.ndarray) -> None:
        """
        Count some more.

        :param confidence: uint8, 255 = certain, or floats 0 .. 1
        :param right: bool, of the same shape
        """
        levels = confidence
        if levels.dtype != np.uint8:
            levels = np.rint(confidence * (LEVELS - 1)).astype(np.uint8)
        self.said += np.bincount(levels.ravel(), minlength=LEVELS)
        self.right += np.bincount(levels[right].ravel(), minlength=LEVELS)

    def merge(self, other: 'Reliability') -> None:
        """Add the counts of another one."""
        self.said += other.said
        self.right += other.right

    def bins(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return per bin (16,): how many there are, their mean confidence, the share of right."""
        confidence = self.said * np.arange(LEVELS) / (LEVELS - 1)
        said, confidence, right = (
            values.reshape(BINS, -1).sum(axis=1) for values in (self.said, confidence, self.right))
        divisor = np.maximum(said, 1)
        return said, confidence / divisor, right / divisor

    def error(self) -> float:
        """Return the expected calibration error, 0 .. 1; nan where nothing was said."""
        said, confidence, right = self.bins()
        total = said.sum()
        return float((said * np.abs(confidence - right)).sum() / total) if total else float('nan')

    def temperature(self) -> float:
        """
        Return what logits are to be divided by so that confidences are most likely.

        Each confidence is taken as that of one class against one other.
        """
        if not self.said.sum():
            return 1.0
        levels = np.clip(np.arange(LEVELS) / (LEVELS - 1), 0.5 / LEVELS, 1 - 0.5 / LEVELS)
        logits = np.log(levels / (1 - levels)) / _TEMPERATURES[:, None]  # (T, 256)
        wrong = self.said - self.right
        loss = (self.right * np.logaddexp(0, -logits)
                + wrong * np.logaddexp(0, logits)).sum(axis=1)
        return float(_TEMPERATURES[loss.argmin()])


def best_threshold(scores: np.ndarray, found: np.ndarray, truths: int) -> dict[str, Any]:
    """
    Find the score from which on boxes should be reported: that of the largest F1.

    :param scores: (N,) of the boxes that count
    :param found: (N,) bool, whether a box is right
    :param truths: how many there are to be found
    :returns: score, precision, recall and F1 there; None where there is nothing to be found
    """
    if not truths or not len(scores):
        return dict.fromkeys(('score', 'precision', 'recall', 'F1'))
    order = np.argsort(-scores, kind='stable')
    right = np.cumsum(found[order])
    precision, recall = right / np.arange(1, len(order) + 1), right / truths
    harmonic = 2 * right / (np.arange(1, len(order) + 1) + truths)
    best = int(harmonic.argmax())
    return {'score': float(scores[order[best]]), 'precision': float(precision[best]),
            'recall': float(recall[best]), 'F1': float(harmonic[best])}

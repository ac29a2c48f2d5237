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

"""Boxes of one class, ranked, from which average precision of any choice of frames is made."""

from typing import Iterator

import numpy as np

from triplenet_ros.evaluation.coco import RECALLS
from triplenet_ros.evaluation.detection import envelope, mean_precision


class RankedBoxes:
    """
    Boxes of one class, the best first.

    :param frames: (B,) int64 index of the frame of each
    :param found: (B, T) bool, whether each found a truth, by each of T rules
    :param neither: (B, T) bool, whether it counts neither way
    """

    def __init__(self, frames: np.ndarray, found: np.ndarray, neither: np.ndarray) -> None:
        """Find the boxes that are right: between them precision only falls."""
        right = found & ~neither
        self._places = [np.flatnonzero(column) for column in right.T]
        last = 1 + max((int(places[-1]) for places in self._places if len(places)), default=-1)
        self._frames = frames[:last]
        # Seldom any, and then by few of the rules.
        self._counted = [None if not column.any() else ~column for column in neither[:last].T]

    def voc(self, weights: np.ndarray, truths: np.ndarray) -> np.ndarray:
        """
        Return VOC's average precision by the first rule, the area under the curve.

        :param weights: (C, N) how often each frame is in each choice
        :param truths: (C,) how many there are to find in each
        :returns: (C,), nan without truths
        """
        values = np.full(len(weights), np.nan)
        for choice in np.flatnonzero(truths):
            weight, place, counted = next(self._at_hits(weights[choice]))
            values[choice] = (weight * envelope(place / counted)).sum() / truths[choice]
        return values

    def coco(self, weights: np.ndarray, truths: np.ndarray) -> np.ndarray:
        """Return COCO's average precision, the mean over all rules; arguments as above."""
        values = np.full(len(weights), np.nan)
        for choice in np.flatnonzero(truths):
            values[choice] = np.mean([
                mean_precision(place / truths[choice], place / counted, RECALLS)
                for _, place, counted in self._at_hits(weights[choice])])
        return values

    def _at_hits(self, weight: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """
        Yield for each rule, at each box that is right, how much there is so far.

        :returns: (H,) of the box alone, (H,) of boxes that are right, (H,) of boxes that count,
            at least 1
        """
        own = weight[self._frames]
        all_boxes = np.cumsum(own)
        for places, counted in zip(self._places, self._counted):
            total = all_boxes if counted is None else np.cumsum(own * counted)
            yield (own[places], np.cumsum(own[places]), np.maximum(total[places], 1))

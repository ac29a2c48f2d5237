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

"""The frames of a run that are furthest from their truth."""

from dataclasses import dataclass
import heapq
from typing import Optional

import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample


@dataclass(frozen=True)
class WorstFrame:
    """
    A frame to look at: all that a picture of it needs.

    :param frame: its scores
    :param prediction: what was found; class ids are of ``prediction.classes``
    :param truth: what is there; its image is empty, its ids are of the truth's own classes
    :param truth_classes: names and colours of the ids of the truth
    :param image: (H, W, 3) uint8 RGB, None where the recording has no image of that stamp
    """

    frame: ScoredFrame
    prediction: Prediction
    truth: Sample
    truth_classes: ClassSet
    image: Optional[np.ndarray] = None


class WorstFrames:
    """
    The frames with the lowest scores so far; of equal scores the earlier ones.

    :param count: how many to keep
    """

    def __init__(self, count: int) -> None:
        """Start with none."""
        self._count = count
        self._heap: list[tuple[float, int, WorstFrame]] = []

    def add(self, frame: WorstFrame) -> None:
        """Take a frame in; one without a score, or with a perfect one, is not worth a look."""
        score = frame.frame.score
        if score is None or score == 1 or not self._count:
            return
        entry = (-score, -frame.frame.number, frame)
        if len(self._heap) < self._count:
            heapq.heappush(self._heap, entry)
        elif entry[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, entry)

    @property
    def stamps(self) -> set[int]:
        """Stamps of the frames so far, nanoseconds."""
        return {frame.frame.stamp_ns for _, _, frame in self._heap}

    def ranked(self) -> list[WorstFrame]:
        """Return them, the worst first."""
        return [frame for _, _, frame in sorted(self._heap, key=lambda entry: entry[:2],
                                                reverse=True)]

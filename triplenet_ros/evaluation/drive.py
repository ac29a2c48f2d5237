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

"""Scores on a generated drive that went through a bag."""

from dataclasses import replace
from typing import Any, Iterator, Mapping

import numpy as np

from triplenet_ros.class_mapping import NO_RENAME
from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample
from triplenet_ros.scenes import Drive


class DriveScores:
    """
    Gives the pictures of a drive, remembers their truth, and compares what comes back.

    :param drive: the generated drive
    :param predicted: classes of the network
    :param first_stamp_ns: stamp of the first picture, nanoseconds
    :param rename: names that mean another one, see Evaluator
    """

    def __init__(self, drive: Drive, predicted: ClassSet, first_stamp_ns: int,
                 rename: Mapping[str, str] = NO_RENAME) -> None:
        self._first_stamp_ns = first_stamp_ns
        self._drive = drive
        self._evaluator = Evaluator(drive.classes, predicted, (VocAP,), rename)
        self._truth: dict[int, Sample] = {}

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self._drive)

    def pictures(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield a stamp in nanoseconds and a picture (H, W, 3) uint8 RGB, in order."""
        for frame in self._drive:
            stamp = self._first_stamp_ns + frame.time_ns
            self._truth[stamp] = replace(frame.sample, image=frame.sample.image[:0])
            yield stamp, frame.sample.image

    def update(self, time_ns: int, prediction: Prediction) -> None:
        """Compare a prediction with the truth of the picture of that stamp."""
        self._evaluator.update(prediction, self._truth.pop(time_ns))

    def compute(self) -> dict[str, Any]:
        """Return the figures so far, as Evaluator.compute."""
        return self._evaluator.compute()

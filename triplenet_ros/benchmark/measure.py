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

"""One row of the table: what is run, how, and its times."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Callable, Mapping, Optional, Sequence

import numpy as np

STAGES = ('preprocess', 'forward', 'postprocess')
EAGER, TORCHVISION, ULTRALYTICS = 'eager', 'torchvision', 'ultralytics'
BLOCK = 3
"""Timed calls of one subject before it is the next one's turn."""

Run = Callable[[Sequence[np.ndarray]], Mapping[str, float]]
"""Takes (H, W, 3) uint8 RGB images, waits for the results, tells the seconds of each stage."""


@dataclass(frozen=True)
class Subject:
    """
    One network, run in one way on batches of one size.

    :param network: its name
    :param weights: as they were asked for; None: random ones
    :param input_size: rows and columns of what the network itself is given
    :param classes: how many the boxes have, and the labels; 0 where it does not give them
    :param backend: what runs it
    :param device: where
    :param precision: in which type
    :param reason: why these, in a sentence
    :param asked: backend and precision as they were asked for
    :param batch: images per call
    :param images: (H, W, 3) uint8 RGB, of which every call takes the next ones
    :param run: one call
    """

    network: str
    weights: Optional[str]
    input_size: tuple[int, int]
    classes: tuple[int, int]
    backend: str
    device: str
    precision: str
    reason: str
    asked: tuple[str, str]
    batch: int
    images: Sequence[np.ndarray]
    run: Run

    def call(self, number: int) -> Mapping[str, float]:
        """
        Run the batch of that number; all subjects of a size see the same images.

        :return: seconds of each of STAGES
        """
        first = number * self.batch
        return self.run([self.images[index % len(self.images)]
                         for index in range(first, first + self.batch)])


@dataclass
class Times:
    """
    Seconds of each timed call of one subject.

    :param stages: by stage
    :param total: on the clock around the call
    """

    stages: dict[str, list[float]] = field(
        default_factory=lambda: {stage: [] for stage in STAGES})
    total: list[float] = field(default_factory=list)


def measure(subjects: Sequence[Subject], runs: int, *,
            advance: Callable[[], object] = lambda: None,
            stopped: Callable[[], bool] = lambda: False,
            clock: Callable[[], float] = perf_counter) -> list[Times]:
    """
    Time every subject, round by round.

    In each round every subject has a short turn, so that a machine that becomes slower meanwhile
    does so for all of them. A turn begins with a call that is not timed: the caches are still
    those of the subject before.

    :param subjects: built and warmed up
    :param runs: timed calls of each
    :param advance: told after each timed call
    :param stopped: asked before each call; what has been timed until then is returned
    :param clock: gives seconds
    """
    times = [Times() for _ in subjects]
    for first in range(0, runs, BLOCK):
        for subject, taken in zip(subjects, times):
            if stopped():
                return times
            subject.call(first)
            for number in range(first, min(first + BLOCK, runs)):
                if stopped():
                    return times
                _take(subject, number, taken, clock)
                advance()
    return times


def _take(subject: Subject, number: int, taken: Times, clock: Callable[[], float]) -> None:
    start = clock()
    stages = subject.call(number)
    taken.total.append(clock() - start)
    for stage in STAGES:
        taken.stages[stage].append(stages[stage])

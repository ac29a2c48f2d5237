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

"""The order of examples: what a training sees depends on its seed and on nothing else."""

from typing import Iterator

import numpy as np
import torch
from torch.utils.data import Dataset

from triplenet_ros.training.example import Example


class ExampleStream(Dataset):
    """
    Example number 0, 1, 2, ... of a training, each a function of its number and the seed alone.

    Whoever asks, in whatever order, from whichever process, gets the same augmented example: a
    training may stop, go on, and change its worker processes without learning anything else.
    Every pass through the examples is in another order.

    :param examples: what is gone through; their randomness is torch's
    :param seed: 0 or more
    """

    def __init__(self, examples: Dataset, seed: int) -> None:
        self.examples = examples
        self.seed = seed
        self._order: tuple[int, list[int]] = (-1, [])

    def __getitem__(self, number: int) -> Example:
        """Return one example; torch's own random state stays as it was."""
        epoch, place = divmod(number, len(self.examples))
        with torch.random.fork_rng(devices=()):
            torch.default_generator.manual_seed(_seed(self.seed, 0, number))
            return self.examples[self._index(epoch, place)]

    def _index(self, epoch: int, place: int) -> int:
        if self._order[0] != epoch:
            generator = torch.Generator().manual_seed(_seed(self.seed, 1, epoch))
            order = torch.randperm(len(self.examples), generator=generator)
            self._order = epoch, order.tolist()
        return self._order[1][place]


class StepNumbers:
    """
    The numbers of the examples that one process sees in each step of a training.

    Step s of P processes with B images each sees the numbers s * P * B up to (s + 1) * P * B:
    the same as one process with P * B images.

    :param steps: of the whole training; its length, also where it goes on from a later one
    :param first: the step to begin with
    :param size: B, images per step and process
    :param rank: this process, from 0
    :param processes: P
    """

    def __init__(self, steps: int, first: int, size: int, rank: int, processes: int) -> None:
        self.steps, self.first, self.size = steps, first, size
        self.rank, self.processes = rank, processes

    def __len__(self) -> int:
        """Return the number of steps of the whole training."""
        return self.steps

    def __iter__(self) -> Iterator[range]:
        """Give the numbers of each step that is left."""
        for step in range(self.first, self.steps):
            start = (step * self.processes + self.rank) * self.size
            yield range(start, start + self.size)


def _seed(*words: int) -> int:
    # Mixed, because neighbouring seeds give PyTorch's generator alike beginnings.
    return int(np.random.SeedSequence(words).generate_state(1)[0])

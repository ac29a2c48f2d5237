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

"""One row of the table: what is run, and how."""

from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence

import numpy as np

STAGES = ('preprocess', 'forward', 'postprocess')
EAGER, TORCHVISION = 'eager', 'torchvision'

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

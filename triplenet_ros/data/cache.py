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

"""Decoded samples kept in memory."""

import math
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.classes import ClassSet
from triplenet_ros.sample import Sample


class InMemory(Dataset):
    """
    A data set that decodes a sample once and hands out the same one from then on.

    For sets that are gone through often. What does not fit is decoded every time. Each worker
    process of a loader has its own. The arrays are shared between all who ask: copy before
    writing into them.

    :param dataset: any data set of samples
    :param limit: bytes of samples that are kept
    """

    def __init__(self, dataset: Any, limit: float = math.inf) -> None:
        """Start empty."""
        self._dataset = dataset
        self._samples: dict[int, Sample] = {}
        self._left = limit

    @property
    def classes(self) -> ClassSet:
        """Classes of the data set behind it."""
        return self._dataset.classes

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._dataset)

    def __getitem__(self, index: int) -> Sample:
        """Return one sample, decoded now or before."""
        if index in self._samples:
            return self._samples[index]
        sample = self._dataset[index]
        size = _bytes_of(sample)
        if size <= self._left:
            self._samples[index] = sample
            self._left -= size
        return sample


def _bytes_of(sample: Sample) -> int:
    return sum(value.nbytes for value in vars(sample).values() if isinstance(value, np.ndarray))

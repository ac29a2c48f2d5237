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

from typing import Any

from torch.utils.data import Dataset

from triplenet_ros.classes import ClassSet
from triplenet_ros.data.sample import Sample


class InMemory(Dataset):
    """
    A data set that decodes each sample once and hands out the same one from then on.

    For sets that fit into memory as uint8 and are gone through often. Each worker process of a
    loader has its own. The arrays are shared between all who ask: copy before writing into them.

    :param dataset: any data set of samples
    """

    def __init__(self, dataset: Any) -> None:
        """Start empty."""
        self._dataset = dataset
        self._samples: dict[int, Sample] = {}

    @property
    def classes(self) -> ClassSet:
        """Classes of the data set behind it."""
        return self._dataset.classes

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._dataset)

    def __getitem__(self, index: int) -> Sample:
        """Return one sample, decoded now or before."""
        if index not in self._samples:
            self._samples[index] = self._dataset[index]
        return self._samples[index]

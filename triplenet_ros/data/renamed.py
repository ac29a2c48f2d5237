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

"""Data under other class names."""

from dataclasses import replace
from typing import Any, Mapping, Optional

import numpy as np
from torch.utils.data import Dataset

from triplenet_ros.class_mapping import renamed, renamed_classes
from triplenet_ros.classes import UNLABELLED
from triplenet_ros.sample import Sample


class RenamedSet(Dataset):
    """
    A data set whose classes are called otherwise, several of them maybe alike.

    :param dataset: any data set of samples
    :param rename: old to new names
    :raises InputError: if it maps a name that is no class of the data
    """

    def __init__(self, dataset: Any, rename: Mapping[str, str]) -> None:
        """Find out which class becomes which."""
        given = dataset.classes
        self._dataset = dataset
        self.classes = renamed_classes(given, rename)
        self.truth_of_boxes = getattr(dataset, 'truth_of_boxes', 'boxes')
        self._class_of = np.array([self.classes.detection.index(name)
                                   for name in renamed(given.detection, rename)], np.int64)
        self._label_of = np.full(UNLABELLED + 1, UNLABELLED, np.uint8)
        for label, name in enumerate(renamed(given.segmentation, rename)):
            self._label_of[label] = self.classes.segmentation.index(name)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._dataset)

    def __getitem__(self, index: int) -> Sample:
        """Return one sample, its boxes and labels of the renamed classes."""
        sample = self._dataset[index]
        return replace(sample, class_ids=_looked_up(self._class_of, sample.class_ids),
                       label_map=_looked_up(self._label_of, sample.label_map))


def _looked_up(table: np.ndarray, values: Optional[np.ndarray]) -> Optional[np.ndarray]:
    return None if values is None else table[values]

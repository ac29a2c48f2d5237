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

"""A data set with label maps from PNG files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset

from triplenet_ros.classes import ClassSet
from triplenet_ros.data.imagefile import check_labels, read_labels
from triplenet_ros.sample import Sample


class MaskedSet(Dataset):
    """
    The samples of another set with the label maps of ``masks/NAME.png``.

    An image without such a file has no label map, whatever the other set gave it: its labels
    would be of other classes.

    :param dataset: of samples
    :param masks: folder of the files: grey or palette, a number for each pixel, 255 = unlabelled
    :param classes: of the whole
    """

    def __init__(self, dataset: Any, masks: Path, classes: ClassSet) -> None:
        """Keep both; nothing is read yet."""
        self.classes = classes
        self._dataset = dataset
        self._masks = masks

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._dataset)

    def __getitem__(self, index: int) -> Sample:
        """
        Return one sample.

        :param index: 0 .. len - 1
        :raises InputError: if a file is damaged, or image and mask do not fit together
        """
        sample = self._dataset[index]
        path = self._masks / f'{sample.name}.png'
        if not path.is_file():
            return replace(sample, label_map=None)
        label_map = read_labels(path)
        height, width = sample.image.shape[:2]
        check_labels(path, label_map, height, width, len(self.classes.segmentation))
        return replace(sample, label_map=label_map)

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

"""The stream of examples that a recipe trains on."""

import math
from typing import Any, Mapping, Sequence

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Dataset

from triplenet_ros.classes import ClassSet, UNLABELLED
from triplenet_ros.data.cache import InMemory
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.training.augment import Augmentation
from triplenet_ros.training.example import Example, to_example


class TrainingExamples(Dataset):
    """
    One data set in the network's classes, augmented.

    :param dataset: of Sample, with its classes
    :param config: the network
    :param augmentation: applied to every example
    """

    def __init__(self, dataset: Dataset, config: NetworkConfig,
                 augmentation: Augmentation) -> None:
        self.dataset = dataset
        self.augmentation = augmentation
        self.class_of = class_table(dataset.classes, config.classes)
        self.label_of = label_table(dataset.classes, config.classes)
        self.unknown_classes = tuple(sorted(
            set(range(len(config.classes.detection))) - set(self.class_of)))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.dataset)

    def __getitem__(self, index: int) -> Example:
        """Return one augmented example; its randomness is torch's."""
        return self.augmentation(to_example(self.dataset[index], self.class_of, self.label_of,
                                            self.unknown_classes))


def open_training_data(data: Sequence[tuple[str, Mapping[str, Any]]], config: NetworkConfig,
                       augmentation: Augmentation, memory: float = math.inf
                       ) -> tuple[Dataset, list[TrainingExamples]]:
    """
    Open every data set of a recipe and keep its images in memory, as far as they fit.

    :param data: name and options of each, as a recipe has them
    :param config: the network
    :param augmentation: applied to every example
    :param memory: bytes of decoded images that a process may keep, the sets alike
    :return: all examples, each set as often as its ``repeat`` says; and each set once
    :raises InputError: if one cannot be opened
    """
    examples, sets = [], []
    for name, options in data:
        options = dict(options)
        repeat = options.pop('repeat', 1)
        dataset = InMemory(open_dataset(name, **options), memory / len(data))
        sets.append(TrainingExamples(dataset, config, augmentation))
        examples += [sets[-1]] * repeat
    return ConcatDataset(examples), sets


def class_table(given: ClassSet, wanted: ClassSet) -> list[int]:
    """
    Return for each detection class of a data set the network's class id, -1 where it has none.

    :raises InputError: if the two have no class at all in common
    """
    if not set(given.detection) & set(wanted.detection) and \
            not set(given.segmentation) & set(wanted.segmentation):
        raise InputError(f'the data has the classes {", ".join(given.segmentation)}, the network '
                         f'{", ".join(wanted.segmentation)}: none in common')
    return [wanted.detection.index(name) if name in wanted.detection else -1
            for name in given.detection]


def label_table(given: ClassSet, wanted: ClassSet) -> torch.Tensor:
    """Return (256,) uint8: the network's label of each of a data set's, 255 where it has none."""
    table = torch.full((UNLABELLED + 1,), UNLABELLED, dtype=torch.uint8)
    for label, name in enumerate(given.segmentation):
        if name in wanted.segmentation:
            table[label] = wanted.segmentation.index(name)
    return table


def balanced_weights(sets: list[TrainingExamples], classes: int) -> list[float]:
    """
    Weigh each segmentation class by how rare its pixels are, the mean over all pixels being 1.

    The weight is 1 / log(1.1 + share) (ENet 5.1, with a milder constant): at most about ten times
    the commonest one's.

    :param sets: the training data
    :param classes: segmentation classes of the network
    """
    counts = np.zeros(classes)
    for each in sets:
        for index in range(len(each)):
            labels = each.dataset[index].label_map
            if labels is not None:
                labels = each.label_of.numpy()[labels]
                counts += np.bincount(labels[labels != UNLABELLED], minlength=classes)
    shares = counts / max(counts.sum(), 1)
    weights = 1 / np.log(1.1 + shares)
    return (weights / max((weights * shares).sum(), 1e-9)).tolist()

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

"""The loaders of one recipe, as lightning asks for them."""

import signal
from typing import Any, Optional

import lightning
import torch
from torch.utils.data import DataLoader, Dataset

from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.interrupt import ENDS
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.training.augment import make_augmentation
from triplenet_ros.training.batch import collate
from triplenet_ros.training.data_rate import TimedLoader
from triplenet_ros.training.examples import open_training_data
from triplenet_ros.training.processes import process_count, process_rank
from triplenet_ros.training.recipe import Recipe
from triplenet_ros.training.stream import ExampleStream, StepNumbers


class TrainingData(lightning.LightningDataModule):
    """
    Training and validation data of one recipe, each process's share of them.

    :param recipe: which
    :param config: the network, in whose classes and size the examples come
    :raises InputError: if a data set cannot be opened or holds nothing
    """

    def __init__(self, recipe: Recipe, config: NetworkConfig) -> None:
        super().__init__()
        self.recipe = recipe
        augmentation = make_augmentation(recipe.augmentation, config, recipe.crop,
                                         recipe.scales, recipe.degrade)
        examples, self.sets = open_training_data(
            recipe.data_sets, config, augmentation, recipe.cache * 1e9 / max(recipe.workers, 1))
        if len(examples) == 0:
            names = ', '.join(name for name, _ in recipe.data_sets)
            raise InputError(f'the training data {names} holds no images')
        self.examples = ExampleStream(examples, recipe.seed)
        self.validation = _open_validation(recipe)

    def train_dataloader(self) -> TimedLoader:
        """Return the batches of all steps that are left."""
        return self.loader_from(0 if self.trainer is None else self.trainer.global_step)

    def loader_from(self, step: int) -> TimedLoader:
        """
        Return this process's batches from a step on.

        :param step: number of steps done before
        """
        recipe = self.recipe
        numbers = StepNumbers(recipe.iterations, step, recipe.batch_size, process_rank(),
                              process_count())
        return TimedLoader(
            self.examples, batch_sampler=numbers, collate_fn=collate, num_workers=recipe.workers,
            persistent_workers=recipe.workers > 0, worker_init_fn=_leave_interrupts,
            pin_memory=torch.cuda.is_available())

    def val_dataloader(self) -> Any:
        """Return this process's share of the samples: a run of them, in their order."""
        count, processes, rank = len(self.validation), process_count(), process_rank()
        if count < processes:
            raise InputError(f'{count} validation images are too few for {processes} processes')
        share = range(rank * count // processes, (rank + 1) * count // processes)
        return DataLoader(self.validation, batch_size=None, sampler=share, collate_fn=_unchanged)


def _open_validation(recipe: Recipe) -> Optional[Dataset]:
    for name, options in recipe.validation.items():
        return open_dataset(name, **(options or {}))
    return None


def _unchanged(sample: object) -> object:
    return sample


def _leave_interrupts(_worker: int) -> None:
    # These reach every process of a terminal; the training decides when its workers end.
    for number in (signal.SIGINT, *ENDS):
        signal.signal(number, signal.SIG_IGN)

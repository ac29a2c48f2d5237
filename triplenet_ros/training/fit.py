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

"""Run a recipe: data, network, lightning's trainer, checkpoints."""

from pathlib import Path
from typing import Optional, Sequence

import lightning
from lightning.pytorch.callbacks import (
    Callback, EMAWeightAveraging, LearningRateMonitor, ModelCheckpoint)
from lightning.pytorch.loggers import TensorBoardLogger
import torch
from torch.utils.data import DataLoader

from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.training.augment import make_augmentation
from triplenet_ros.training.batch import collate
from triplenet_ros.training.examples import balanced_weights, open_training_data
from triplenet_ros.training.recipe import Recipe
from triplenet_ros.training.task import TrainingTask

SCORE = 'score'
"""Name under which a callback logs the figure that the best checkpoint is chosen by."""


def fit(recipe: Recipe, network: JointNetwork, folder: Path,
        callbacks: Sequence[Callback] = (), resume: bool = False) -> TrainingTask:
    """
    Train a network.

    :param recipe: how
    :param network: trained in place
    :param folder: where checkpoints (last.ckpt, best.ckpt), TensorBoard events and the recipe go
    :param callbacks: run before ours, so that they see the averaged weights in validation
    :param resume: go on from last.ckpt in the folder
    :return: the trained task; its network holds the averaged weights where the recipe averages
    :raises InputError: if there is nothing to resume, or data is missing
    """
    last = folder / 'last.ckpt'
    if resume and not last.is_file():
        raise InputError(f'nothing to resume: there is no {last}')
    lightning.seed_everything(recipe.seed, workers=True, verbose=False)
    task, loader = _prepare(recipe, network)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'recipe.yaml').write_text(recipe.to_yaml(), encoding='utf-8')
    trainer = _make_trainer(recipe, folder, callbacks)
    trainer.fit(task, loader, _validation_loader(recipe), ckpt_path=last if resume else None,
                weights_only=False)
    return task


def _prepare(recipe: Recipe, network: JointNetwork) -> tuple[TrainingTask, DataLoader]:
    config: NetworkConfig = network.config
    augmentation = make_augmentation(recipe.augmentation, config, recipe.crop, recipe.scales)
    examples, datasets = open_training_data(recipe.data, config, augmentation)
    weights = None
    if recipe.balance_classes:
        weights = balanced_weights(datasets, len(config.classes.segmentation))
    loader = DataLoader(
        examples, batch_size=recipe.batch_size, shuffle=True, drop_last=True, collate_fn=collate,
        num_workers=recipe.workers, persistent_workers=recipe.workers > 0,
        pin_memory=torch.cuda.is_available())
    if len(loader) == 0:
        raise InputError(f'{len(examples)} training images do not fill one batch of '
                         f'{recipe.batch_size}')
    network.to(memory_format=torch.channels_last).train()
    if recipe.frozen_norm:
        freeze_norm(network)
    return TrainingTask(network, recipe, weights), loader


def freeze_norm(network: JointNetwork) -> None:
    """Let every batch norm use its running statistics and leave them as they are."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


def _validation_loader(recipe: Recipe) -> Optional[DataLoader]:
    for name, options in recipe.validation.items():
        return DataLoader(open_dataset(name, **options), batch_size=None, collate_fn=_unchanged)
    return None


def _unchanged(sample: object) -> object:
    return sample


def _make_trainer(recipe: Recipe, folder: Path,
                  callbacks: Sequence[Callback]) -> lightning.Trainer:
    checkpoint = ModelCheckpoint(folder, filename='best', monitor=SCORE, mode='max',
                                 enable_version_counter=False) if recipe.validation else None
    last = ModelCheckpoint(folder, filename='last', every_n_train_steps=recipe.validate_every,
                           enable_version_counter=False)
    average = EMAWeightAveraging(decay=recipe.average_decay) if recipe.average_decay else None
    ours = [callback for callback in (average, LearningRateMonitor(), checkpoint, last)
            if callback]
    return lightning.Trainer(
        max_steps=recipe.iterations, precision=recipe.precision,
        val_check_interval=recipe.validate_every, check_val_every_n_epoch=None,
        num_sanity_val_steps=0, gradient_clip_val=recipe.clip_gradient or None,
        logger=TensorBoardLogger(folder.parent, name=folder.name, version=''),
        callbacks=[*callbacks, *ours], enable_model_summary=False, log_every_n_steps=10)

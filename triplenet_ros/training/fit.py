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

from contextlib import contextmanager, nullcontext
import logging
from pathlib import Path
from pickle import UnpicklingError
import threading
from typing import Iterator, Optional, Sequence
import warnings
from zipfile import is_zipfile

import lightning
from lightning.pytorch.callbacks import (
    Callback, EMAWeightAveraging, LearningRateMonitor, ModelCheckpoint)
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities.exceptions import (
    MisconfigurationException, SIGTERMException)
import torch

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.interrupt import deferred_interrupt, Interrupt
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.outputs import filling, FULL, NotWritten, replacing
from triplenet_ros.training.checkpoints import LastCheckpoint, WholeCheckpoints
from triplenet_ros.training.examples import balanced_weights
from triplenet_ros.training.mixed_precision import find_precision
from triplenet_ros.training.progress import Progress
from triplenet_ros.training.recipe import Recipe
from triplenet_ros.training.task import TrainingTask
from triplenet_ros.training.training_data import TrainingData

SCORE = 'score'
"""Name under which a callback logs the figure that the best checkpoint is chosen by."""

_UNFOUNDED = (
    '.*your dataloader is not resumable',  # where its order goes on is told by the step
    'You have overridden `transfer_batch_to_device`',  # on purpose
    'Checkpoint directory .* exists and is not empty',  # the recipe is there already
    'Found .* module.s. in eval mode',  # frozen_norm
    '.*does not have many workers',  # workers are the recipe's choice
    'The number of training batches .* is smaller than the logging interval',  # likewise
    '.*LeafSpec.* is deprecated',  # between lightning and PyTorch
)
"""Beginnings of warnings about what is meant to be so, or is nothing of ours."""


def fit(recipe: Recipe, network: JointNetwork, folder: Path,
        callbacks: Sequence[Callback] = (), resume: bool = False) -> TrainingTask:
    """
    Train a network.

    On a CPU a training that was stopped and goes on gives the same weights, to the last bit, as
    one that was not stopped. Ctrl-C ends it after a whole step, with last.ckpt of that step.

    :param recipe: how
    :param network: trained in place
    :param folder: where checkpoints (last.ckpt, best.ckpt), TensorBoard events and the recipe go
    :param callbacks: run before ours, so that they see the averaged weights in validation
    :param resume: go on from last.ckpt in the folder
    :return: the trained task; its network holds the averaged weights where the recipe averages
    :raises InputError: if there is nothing to resume, data is missing, there are no such devices,
        or the folder is that of another training or cannot be written
    """
    last = folder / 'last.ckpt'
    if resume and not last.is_file():
        raise InputError(f'nothing to resume: there is no {last}')
    if resume and not is_zipfile(last):  # which is what PyTorch writes
        raise InputError(f'{last} is no whole checkpoint: a part of it is missing')
    lightning.seed_everything(recipe.seed, verbose=False)
    data = TrainingData(recipe, network.config)
    task = _make_task(recipe, network, data)
    with deferred_interrupt() as interrupt, _without_unfounded(), _told(folder):
        trainer = _make_trainer(recipe, folder, callbacks, interrupt)
        with filling(folder) if trainer.is_global_zero else nullcontext():
            if trainer.is_global_zero:
                _write_recipe(recipe, folder / 'recipe.yaml', resume)
            _run(trainer, task, data, last if resume else None)
    return task


def _write_recipe(recipe: Recipe, path: Path, resume: bool) -> None:
    """Write what every training's folder holds first: no two trainings share one."""
    if path.exists() and not resume:
        raise InputError(f'{path.parent} is the folder of another training: choose another one, '
                         'or resume that')
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text(recipe.to_yaml(), encoding='utf-8')


def _run(trainer: lightning.Trainer, task: TrainingTask, data: TrainingData,
         last: Optional[Path]) -> None:
    try:
        # A checkpoint may have been handed on: it is read as data, and nothing in it is run.
        trainer.fit(task, datamodule=data, ckpt_path=last, weights_only=True)
    except UnpicklingError as error:
        raise InputError(f'{last} holds more than the numbers of a training, nothing of it was '
                         f'run: {one_line(error)}') from error
    except SystemExit as error:
        # Lightning makes this of Ctrl-C, and by itself of SIGTERM.
        if isinstance(error, SIGTERMException) or isinstance(error.__context__,
                                                             KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say in one line that TensorBoard's events cannot be written: its thread would in thirty."""
    before = threading.excepthook

    def quiet(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, OSError):
            before(args)

    threading.excepthook = quiet
    try:
        yield
    except OSError as error:  # which the thread has left for the next event
        if error.filename is not None or error.errno not in FULL:
            raise
        raise NotWritten(folder, error.strerror) from error
    finally:
        threading.excepthook = before


@contextmanager
def _without_unfounded() -> Iterator[None]:
    """Keep from standard error what nobody can act on, such as what else lightning sells."""
    logger = logging.getLogger('lightning.pytorch')
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for message in _UNFOUNDED:
                warnings.filterwarnings('ignore', message)
            yield
    finally:
        logger.setLevel(level)


def set_training_mode(network: JointNetwork, recipe: Recipe) -> None:
    """Bring every module into the mode in which the recipe trains it."""
    network.train()
    if recipe.frozen_norm:
        freeze_norm(network)
    freeze_stages(network, recipe.frozen_stages)


def freeze_norm(network: torch.nn.Module) -> None:
    """Let every batch norm use its running statistics and leave them as they are."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()


def freeze_stages(network: JointNetwork, count: int) -> None:
    """Leave the first stages of the encoder as they are."""
    for module in network.encoder.first_stages(count):
        module.requires_grad_(False)
        freeze_norm(module)


def _make_task(recipe: Recipe, network: JointNetwork, data: TrainingData) -> TrainingTask:
    weights = None
    if recipe.balance_classes:
        weights = balanced_weights(data.sets, len(network.config.classes.segmentation))
    network.to(memory_format=torch.channels_last)
    set_training_mode(network, recipe)
    return TrainingTask(network, recipe, weights)


def _make_trainer(recipe: Recipe, folder: Path, callbacks: Sequence[Callback],
                  interrupt: Interrupt) -> lightning.Trainer:
    average = EMAWeightAveraging(decay=recipe.average_decay) if recipe.average_decay else None
    best = ModelCheckpoint(folder, filename='best', monitor=SCORE, mode='max',
                           enable_version_counter=False) if recipe.validation else None
    last = LastCheckpoint(folder / 'last.ckpt', recipe.validate_every, interrupt)
    ours = [callback for callback in (average, LearningRateMonitor(), best, last, Progress())
            if callback]
    try:
        return lightning.Trainer(
            max_steps=recipe.iterations, devices=recipe.devices, num_nodes=recipe.nodes,
            precision=find_precision(recipe.precision, recipe.accelerator),
            accelerator=recipe.accelerator, strategy=recipe.strategy,
            use_distributed_sampler=False,
            val_check_interval=recipe.validate_every, check_val_every_n_epoch=None,
            limit_val_batches=1.0 if recipe.validation else 0,
            num_sanity_val_steps=0, gradient_clip_val=recipe.clip_gradient or None,
            logger=TensorBoardLogger(folder.parent, name=folder.name, version=''),
            plugins=[WholeCheckpoints()], callbacks=[*callbacks, *ours],
            enable_model_summary=False, enable_progress_bar=False,
            log_every_n_steps=recipe.log_every)
    except (MisconfigurationException, ValueError) as error:
        raise InputError(f'recipe: accelerator {recipe.accelerator}, devices {recipe.devices}, '
                         f'strategy {recipe.strategy}, precision {recipe.precision}: '
                         f'{one_line(error)}') from error

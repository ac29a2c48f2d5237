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

"""The checkpoint that a training goes on from."""

import io
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO
import torch

from triplenet_ros.interrupt import Interrupt
from triplenet_ros.outputs import replacing
from triplenet_ros.training.processes import sum_of_processes


class WholeCheckpoints(TorchCheckpointIO):
    """
    Writes checkpoints that are whole at every moment.

    Lightning's own are written elsewhere and copied, where that is another disk.
    """

    def save_checkpoint(self, checkpoint: dict, path: Any, storage_options: Any = None) -> None:
        """
        Write a checkpoint in place of an older one.

        :raises InputError: if it cannot be written
        """
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with replacing(Path(path), overwrite=True) as temporary:
            temporary.write_bytes(content.getbuffer())


class LastCheckpoint(Checkpoint):
    """
    Keeps one checkpoint up to date: every so many steps, after validations, at the end.

    Ctrl-C is waited for until a step is complete, and then ends the training with a checkpoint
    of that very step. During a validation, before which one was written, it ends at once.

    :param path: of the file
    :param every: steps
    :param interrupt: whether Ctrl-C was pressed
    """

    def __init__(self, path: Path, every: int, interrupt: Interrupt) -> None:
        self.path = path
        self.every = every
        self.interrupt = interrupt

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule,
                           outputs: Any, batch: Any, batch_idx: int) -> None:
        """Save if it is time to; stop if Ctrl-C was pressed."""
        step = trainer.global_step
        # All processes must stop at the same step, whichever of them was told to.
        pressed = torch.tensor(float(self.interrupt.seen), device=pl_module.device)
        stop = sum_of_processes(pressed).item() > 0
        if stop or step % self.every == 0 or step == trainer.max_steps:
            trainer.save_checkpoint(self.path)
        if stop:
            raise KeyboardInterrupt

    def on_validation_batch_end(self, trainer: lightning.Trainer,
                                pl_module: lightning.LightningModule, outputs: Any, batch: Any,
                                batch_idx: int, dataloader_idx: int = 0) -> None:
        """Stop if Ctrl-C was pressed."""
        if self.interrupt.seen:
            raise KeyboardInterrupt

    def on_validation_end(self, trainer: lightning.Trainer,
                          pl_module: lightning.LightningModule) -> None:
        """Save again, with the scores and with which checkpoint was the best."""
        trainer.save_checkpoint(self.path)

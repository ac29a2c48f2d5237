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

"""How far a training is: a bar on a terminal, lines where its output goes elsewhere."""

from contextlib import suppress
from datetime import timedelta
import sys
from time import perf_counter
from typing import Any, Optional

import lightning
from lightning.pytorch.callbacks import Callback
from tqdm import tqdm


class Progress(Callback):
    """
    Shows step, loss, images per second and the time left, on standard error.

    Where that is no terminal, a line is written every ``log_every_n_steps`` of the trainer; the
    time left is that of the steps so far, validations included. The first process alone shows it.
    """

    def __init__(self) -> None:
        self._bar: Optional[tqdm] = None
        self._begun = self._since = 0.0
        self._first = self._images = 0

    def on_train_start(self, trainer: lightning.Trainer, _: lightning.LightningModule) -> None:
        """Open the bar, where there is a terminal."""
        self._begun = self._since = perf_counter()
        self._first, self._images = trainer.global_step, 0
        if trainer.is_global_zero and sys.stderr.isatty():
            self._bar = tqdm(total=trainer.max_steps, initial=trainer.global_step,
                             desc='training', unit='step')

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule,
                           outputs: Any, batch: Any, batch_idx: int) -> None:
        """Count a step, and tell where its figures are wanted."""
        self._images += len(batch.images) * trainer.world_size
        if self._bar is not None:
            self._bar.update()
        if trainer.is_global_zero and trainer.global_step % trainer.log_every_n_steps == 0:
            self._tell(trainer, float(outputs['loss']))

    def on_validation_start(self, trainer: lightning.Trainer,
                            pl_module: lightning.LightningModule) -> None:
        """Say why no step follows."""
        self._name('validating')

    def on_validation_end(self, trainer: lightning.Trainer,
                          pl_module: lightning.LightningModule) -> None:
        """Go on; the time of a validation is none of the images' seconds."""
        self._name('training')
        self._since, self._images = perf_counter(), 0

    def on_train_end(self, trainer: lightning.Trainer,
                     pl_module: lightning.LightningModule) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def on_exception(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule,
                     exception: BaseException) -> None:
        """Leave the line to the error."""
        self.on_train_end(trainer, pl_module)

    def _name(self, text: str) -> None:
        if self._bar is not None:
            self._bar.set_description(text)

    def _tell(self, trainer: lightning.Trainer, loss: float) -> None:
        now, step = perf_counter(), trainer.global_step
        rate = self._images / max(now - self._since, 1e-9)
        self._since, self._images = now, 0
        if self._bar is not None:
            self._bar.set_postfix_str(f'loss {loss:.3f}, {rate:.1f} images/s')
            return
        left = (now - self._begun) / (step - self._first) * (trainer.max_steps - step)
        with suppress(OSError):  # a log file on a full disk ends no training
            print(f'step {step}/{trainer.max_steps}  loss {loss:.3f}  {rate:.1f} images/s  '
                  f'{timedelta(seconds=round(left))} left', file=sys.stderr, flush=True)

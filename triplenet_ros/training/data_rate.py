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

"""Whether the network waits for its data."""

from time import perf_counter
from typing import Any, Iterator, Optional

import lightning
from lightning.pytorch.callbacks import Callback
from torch.utils.data import DataLoader


class TimedLoader(DataLoader):
    """A loader that knows how long it was waited for."""

    waited = 0.0
    """Seconds, of all iterations so far."""

    def __iter__(self) -> Iterator[Any]:
        """Give each batch, and count the time until it came."""
        batches = super().__iter__()
        while True:
            start = perf_counter()
            batch = next(batches, None)
            self.waited += perf_counter() - start
            if batch is None:
                return
            yield batch


class DataRate(Callback):
    """
    Measures images per second, and the share of the time in which the network waited for them.

    The first step, in which worker processes start, and validations are left out. Both figures
    are logged over the steps since they were logged last; images count in all processes, waiting
    in this one.
    """

    def __init__(self) -> None:
        self.images = 0
        self.seconds = self.waited = 0.0
        self._since: Optional[tuple[float, float]] = None
        self._logged = (0, 0.0, 0.0)

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule,
                           outputs: Any, batch: Any, batch_idx: int) -> None:
        """Add one step to the figures."""
        now = perf_counter(), trainer.train_dataloader.waited
        if self._since is not None:
            self.images += len(batch.images) * trainer.world_size
            self.seconds += now[0] - self._since[0]
            self.waited += now[1] - self._since[1]
            if trainer.global_step % trainer.log_every_n_steps == 0:
                self._log(pl_module)
        self._since = now

    def on_validation_start(self, trainer: lightning.Trainer,
                            pl_module: lightning.LightningModule) -> None:
        """Stop the clock: the next step begins after the validation."""
        self._since = None

    def on_validation_end(self, trainer: lightning.Trainer,
                          pl_module: lightning.LightningModule) -> None:
        """Start it again."""
        self._since = perf_counter(), trainer.train_dataloader.waited

    def __str__(self) -> str:
        """Return both figures in words."""
        if not self.images:
            return 'too few steps to tell images/s'
        rate, share = self._figures((0, 0.0, 0.0))
        return f'{rate:.1f} images/s, {share:.0%} of the time waiting for data'

    def _log(self, pl_module: lightning.LightningModule) -> None:
        rate, share = self._figures(self._logged)
        self._logged = self.images, self.seconds, self.waited
        pl_module.log_dict({'data/images_per_second': rate, 'data/waiting_share': share})

    def _figures(self, since: tuple[int, float, float]) -> tuple[float, float]:
        """Return images per second and share of waiting since an earlier state."""
        seconds = max(self.seconds - since[1], 1e-9)
        return (self.images - since[0]) / seconds, (self.waited - since[2]) / seconds

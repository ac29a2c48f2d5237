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

"""One training step, as lightning runs it."""

from contextlib import nullcontext
import math
from typing import Any, Optional, Sequence

import lightning
import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler, MultiStepLR, OneCycleLR

from triplenet_ros.errors import InputError
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.training.batch import Batch
from triplenet_ros.training.losses import BOX_LOSSES, CLASS_LOSSES, JointLoss
from triplenet_ros.training.matching import IouThresholds
from triplenet_ros.training.mixed_precision import DepthwiseInFloat32
from triplenet_ros.training.processes import sum_of_processes
from triplenet_ros.training.recipe import Recipe


class TrainingTask(lightning.LightningModule):
    """
    Network, losses and optimizer of one recipe.

    :param network: to be trained
    :param recipe: how
    :param class_weights: of the segmentation classes, None: all 1
    """

    def __init__(self, network: JointNetwork, recipe: Recipe,
                 class_weights: Optional[Sequence[float]] = None) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        thresholds = IouThresholds(recipe.positive_iou, recipe.negative_iou, recipe.anchor_share)
        self.loss = JointLoss(network.config, class_weights, thresholds,
                              BOX_LOSSES[recipe.box_loss], CLASS_LOSSES[recipe.class_loss])

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """Return the plain sum of all terms, and log each."""
        images = batch.images.contiguous(memory_format=torch.channels_last)
        with nullcontext() if images.is_cuda else DepthwiseInFloat32():
            output = self.network(images)
        terms = self.loss(output, batch)
        total = sum(terms.values())
        # All processes stop together: one that went on alone would wait for the others for ever.
        if not math.isfinite(sum_of_processes(total).item()):
            raise InputError(self._not_finite(total, terms, batch))
        self.log_dict({f'loss/{name}': value for name, value in terms.items()}, sync_dist=True)
        self.log('loss', total, prog_bar=True, sync_dist=True)
        return total

    def _not_finite(self, total: Tensor, terms: dict[str, Tensor], batch: Batch) -> str:
        if math.isfinite(total.item()):
            return f'the loss of another process is not finite at step {self.global_step}'
        values = ', '.join(f'{name} {value.item():g}' for name, value in terms.items())
        return (f'the loss is not finite at step {self.global_step}: {values}; '
                f'images {", ".join(batch.names)}')

    def validation_step(self, batch: Any, _: int) -> None:
        """Do nothing: validation is scoring, by the callback that holds the evaluators."""

    def transfer_batch_to_device(self, batch: Any, device: torch.device, _: int) -> Any:
        """Move what the network reads; a validation sample stays where the predictor wants it."""
        return batch.to(device) if isinstance(batch, Batch) else batch

    def configure_optimizers(self) -> dict[str, Any]:
        """Build the recipe's optimizer and schedule."""
        kind = {'adam': torch.optim.Adam, 'adamw': torch.optim.AdamW}[self.recipe.optimizer]
        learned = [weight for weight in self.network.parameters() if weight.requires_grad]
        optimizer = kind(learned, lr=self.recipe.learning_rate,
                         weight_decay=self.recipe.weight_decay)
        return {'optimizer': optimizer,
                'lr_scheduler': {'scheduler': self._schedule(optimizer), 'interval': 'step'}}

    def _schedule(self, optimizer: torch.optim.Optimizer) -> LRScheduler:
        if self.recipe.schedule == 'steps':
            return MultiStepLR(optimizer, milestones=list(self.recipe.drops), gamma=0.1)
        # One step more than is trained: the progress bar's last look must not fall off its end.
        return OneCycleLR(optimizer, max_lr=self.recipe.learning_rate,
                          total_steps=self.recipe.iterations + 1, pct_start=0.1)

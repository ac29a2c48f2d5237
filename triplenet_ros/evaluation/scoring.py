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

"""Score a network on its validation set while it trains."""

from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.run import SCORE_THRESHOLD
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.runner import Runner, Wanted
from triplenet_ros.sample import Sample
from triplenet_ros.training.fit import SCORE
from triplenet_ros.training.processes import gather_objects


class ScoreValidation(Callback):
    """
    Predicts the validation set as a user would, and logs mAP50, mIoU and their mean.

    The mean is what the best checkpoint is chosen by. Boxes and labels count alike; a task that
    the network or the data does not have does not count. Where several processes train, each
    predicts its share of the set, and all know the scores of the whole.
    """

    def __init__(self) -> None:
        self.best: dict[str, Any] = {}
        """Figures of the best validation so far."""
        self._best_score = -1.0

    def on_validation_epoch_start(self, trainer: lightning.Trainer,
                                  pl_module: lightning.LightningModule) -> None:
        """Forget the last validation; the predictor is made when the weights are in place."""
        self._predictor = None
        self._evaluator = Evaluator(trainer.val_dataloaders.dataset.classes,
                                    pl_module.network.config.given_classes, (VocAP,))

    def on_validation_batch_end(self, trainer: lightning.Trainer,
                                pl_module: lightning.LightningModule, outputs: Any,
                                batch: Sample, batch_idx: int, dataloader_idx: int = 0) -> None:
        """Predict and compare one image."""
        if self._predictor is None:
            # No engine is worth building for weights that are others a minute later.
            self._predictor = Runner(
                PyTorchBackend(pl_module.network, str(pl_module.device), 'float32'),
                pl_module.network.config, Wanted(score_threshold=SCORE_THRESHOLD))
        self._evaluator.update(self._predictor(batch.image), batch)

    def on_validation_epoch_end(self, trainer: lightning.Trainer,
                                pl_module: lightning.LightningModule) -> None:
        """Log the scores and remember the best."""
        figures = self._of_all_processes().compute()
        scores = {'mAP50': (figures['detection'] or {}).get('mAP50'),
                  'mIoU': (figures['segmentation'] or {}).get('mIoU')}
        scores = {name: value for name, value in scores.items() if value is not None}
        scores[SCORE] = sum(scores.values()) / max(len(scores), 1)
        # Every process has computed the same; lightning wants to be told so.
        pl_module.log_dict(scores, prog_bar=True, sync_dist=True)
        if scores[SCORE] > self._best_score:
            self._best_score, self.best = scores[SCORE], figures

    def _of_all_processes(self) -> Evaluator:
        first, *others = gather_objects(self._evaluator)
        for other in others:
            first.merge(other)
        return first

    def state_dict(self) -> dict[str, Any]:
        """Keep the best figures over a resume."""
        return {'best': self.best, 'best_score': self._best_score}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the best figures up again."""
        self.best, self._best_score = state_dict['best'], state_dict['best_score']

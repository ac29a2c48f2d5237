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

"""Pictures in TensorBoard of what a network sees while it is trained."""

import cv2
import lightning
from lightning.pytorch.callbacks import Callback
import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.drawing.overlay import draw_overlay
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.predictor import Predictor
from triplenet_ros.sample import Sample

COUNT = 4
LARGEST_WIDTH = 640


class PredictedPictures(Callback):
    """Draws the first images of the validation set, the truth beside the prediction."""

    def on_validation_epoch_end(self, trainer: lightning.Trainer,
                                pl_module: lightning.LightningModule) -> None:
        """Add one picture per image."""
        if not trainer.is_global_zero:
            return
        predictor = Predictor(pl_module.network, device=str(pl_module.device), backend='torch',
                              precision='float32')
        dataset = trainer.val_dataloaders.dataset
        for index in range(min(COUNT, len(dataset))):
            sample = dataset[index]
            picture = side_by_side(sample, dataset.classes, predictor(sample.image))
            trainer.logger.experiment.add_image(f'predicted/{index}', picture,
                                                trainer.global_step, dataformats='HWC')


def side_by_side(sample: Sample, classes: ClassSet, prediction: Prediction) -> np.ndarray:
    """
    Draw truth and prediction of one image.

    :param sample: image and truth
    :param classes: of the truth
    :param prediction: of the image
    :returns: (H, W, 3) uint8 RGB, the truth on the left
    """
    both = np.hstack([draw_overlay(sample.image, true_prediction(sample, classes)),
                      draw_overlay(sample.image, prediction)])
    scale = min(1.0, 2 * LARGEST_WIDTH / both.shape[1])
    return cv2.resize(both, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def true_prediction(sample: Sample, classes: ClassSet) -> Prediction:
    """Return the prediction that a sample's truth would be, every box with score 1."""
    boxes, class_ids = sample.boxes, sample.class_ids
    if boxes is None:
        boxes, class_ids = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    return Prediction(boxes, np.ones(len(boxes), np.float32), class_ids, sample.label_map, None,
                      classes)

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

"""The predictor as the parameters want it."""

import time
from typing import Sequence

import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.inference.postprocess import Thresholds
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.inference.selection import keep_labels
from triplenet_ros.predictor import Predictor
from triplenet_ros.ros.parameters import Settings


class Perception:
    """
    Loads the weights once; everything live is taken from the settings of each call.

    :param settings: weights, input size, device, backend, precision and tasks
    :raises InputError: if they cannot be had
    """

    def __init__(self, settings: Settings) -> None:
        """Load."""
        self.usual = 0.0
        """Seconds of a batch of black images, once warmed up."""
        self._predictor = Predictor.load(
            settings.weights, input_size=settings.input_size, device=settings.device,
            backend=settings.backend, precision=settings.precision, tasks=settings.tasks)
        self._best_score = self._predictor.thresholds.score

    @property
    def classes(self) -> ClassSet:
        """Return what the weights detect and label."""
        return self._predictor.classes

    @property
    def network(self) -> str:
        """Name of the network."""
        return self._predictor.network

    def description(self) -> dict:
        """Return device, network, backend and precision, as words."""
        return {name: getattr(self._predictor, name)
                for name in ('device', 'network', 'backend', 'precision')}

    def warm_up(self, settings: Settings, images: int) -> None:
        """Predict black images: the first batch of a size may take a hundred times longer."""
        config = self._predictor.config
        black = np.zeros((config.input_height, config.input_width, 3), np.uint8)
        for count in (*range(1, images + 1), images):
            begun = time.perf_counter()
            self.predict([black] * count, settings, confidence=True)
            self.usual = time.perf_counter() - begun

    def predict(self, images: Sequence[np.ndarray], settings: Settings,
                confidence: bool) -> list[Prediction]:
        """
        Predict images in one forward pass, and leave out the classes that are not wanted.

        :param images: each (H, W, 3) uint8 RGB
        :param settings: thresholds and classes
        :param confidence: whether each pixel's confidence is wanted
        """
        classes = self.classes
        wanted = settings.detection_classes or classes.detection
        score = settings.score_threshold
        self._predictor.thresholds = Thresholds(
            self._best_score if score < 0 else score, settings.nms_threshold,
            settings.max_detections, tuple(classes.detection.index(name) for name in wanted))
        self._predictor.confidence = confidence
        predictions = self._predictor.batch(images)
        if not settings.segmentation_classes:
            return predictions
        labels = [classes.segmentation.index(name) for name in settings.segmentation_classes]
        return [keep_labels(prediction, labels) for prediction in predictions]

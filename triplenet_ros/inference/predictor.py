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

"""The predictor: one image in, boxes and labels of that image out."""

from pathlib import Path
from time import perf_counter
from typing import Optional, Sequence, Union

import numpy as np
import torch

from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends import make_backend
from triplenet_ros.inference.export.exported import read_exported, Runnable, RUNTIMES
from triplenet_ros.inference.postprocess import (
    Boxes, cut_to_image, label_image, select_boxes, Thresholds, winner_confidence)
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.inference.preprocess import Fit, fit_image, to_network_input
from triplenet_ros.inference.weights import find_weights, load_weights
from triplenet_ros.network.anchors import make_anchors
from triplenet_ros.network.joint import NetworkOutput

TASKS = ('detection', 'segmentation')


class Predictor:
    """
    Runs one network on images of any size.

    :param network: the weights, or an exported file
    :param device: ``'auto'``, ``'cpu'``, ``'cuda'``, ``'cuda:1'``, ...
    :param backend: ``'auto'`` or the name of one
    :param precision: ``'auto'``, ``'float32'``, ``'float16'`` or ``'bfloat16'``
    :param score_threshold: boxes below it are dropped, 0..1
    :param nms_threshold: IoU above which the worse of two boxes of a class is dropped, 0..1
    :param max_detections: boxes kept per image, 1..200
    :param tasks: any of ``'detection'``, ``'segmentation'``; the others are not computed
    :param confidence: whether each pixel's confidence is wanted too
    :raises InputError: for a value that is not allowed
    """

    def __init__(self, network: Runnable, *, device: str = 'auto', backend: str = 'auto',
                 precision: str = 'auto', score_threshold: float = 0.3,
                 nms_threshold: float = 0.45, max_detections: int = 200,
                 tasks: Sequence[str] = TASKS, confidence: bool = False) -> None:
        _check_range('score_threshold', score_threshold, 0, 1)
        _check_range('nms_threshold', nms_threshold, 0, 1)
        _check_range('max_detections', max_detections, 1, 200)
        if not tasks or not set(tasks) <= set(TASKS):
            raise InputError(f'tasks is {list(tasks)}, must be some of {", ".join(TASKS)}')
        self.config = network.config
        self.thresholds = Thresholds(score_threshold, nms_threshold, max_detections)
        self.tasks = tuple(tasks)
        self.confidence = confidence
        self._backend = make_backend(backend, network, device, precision)
        self._anchors = make_anchors(self.config, self.config.input_height,
                                     self.config.input_width).to(self._backend.device)

    @classmethod
    def load(cls, weights: Union[str, Path], **options: object) -> 'Predictor':
        """
        Load shipped weights by name, a file, or an exported file.

        :param weights: ``'drive'`` or a path, ending in .safetensors, .onnx or .xml
        :param options: as the constructor's
        :raises InputError: if they cannot be loaded, in one line that names the file
        """
        path = find_weights(weights)
        network = read_exported(path) if path.suffix in RUNTIMES else load_weights(path)[0]
        return cls(network, **options)

    @property
    def classes(self) -> ClassSet:
        """Return what it detects and labels."""
        return self.config.given_classes

    @property
    def network(self) -> str:
        """Name of the network."""
        return self.config.name

    @property
    def device(self) -> str:
        """Where it runs."""
        return str(self._backend.device)

    @property
    def backend(self) -> str:
        """Return what runs it."""
        return self._backend.name

    @property
    def precision(self) -> str:
        """In which floating point type."""
        return self._backend.precision

    def __call__(self, image: np.ndarray) -> Prediction:
        """
        Predict one image.

        :param image: (H, W, 3) uint8 RGB
        :return: boxes and labels in its pixels
        :raises InputError: if it is no such image
        """
        return self.batch([image])[0]

    def batch(self, images: Sequence[np.ndarray]) -> list[Prediction]:
        """
        Predict several images, of any sizes, in one forward pass.

        :param images: each (H, W, 3) uint8 RGB
        :return: one prediction per image; their timings are the whole batch's
        :raises InputError: if one of them is no such image
        """
        if not images:
            return []
        start = perf_counter()
        fits = [fit_image(self.config, *_image_size(image)) for image in images]
        inputs = np.stack([to_network_input(self.config, image, fit)
                           for image, fit in zip(images, fits)])
        preprocessed = perf_counter()
        output = self._backend(torch.from_numpy(inputs).to(self._backend.device),
                               'detection' in self.tasks, 'segmentation' in self.tasks)
        if self._backend.device.type == 'cuda':
            torch.cuda.synchronize(self._backend.device)
        forwarded = perf_counter()
        with torch.inference_mode():
            parts = [(boxes, *self._labels(output, index, fit))
                     for index, (boxes, fit) in enumerate(zip(self._boxes(output, len(images)),
                                                              fits))]
        timings = {'preprocess': preprocessed - start, 'forward': forwarded - preprocessed,
                   'postprocess': perf_counter() - forwarded}
        return [self._prediction(fit, *part, timings) for fit, part in zip(fits, parts)]

    def _boxes(self, output: NetworkOutput, images: int) -> list[Boxes]:
        if output.class_logits is None:
            empty = torch.zeros(0)
            return [Boxes(empty.reshape(0, 4), empty, empty.long())] * images
        return select_boxes(output.class_logits, output.box_codes, self._anchors,
                            self.thresholds)

    def _labels(self, output: NetworkOutput, index: int,
                fit: Fit) -> tuple[Optional[np.ndarray], Optional[np.ndarray]]:
        """Give the label and the confidence image of one image."""
        if output.segmentation is None:
            return None, None
        coverage = fit.coverage(self.config.input_height, self.config.input_width)
        logits = cut_to_image(output.segmentation[index], coverage)
        size = fit.image_height, fit.image_width
        confidence = winner_confidence(logits, size).cpu().numpy() if self.confidence else None
        return label_image(logits, size), confidence

    def _prediction(self, fit: Fit, boxes: Boxes, labels: Optional[np.ndarray],
                    confidence: Optional[np.ndarray], timings: dict[str, float]) -> Prediction:
        return Prediction(
            boxes=fit.boxes_to_image(boxes.boxes.cpu().numpy()),
            scores=boxes.scores.cpu().numpy(),
            class_ids=boxes.class_ids.cpu().numpy(),
            label_map=labels, confidence=confidence, classes=self.classes, timings=timings)


def _image_size(image: np.ndarray) -> tuple[int, int]:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise InputError(f'image is {image.shape} {image.dtype}, must be (H, W, 3) uint8 RGB')
    return image.shape[0], image.shape[1]


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f'{name} is {value}, must be in {low}..{high}')

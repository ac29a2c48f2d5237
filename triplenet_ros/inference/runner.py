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

"""What runs: a backend, and the steps around it; how it was chosen is not its concern."""

from dataclasses import dataclass
from time import perf_counter
from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Optional, Protocol, Sequence

import numpy as np
import torch
from torch import Tensor

from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.inference.labels import cut_to_image, label_image, winner_confidence
from triplenet_ros.inference.names import check_tasks, TASKS
from triplenet_ros.inference.postprocess import Boxes, no_boxes, select_boxes, Thresholds
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.inference.preprocess import Fit, fit_image, to_network_inputs
from triplenet_ros.inference.stopwatch import Stopwatch
from triplenet_ros.inference.suppression import suppress, suppress_exactly
from triplenet_ros.inference.transfer import to_host
from triplenet_ros.network.anchors import make_anchors
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import NetworkOutput

DEFAULT_SCORE = 0.3


class Backend(Protocol):
    """One forward pass; see triplenet_ros.inference.backends."""

    name: str
    precision: str
    device: torch.device

    def __call__(self, images: Tensor, detection: bool, segmentation: bool) -> NetworkOutput:
        """Run (N, H, W, 3) uint8 RGB on the device; the tasks that are not wanted may be None."""


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f'{name} is {value}, must be in {low}..{high}')


@dataclass(frozen=True)
class Wanted:
    """
    What is wanted of the network's answers.

    :param score_threshold: boxes below it are dropped, 0..1; below 0: DEFAULT_SCORE
    :param nms_threshold: IoU above which the worse of two boxes of a class is dropped, 0..1,
        and merged into the better one where the network's ``merge_iou`` says so
    :param max_detections: boxes kept per image, 1..200
    :param tasks: any of ``'detection'``, ``'segmentation'``; the others are not computed
    :param confidence: whether each pixel's confidence is wanted too
    :raises InputError: for a value that is not allowed
    """

    score_threshold: float = -1.0
    nms_threshold: float = 0.45
    max_detections: int = 200
    tasks: Sequence[str] = TASKS
    confidence: bool = False

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        _check_range('score_threshold', self.score_threshold, -1, 1)
        _check_range('nms_threshold', self.nms_threshold, 0, 1)
        _check_range('max_detections', self.max_detections, 1, 200)
        check_tasks(self.tasks)


class NotFiniteError(InputError):
    """A network answered with NaN or infinity."""


class Runner:
    """
    Runs one network on images of any size.

    :param backend: what runs the network
    :param config: of the network
    :param wanted: of its answers
    """

    def __init__(self, backend: Backend, config: NetworkConfig, wanted: Wanted = Wanted()) -> None:
        self.config = config
        score = DEFAULT_SCORE if wanted.score_threshold < 0 else wanted.score_threshold
        self.thresholds = Thresholds(score, wanted.nms_threshold, wanted.max_detections)
        self.tasks = tuple(wanted.tasks)
        self.confidence = wanted.confidence
        self._backend = backend
        self._anchors = make_anchors(config, config.input_height,
                                     config.input_width).to(backend.device)

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
        """In which numbers."""
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
        :raises InputError: if one of them is no such image, or the network gives NaN or infinity
        """
        return self._finish(self._begin(images)) if images else []

    def stream(self, images: Iterable[np.ndarray]) -> Iterator[Prediction]:
        """
        Predict images one after the other, each begun before the last one is waited for.

        While a GPU works on an image, the host fetches the next one and sends it there. On a
        CPU, where the network takes every core, it is no faster than one call per image.

        :param images: each (H, W, 3) uint8 RGB
        :return: their predictions, in the same order
        :raises InputError: if one of them is no such image
        """
        begun = None
        for image in images:
            last, begun = begun, self._begin([image])
            if last is not None:
                yield self._finish(last)[0]
        if begun is not None:
            yield self._finish(begun)[0]

    @torch.inference_mode()
    def _begin(self, images: Sequence[np.ndarray]) -> '_Batch':
        """Do all that the device does; a GPU has it before it when this returns."""
        device = self._backend.device
        fits = [fit_image(self.config, *_image_size(image)) for image in images]
        watch = Stopwatch(device)
        with watch.stage('preprocess'):
            inputs = to_network_inputs(self.config, images, fits, device)
        with watch.stage('forward'):
            output = self._backend(inputs, 'detection' in self.tasks,
                                   'segmentation' in self.tasks)
        with watch.stage('postprocess'):
            boxes = Boxes(*map(to_host, self._boxes(output, len(fits))))
            maps = [self._maps(output, index, fit) for index, fit in enumerate(fits)]
            finite = to_host(_is_finite(output))
        return _Batch(fits, output, boxes, maps, finite, watch)

    def _boxes(self, output: NetworkOutput, images: int, suppress: Callable = suppress) -> Boxes:
        if output.class_logits is None:
            return no_boxes(images)
        return select_boxes(output.class_logits, output.box_codes, self._anchors,
                            self.thresholds, suppress, self.config.merge_iou)

    def _maps(self, output: NetworkOutput, index: int, fit: Fit) -> list[Optional[Tensor]]:
        """Give the label and the confidence image of one image."""
        if output.segmentation is None:
            return [None, None]
        coverage = fit.coverage(self.config.input_height, self.config.input_width)
        logits = cut_to_image(output.segmentation[index], coverage)
        return [to_host(label_image(logits, fit)),
                to_host(winner_confidence(logits, fit)) if self.confidence else None]

    @torch.inference_mode()
    def _finish(self, batch: '_Batch') -> list[Prediction]:
        """Wait for a batch that was begun, and bring its results to the images' pixels."""
        batch.watch.wait()
        if not batch.finite:
            raise NotFiniteError(f'{self.network} gave NaN or infinity in {self.precision}: '
                                 'its weights, or these numbers, cannot be used')
        begun = perf_counter()
        boxes = batch.boxes
        if not boxes.final:
            boxes = Boxes(*(part.cpu() for part in self._boxes(
                batch.output, len(batch.fits), suppress_exactly)))
        timings: dict[str, float] = {}
        predictions = [self._prediction(fit, boxes.of_image(index), maps, timings)
                       for index, (fit, maps) in enumerate(zip(batch.fits, batch.maps))]
        timings.update(batch.watch.seconds())
        timings['postprocess'] += perf_counter() - begun
        return predictions

    def _prediction(self, fit: Fit, boxes: Sequence[Tensor], maps: Sequence[Optional[Tensor]],
                    timings: Mapping[str, float]) -> Prediction:
        corners, scores, class_ids = map(_own, boxes)
        label_map, confidence = map(_own, maps)
        return Prediction(fit.boxes_to_image(corners), scores, class_ids, label_map, confidence,
                          self.classes, timings)


class _Batch(NamedTuple):
    """A batch that was begun, on its way to the host if it ran on a GPU."""

    fits: list[Fit]
    output: NetworkOutput
    boxes: Boxes
    maps: list[list[Optional[Tensor]]]
    finite: Tensor
    watch: Stopwatch


def _is_finite(output: NetworkOutput) -> Tensor:
    """Return () bool; labels and boxes of anything else would look like those of a street."""
    return torch.stack([part.isfinite().all() for part in output[:3] if part is not None]
                       or [torch.tensor(True)]).all()


def _own(tensor: Optional[Tensor]) -> Optional[np.ndarray]:
    """Return an array that may be kept: page-locked memory is scarce and goes back at once."""
    if tensor is None:
        return None
    return tensor.numpy().copy() if tensor.is_pinned() else tensor.numpy()


def _image_size(image: np.ndarray) -> tuple[int, int]:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise InputError(f'image is {image.shape} {image.dtype}, must be (H, W, 3) uint8 RGB')
    return image.shape[0], image.shape[1]

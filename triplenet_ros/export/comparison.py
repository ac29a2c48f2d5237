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

"""One way of running a network against another: raw outputs, and the boxes and labels of them."""

from dataclasses import dataclass, replace
from math import inf
from typing import Any, Callable, Iterable, Iterator, Sequence

import numpy as np
import torch

from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.exported import ExportedNetwork, RUNTIMES
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.inference.predictor import Predictor
from triplenet_ros.inference.preprocess import fit_image, to_network_inputs
from triplenet_ros.network.joint import JointNetwork, NetworkOutput

BATCH_SIZES = (1, 3)


@dataclass(frozen=True)
class Tolerance:
    """
    How far answers may be from those of PyTorch in float32.

    :param outputs: largest difference of a raw output, in its own largest magnitudes
    :param box_pixels: two boxes whose sides differ by less are the same, in pixels of the image,
    :param box_share: and in longer sides of the larger of the two, whichever allows more
    :param scores: largest difference of a box's score
    :param strays: largest share of boxes that are found by one alone
    :param labels: smallest share of an image's pixels with the same label
    """

    outputs: float
    box_pixels: float
    box_share: float
    scores: float
    strays: float
    labels: float


EXACT = Tolerance(1e-3, 0.5, 0.0, 1e-3, 0.0, 0.999)
"""Of the same numbers in another order: an export."""
REDUCED = Tolerance(inf, 1.0, 0.25, 0.1, 0.02, 0.98)
"""
Of shorter numbers: somewhat more than bfloat16 and int8 do to the shipped weights.

On CamVid val and 16 scenes both left at least 99.2 % of each image's labels as they were (98.6 %
of one frame of CamVid train), moved no score by more than 0.047, and lost no box; AP50 and mIoU
on CamVid val changed by less than 0.006.
"""


@dataclass(frozen=True)
class Differences:
    """
    The largest differences that were found.

    :param images: how many images were compared
    :param outputs: by raw output the largest absolute difference
    :param magnitudes: by raw output its largest absolute value in PyTorch
    :param boxes: how many boxes PyTorch found
    :param strays: boxes of either without the same box in the other
    :param box_pixels: largest difference of a box's side
    :param scores: largest difference of a box's score
    :param equal_labels: smallest share of an image's pixels with the same label
    """

    images: int
    outputs: dict[str, float]
    magnitudes: dict[str, float]
    boxes: int = 0
    strays: int = 0
    box_pixels: float = 0.0
    scores: float = 0.0
    equal_labels: float = 1.0

    def problems(self, tolerance: Tolerance = EXACT) -> list[str]:
        """Say what is beyond tolerance, in words."""
        # "not <=": a difference that is no number is none that is allowed.
        found = [f'{name} differs by {self.outputs[name]:.2g} of {self.magnitudes[name]:.2g}'
                 for name in self.outputs
                 if not self.outputs[name] <= tolerance.outputs * self.magnitudes[name]]
        if self.strays > 2 * tolerance.strays * self.boxes:
            found.append(f'{self.strays} boxes are found by one alone')
        if not self.scores <= tolerance.scores:
            found.append(f'scores differ by {self.scores:.2g}')
        if not self.equal_labels > tolerance.labels:
            found.append(f'{self.equal_labels:.2%} of labels are the same')
        return found

    def figures(self) -> dict[str, Any]:
        """Return them as plain data."""
        return {'images': self.images, 'batch_sizes': list(BATCH_SIZES),
                'largest_difference': {
                    **self.outputs, 'box_pixels': self.box_pixels, 'scores': self.scores},
                'largest_value': self.magnitudes, 'boxes': self.boxes, 'strays': self.strays,
                'equal_labels': self.equal_labels}


def compare(network: JointNetwork, exported: ExportedNetwork, images: Sequence[np.ndarray],
            advance: Callable[[], None] = lambda: None, tolerance: Tolerance = EXACT
            ) -> Differences:
    """
    Run images through PyTorch and an exported file, one by one and in threes.

    :param network: the one that was exported, in evaluation mode, on the CPU
    :param exported: run by the backend it is made for
    :param images: at least one, each (H, W, 3) uint8 RGB
    :param advance: called after every batch, of which there are count_batches
    :param tolerance: which boxes are the same
    """
    name = RUNTIMES[exported.path.suffix]
    backend = BACKENDS[name](exported, 'cpu', exported.precision)
    reference = Predictor(network, device='cpu', backend='torch', precision='float32')
    other = Predictor(exported, device='cpu', backend=name, precision=exported.precision)
    found = Differences(len(images), {}, {})
    for batch in _batches(images):
        inputs = to_network_inputs(network.config, batch, [
            fit_image(network.config, *image.shape[:2]) for image in batch])
        with torch.inference_mode():
            expected = network(inputs.permute(0, 3, 1, 2))
        found = _add_outputs(found, expected, backend(inputs, True, True))
        for pair in zip(reference.batch(batch), other.batch(batch)):
            found = _add_predictions(found, *pair, reference.thresholds.score, tolerance)
        advance()
    return found


def compare_predictors(reference: Predictor, other: Predictor, images: Iterable[np.ndarray],
                       tolerance: Tolerance) -> Differences:
    """
    Ask two predictors the same, image by image.

    :param reference: what the other is measured by
    :param other: of the same network
    :param images: at least one, each (H, W, 3) uint8 RGB
    :param tolerance: which boxes are the same
    """
    found = Differences(0, {}, {})
    for image in images:
        found = _add_predictions(replace(found, images=found.images + 1), reference(image),
                                 other(image), reference.thresholds.score, tolerance)
    return found


def count_batches(images: int) -> int:
    """Return how many batches that many images are compared in."""
    return sum(-(-images // size) for size in BATCH_SIZES)


def _batches(images: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield full batches of every size; the last one is filled up with the first images."""
    for size in BATCH_SIZES:
        for start in range(0, len(images), size):
            yield [images[index % len(images)] for index in range(start, start + size)]


def _add_outputs(found: Differences, expected: NetworkOutput,
                 given: NetworkOutput) -> Differences:
    outputs, magnitudes = dict(found.outputs), dict(found.magnitudes)
    for name, value in expected._asdict().items():
        if isinstance(value, torch.Tensor):
            difference = (getattr(given, name) - value).abs().max()
            outputs[name] = _larger(outputs.get(name, 0.0), difference)
            magnitudes[name] = _larger(magnitudes.get(name, 0.0), value.abs().max())
    return replace(found, outputs=outputs, magnitudes=magnitudes)


def _add_predictions(found: Differences, expected: Prediction, given: Prediction,
                     threshold: float, tolerance: Tolerance) -> Differences:
    pixels, scores, strays = _match_boxes(expected, given, threshold, tolerance)
    equal = 1.0
    if expected.label_map is not None:
        equal = float((expected.label_map == given.label_map).mean())
    return replace(found, boxes=found.boxes + len(expected.boxes), strays=found.strays + strays,
                   box_pixels=_larger(found.box_pixels, pixels),
                   scores=_larger(found.scores, scores),
                   equal_labels=min(found.equal_labels, equal))


def _match_boxes(first: Prediction, second: Prediction, threshold: float,
                 tolerance: Tolerance) -> tuple[float, float, int]:
    """
    Look for each box in the other prediction: of its class, at its place, nearest in score.

    Several boxes may be at one place: those that were cut off at the image's border.

    :return: largest difference in pixels and in score of those that are the same box, and how
        many boxes have none; a box that the threshold itself may have cut off is not counted
    """
    pixels = np.abs(first.boxes[:, None] - second.boxes[None]).max(axis=2)
    scores = np.abs(first.scores[:, None] - second.scores[None])
    sides = np.maximum(_longer_sides(first)[:, None], _longer_sides(second)[None])
    scores[(pixels > np.maximum(tolerance.box_pixels, tolerance.box_share * sides))
           | (first.class_ids[:, None] != second.class_ids[None])] = np.inf
    largest_pixels = largest_score = 0.0
    strays = 0
    for one, shift, change in ((first, pixels, scores), (second, pixels.T, scores.T)):
        found = change.min(axis=1, initial=np.inf) < np.inf
        strays += int((one.scores[~found] >= threshold + tolerance.scores).sum())
        for box in found.nonzero()[0]:
            partner = change[box].argmin()
            largest_pixels = max(largest_pixels, float(shift[box, partner]))
            largest_score = max(largest_score, float(change[box, partner]))
    return largest_pixels, largest_score, strays


def _longer_sides(prediction: Prediction) -> np.ndarray:
    return (prediction.boxes[:, 2:] - prediction.boxes[:, :2]).max(axis=1)


def _larger(first: float, second: Any) -> float:
    """Return the larger number; one that is no number wins."""
    return float(np.maximum(first, float(second)))

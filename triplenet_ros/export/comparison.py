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

from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import Any, Callable, Iterable, Iterator, Sequence

import numpy as np
import torch

from triplenet_ros.evaluation.agreement import Agreement, AgreementScore, LEAST_SCORE
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.exported import ExportedNetwork, RUNTIMES
from triplenet_ros.inference.preprocess import fit_image, to_network_inputs
from triplenet_ros.inference.runner import Backend, NotFiniteError, Runner, Wanted
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork, NetworkOutput

BATCH_SIZES = (1, 3)
JUDGED_FRAMES = 64
"""Frames of the package's real drive that results are compared on where no others are given."""
NOTHING_ALIKE = Agreement(images=1, boxes=0, strays=0, ap50=None, overlap=None, labels=0.0)
"""Of numbers in which a network answers with NaN or infinity."""
_RAW_IMAGES = 3
_RAW_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Differences:
    """
    What was found.

    :param outputs: by raw output the largest absolute difference
    :param magnitudes: by raw output its largest absolute value in PyTorch
    :param agreement: of boxes and labels
    """

    outputs: dict[str, float]
    magnitudes: dict[str, float]
    agreement: Agreement

    def problems(self, same_numbers: bool) -> list[str]:
        """
        Say what is beyond tolerance, in words.

        :param same_numbers: whether both compute in float32: then raw outputs may differ by a
            thousandth of their largest value, by the order of sums
        """
        # "not <=": a difference that is no number is none that is allowed.
        raw = [f'{name} differs by {self.outputs[name]:.2g} of {self.magnitudes[name]:.2g}'
               for name in self.outputs
               if not self.outputs[name] <= _RAW_TOLERANCE * self.magnitudes[name]]
        return (raw if same_numbers else []) + self.agreement.problems()

    def figures(self) -> dict[str, Any]:
        """Return them as plain data."""
        return {'batch_sizes': list(BATCH_SIZES), 'largest_difference': self.outputs,
                'largest_value': self.magnitudes, **asdict(self.agreement)}


def compare(network: JointNetwork, exported: ExportedNetwork, images: Iterable[np.ndarray],
            advance: Callable[[], None] = lambda: None) -> Differences:
    """
    Run images through PyTorch and an exported file: some in batches of 1 and 3, all for results.

    :param network: the one that was exported, in evaluation mode, on the CPU
    :param exported: run by the backend it is made for
    :param images: at least one, each (H, W, 3) uint8 RGB
    :param advance: called after each of count_steps
    """
    backend = BACKENDS[RUNTIMES[exported.path.suffix]](exported, 'cpu', exported.precision)
    outputs: dict[str, float] = {}
    magnitudes: dict[str, float] = {}
    images = iter(images)
    first = list(islice(images, _RAW_IMAGES))
    for batch in _batches(first):
        _compare_outputs(network, backend, batch, outputs, magnitudes)
        advance()
    agreement = compare_results(PyTorchBackend(network, 'cpu', 'float32'), backend,
                                network.config, chain(first, images), advance)
    return Differences(outputs, magnitudes, agreement)


def compare_results(reference: Backend, other: Backend, config: NetworkConfig,
                    images: Iterable[np.ndarray],
                    advance: Callable[[], None] = lambda: None) -> Agreement:
    """
    Ask two backends the same, image by image, and score the boxes and labels of one.

    :param reference: what is taken for the truth
    :param other: of the same network
    :param config: of the network
    :param images: at least one, each (H, W, 3) uint8 RGB
    :param advance: called after each image
    """
    score, wanted = AgreementScore(), Wanted(score_threshold=LEAST_SCORE)
    expects, gives = Runner(reference, config, wanted), Runner(other, config, wanted)
    for image in images:
        expected = expects(image)
        try:
            score.update(expected, gives(image))
        except NotFiniteError:
            return NOTHING_ALIKE
        advance()
    return score.compute()


def count_steps(images: int) -> int:
    """Return how many steps comparing that many images takes."""
    return images + sum(-(-min(images, _RAW_IMAGES) // size) for size in BATCH_SIZES)


def _batches(images: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield full batches of every size; the last one is filled up with the first images."""
    for size in BATCH_SIZES:
        for start in range(0, len(images), size):
            yield [images[index % len(images)] for index in range(start, start + size)]


def _compare_outputs(network: JointNetwork, backend: Backend, batch: Sequence[np.ndarray],
                     outputs: dict[str, float], magnitudes: dict[str, float]) -> None:
    """Add the raw outputs of a batch to the largest differences and values so far."""
    inputs = to_network_inputs(network.config, batch, [
        fit_image(network.config, *image.shape[:2]) for image in batch])
    with torch.inference_mode():
        expected: NetworkOutput = network(inputs.permute(0, 3, 1, 2))
    given = backend(inputs, True, True)
    for name, value in expected._asdict().items():
        if isinstance(value, torch.Tensor):
            difference = (getattr(given, name) - value).abs().max()
            outputs[name] = _larger(outputs.get(name, 0.0), difference)
            magnitudes[name] = _larger(magnitudes.get(name, 0.0), value.abs().max())


def _larger(first: float, second: Any) -> float:
    """Return the larger number; one that is no number wins."""
    return float(np.maximum(first, float(second)))

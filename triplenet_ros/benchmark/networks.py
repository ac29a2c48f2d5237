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

"""The networks that are measured: of the registry or a file, behind a Predictor or bare."""

from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Optional, Union

import torch
from torch import Tensor

from triplenet_ros.benchmark.measure import EAGER
from triplenet_ros.errors import InputError
from triplenet_ros.export.choice import find_fastest, shortest
from triplenet_ros.inference.backends.pytorch import find_device
from triplenet_ros.inference.exported import read_exported, RUNTIMES
from triplenet_ros.inference.names import AUTO, read_input_size
from triplenet_ros.inference.runner import DEFAULT_SCORE, Runner, Wanted
from triplenet_ros.inference.weights import load_weights, read_card, WeightsCard
from triplenet_ros.inference.weights_file import find_weights
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork, NetworkOutput
from triplenet_ros.predictor import Predictor


class EagerForward:
    """
    A backend that does nothing to the network: eager, float32, contiguous, nothing folded.

    :param network: a copy of it is used as it is, in evaluation mode
    :param device: where the copy is moved to
    """

    name = EAGER
    precision = 'float32'

    def __init__(self, network: JointNetwork, device: torch.device) -> None:
        self.device = device
        self._network = deepcopy(network).eval().to(device)

    def __call__(self, images: Tensor, detection: bool, segmentation: bool) -> NetworkOutput:
        """
        Run one forward pass; on a GPU it is under way when this returns.

        :param images: (N, H, W, 3) uint8 RGB of the network's input size, on the device
        :param detection: whether boxes are wanted
        :param segmentation: whether labels are wanted
        """
        with torch.inference_mode():
            inputs = images.permute(0, 3, 1, 2).contiguous()
            return self._network(inputs, detection, segmentation)


class EagerPredictor(Runner):
    """
    Runs the bare network: pre- and post-processing are every other's.

    :param network: the weights; no exported file
    :param device: as the Predictor's
    :param wanted: as the Predictor's
    :raises InputError: for a device that there is not, or a value that is not allowed
    """

    choice_reason = f'{EAGER} was asked for'

    def __init__(self, network: JointNetwork, device: str = 'auto', **wanted: Any) -> None:
        super().__init__(EagerForward(network, find_device(device)), network.config,
                         Wanted(**wanted))


@dataclass(frozen=True)
class RandomNetwork:
    """
    A network with random weights, the same ones in every run.

    :param config: which network
    """

    config: NetworkConfig
    weights: ClassVar[None] = None
    score_threshold: ClassVar[float] = DEFAULT_SCORE

    def predictor(self, backend: str, device: str, precision: str,
                  score_threshold: Optional[float] = None) -> Union[Predictor, EagerPredictor]:
        """
        Put it behind a Predictor.

        :param backend: ``eager``, or as the Predictor's
        :param device: as the Predictor's
        :param precision: as the Predictor's; ``'auto'``: the shortest floats that the device is
            made for, as there is nothing in random answers to judge them by
        :param score_threshold: as the Predictor's, 0..1; None: the network's own
        :raises InputError: as the Predictor
        """
        wanted = {'device': device, 'score_threshold': _either(score_threshold, self)}
        if backend == EAGER:
            return EagerPredictor(self._network, **wanted)
        if precision == 'auto':
            if backend == 'auto':
                backend, _ = find_fastest(find_device(device).type)
            precision = shortest(backend, device)
        return Predictor(self._network, backend=backend, precision=precision, **wanted)

    @cached_property
    def _network(self) -> JointNetwork:
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            return JointNetwork(self.config).eval()


@dataclass(frozen=True)
class TrainedNetwork:
    """
    A network with its weights.

    :param weights: name of shipped ones, a .safetensors file, or an exported file
    :param input_size: as the Predictor's
    :raises InputError: if there are none of that name,
    """

    weights: str
    input_size: str = AUTO

    def __post_init__(self) -> None:
        """Refuse what is not there."""
        find_weights(self.weights)
        read_input_size(self.input_size)

    @cached_property
    def config(self) -> NetworkConfig:
        """
        Return which network it is.

        :raises InputError: if the file says nothing of the kind
        """
        size = read_input_size(self.input_size)
        return self._card.config if size is None else self._card.config.made_for(*size)

    @property
    def score_threshold(self) -> float:
        """
        Return the score from which on its boxes are reported: that of its card, if it has one.

        :raises InputError: as ``config``
        """
        score = self._card.score_threshold
        return DEFAULT_SCORE if score is None else score

    @cached_property
    def _card(self) -> WeightsCard:
        path = find_weights(self.weights)
        return read_exported(path).card if path.suffix in RUNTIMES else read_card(path)

    def predictor(self, backend: str, device: str, precision: str,
                  score_threshold: Optional[float] = None) -> Union[Predictor, EagerPredictor]:
        """
        Put it behind a Predictor; parameters and errors are RandomNetwork's.

        :raises InputError: also for an exported file that is asked to run eagerly
        """
        path = find_weights(self.weights)
        if backend == EAGER and path.suffix in RUNTIMES:
            raise InputError(f'{path} is an exported file: to run eagerly takes the weights')
        wanted = {'device': device, 'score_threshold': _either(score_threshold, self)}
        if backend != EAGER:
            return Predictor.load(path, input_size=self.input_size, backend=backend,
                                  precision=precision, **wanted)
        network, _ = load_weights(path, read_input_size(self.input_size))
        return EagerPredictor(network, **wanted)


Network = Union[RandomNetwork, TrainedNetwork]


def _either(score: Optional[float], network: Network) -> float:
    return network.score_threshold if score is None else score

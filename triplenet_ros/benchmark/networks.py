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
from typing import ClassVar, Union

import torch
from torch import Tensor

from triplenet_ros.benchmark.measure import EAGER
from triplenet_ros.errors import InputError
from triplenet_ros.export.choice import find_fastest, shortest
from triplenet_ros.inference.backends.pytorch import find_device
from triplenet_ros.inference.exported import read_exported, RUNTIMES
from triplenet_ros.inference.names import AUTO, read_input_size
from triplenet_ros.inference.runner import Runner
from triplenet_ros.inference.weights import load_weights, read_card
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
    :raises InputError: for a device that there is not
    """

    choice_reason = f'{EAGER} was asked for'

    def __init__(self, network: JointNetwork, device: str = 'auto') -> None:
        super().__init__(EagerForward(network, find_device(device)), network.config)


@dataclass(frozen=True)
class RandomNetwork:
    """
    A network with random weights, the same ones in every run.

    :param config: which network
    """

    config: NetworkConfig
    weights: ClassVar[None] = None

    def predictor(self, backend: str, device: str,
                  precision: str) -> Union[Predictor, EagerPredictor]:
        """
        Put it behind a Predictor.

        :param backend: ``eager``, or as the Predictor's
        :param device: as the Predictor's
        :param precision: as the Predictor's; ``'auto'``: the shortest floats that the device is
            made for, as there is nothing in random answers to judge them by
        :raises InputError: as the Predictor
        """
        if backend == EAGER:
            return EagerPredictor(self._network, device)
        if precision != 'auto':
            return Predictor(self._network, device=device, backend=backend, precision=precision)
        if backend == 'auto':
            backend, _ = find_fastest(find_device(device).type)
        return Predictor(self._network, device=device, backend=backend,
                         precision=shortest(backend, device))

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
        path, size = find_weights(self.weights), read_input_size(self.input_size)
        config = (read_exported if path.suffix in RUNTIMES else read_card)(path).config
        return config if size is None else config.made_for(*size)

    def predictor(self, backend: str, device: str,
                  precision: str) -> Union[Predictor, EagerPredictor]:
        """
        Put it behind a Predictor; parameters and errors are RandomNetwork's.

        :raises InputError: also for an exported file that is asked to run eagerly
        """
        if backend != EAGER:
            return Predictor.load(self.weights, input_size=self.input_size, device=device,
                                  backend=backend, precision=precision)
        path = find_weights(self.weights)
        if path.suffix in RUNTIMES:
            raise InputError(f'{path} is an exported file: to run eagerly takes the weights')
        network, _ = load_weights(path, read_input_size(self.input_size))
        return EagerPredictor(network, device)


Network = Union[RandomNetwork, TrainedNetwork]

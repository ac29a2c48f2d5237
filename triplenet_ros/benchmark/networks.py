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

"""Where the networks that are measured come from: the registry, or a file of weights."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Union

import torch

from triplenet_ros.benchmark.eager import EagerPredictor
from triplenet_ros.benchmark.subject import EAGER
from triplenet_ros.errors import InputError
from triplenet_ros.inference.exported import read_exported, RUNTIMES
from triplenet_ros.inference.predictor import Predictor
from triplenet_ros.inference.weights import find_weights, load_weights, read_card
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork


@dataclass(frozen=True)
class RandomNetwork:
    """
    A network with random weights, the same ones in every run.

    :param config: which network
    """

    config: NetworkConfig
    weights: ClassVar[None] = None

    def predictor(self, backend: str, device: str, precision: str) -> Predictor:
        """
        Put it behind a Predictor.

        :param backend: ``eager``, or as the Predictor's
        :param device: as the Predictor's
        :param precision: as the Predictor's
        :raises InputError: as the Predictor
        """
        if backend == EAGER:
            return EagerPredictor(self._network, device)
        return Predictor(self._network, device=device, backend=backend, precision=precision)

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
    :raises InputError: if there are none of that name
    """

    weights: str

    def __post_init__(self) -> None:
        """Refuse what is not there."""
        find_weights(self.weights)

    @cached_property
    def config(self) -> NetworkConfig:
        """
        Return which network it is.

        :raises InputError: if the file says nothing of the kind
        """
        path = find_weights(self.weights)
        return (read_exported if path.suffix in RUNTIMES else read_card)(path).config

    def predictor(self, backend: str, device: str, precision: str) -> Predictor:
        """
        Put it behind a Predictor; parameters and errors are RandomNetwork's.

        :raises InputError: also for an exported file that is asked to run eagerly
        """
        if backend != EAGER:
            return Predictor.load(self.weights, device=device, backend=backend,
                                  precision=precision)
        path = find_weights(self.weights)
        if path.suffix in RUNTIMES:
            raise InputError(f'{path} is an exported file: to run eagerly takes the weights')
        return EagerPredictor(load_weights(path)[0], device)


Network = Union[RandomNetwork, TrainedNetwork]

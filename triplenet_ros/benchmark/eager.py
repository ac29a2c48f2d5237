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

"""The yardstick: a network as it is run by who has just built it."""

from copy import deepcopy

import torch
from torch import Tensor

from triplenet_ros.benchmark.subject import EAGER
from triplenet_ros.inference.predictor import Predictor
from triplenet_ros.network.joint import JointNetwork, NetworkOutput


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


class EagerPredictor(Predictor):
    """
    A Predictor around the bare network: pre- and post-processing are every other's.

    :param network: the weights; no exported file
    :param device: as the Predictor's
    :raises InputError: as the Predictor
    """

    def __init__(self, network: JointNetwork, device: str = 'auto') -> None:
        super().__init__(network, device=device, backend='torch', precision='float32')
        self.choice_reason = f'{EAGER} was asked for'
        self._backend = EagerForward(network, torch.device(self.device))

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

"""The network run by PyTorch itself."""

from copy import deepcopy

import torch
from torch import Tensor

from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends.cuda_graph import CudaGraph
from triplenet_ros.inference.backends.folding import fold_batch_norm
from triplenet_ros.network.joint import JointNetwork, NetworkOutput

PRECISIONS = {'float32': torch.float32, 'float16': torch.float16, 'bfloat16': torch.bfloat16}


class PyTorchBackend:
    """
    Runs a copy of the network in evaluation mode; on a GPU as a recorded graph.

    :param network: the weights
    :param device: ``'auto'`` (the GPU if there is one), ``'cpu'``, ``'cuda'``, ``'cuda:1'``, ...
    :param precision: one of PRECISIONS
    :raises InputError: for an unknown or absent device, or an unknown precision
    """

    name = 'torch'
    packages: tuple[str, ...] = ()
    precisions = tuple(PRECISIONS)
    exported: tuple[str, ...] = ()

    def __init__(self, network: JointNetwork, device: str, precision: str) -> None:
        self.device = find_device(device)
        self.precision = precision
        self._network = deepcopy(network).eval().requires_grad_(False)
        fold_batch_norm(self._network)  # before the weights lose precision
        self._network.to(device=self.device, dtype=PRECISIONS[self.precision],
                         memory_format=torch.channels_last)
        self._graphs: dict[tuple, CudaGraph] = {}
        self._pool = torch.cuda.graph_pool_handle() if self.device.type == 'cuda' else None

    def __call__(self, images: Tensor, detection: bool, segmentation: bool) -> NetworkOutput:
        """
        Run one forward pass; on a GPU it is under way when this returns.

        There the first pass of a batch size and choice of tasks also records it.

        :param images: (N, H, W, 3) uint8 RGB of the network's input size, on the device
        :param detection: whether boxes are wanted
        :param segmentation: whether labels are wanted
        """
        with torch.inference_mode():
            pixels = images.permute(0, 3, 1, 2)
            if self.device.type == 'cuda':
                return self._graph(pixels, (detection, segmentation))(pixels)
            return self._network(pixels, detection, segmentation)

    @staticmethod
    def find_device(name: str) -> torch.device:
        """Return a device that PyTorch has, as the function of that name."""
        return find_device(name)

    @staticmethod
    def native(device: torch.device) -> list[str]:
        """Return the floats shorter than float32 that a device has units for, best first."""
        if device.type != 'cuda':
            return []
        return ['float16', 'bfloat16'] if torch.cuda.is_bf16_supported() else ['float16']

    def _graph(self, pixels: Tensor, tasks: tuple[bool, bool]) -> CudaGraph:
        key = pixels.shape, tasks
        if key not in self._graphs:
            with torch.cuda.device(self.device):
                self._graphs[key] = CudaGraph(self._network, pixels, tasks, self._pool)
        return self._graphs[key]


def find_device(name: str) -> torch.device:
    """
    Return a device that PyTorch has.

    :param name: ``'auto'`` (the GPU if there is one), ``'cpu'``, ``'cuda'`` or ``'cuda:N'``
    :raises InputError: for any other
    """
    if name == 'auto':
        name = 'cuda' if torch.cuda.is_available() else 'cpu'
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f'device is {name!r}, must be auto, cpu, cuda or cuda:N') from error
    if device.type not in ('cpu', 'cuda'):
        raise InputError(f'device is {name!r}, must be auto, cpu, cuda or cuda:N')
    if device.type == 'cuda' and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f'device is {name!r}, but there are {torch.cuda.device_count()} GPUs')
    return device

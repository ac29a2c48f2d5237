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

"""The network run by ONNX Runtime."""

from typing import Any

import torch
from torch import Tensor

from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends.pytorch import find_device
from triplenet_ros.inference.export.exported import ExportedNetwork, Runnable
from triplenet_ros.inference.export.graph import (
    INPUT, output_shapes, select_outputs, to_onnx)
from triplenet_ros.inference.runtimes import import_runtime
from triplenet_ros.network.joint import NetworkOutput


class OnnxRuntimeBackend:
    """
    Runs a network, exported in memory, or an exported .onnx file.

    :param network: the weights
    :param device: ``'auto'``, ``'cpu'``, or ``'cuda'``, ``'cuda:1'``, ... with onnxruntime-gpu
    :param precision: ``'auto'`` or ``'float32'``
    :raises InputError: for a device or precision it does not have, or without ONNX Runtime
    """

    name = 'onnxruntime'
    exported = ('.onnx',)

    def __init__(self, network: Runnable, device: str, precision: str) -> None:
        self._runtime = import_runtime('onnxruntime')
        if precision not in ('auto', 'float32'):
            raise InputError(f'precision is {precision!r}, must be auto or float32 for the '
                             f'backend {self.name}')
        self.precision = 'float32'
        self.device = self._find_device(device)
        self._config = network.config
        self._model = (import_runtime('onnx').load(str(network.path))
                       if isinstance(network, ExportedNetwork) else to_onnx(network))
        self._engines: dict[tuple[str, ...], Any] = {}

    def __call__(self, images: Tensor, detection: bool, segmentation: bool) -> NetworkOutput:
        """
        Run one forward pass and wait for it; the first one with these tasks also prepares it.

        :param images: (N, H, W, 3) uint8 RGB of the network's input size, on the device
        :param detection: whether boxes are wanted
        :param segmentation: whether labels are wanted
        """
        names = tuple(output_shapes(self._config, detection, segmentation))
        if not names:
            return NetworkOutput()
        # A session computes all its outputs, wanted or not: each choice of tasks has its own.
        if names not in self._engines:
            self._engines[names] = self._open_session(names)
        outputs = self._engines[names].run(names, {INPUT: images.cpu().numpy()})
        return NetworkOutput(**{name: torch.from_numpy(output).to(self.device)
                                for name, output in zip(names, outputs)})

    def _find_device(self, name: str) -> torch.device:
        has_cuda = 'CUDAExecutionProvider' in self._runtime.get_available_providers()
        device = find_device('cpu' if name == 'auto' and not has_cuda else name)
        if device.type == 'cuda' and not has_cuda:
            raise InputError(f'device is {name!r}, but the onnxruntime installed runs on the CPU '
                             'alone: install onnxruntime-gpu in its place')
        return device

    def _open_session(self, names: tuple[str, ...]) -> Any:
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # it warns of what it cannot find out about the machine
        providers: list[Any] = ['CPUExecutionProvider']
        if self.device.type == 'cuda':
            providers.insert(0, ('CUDAExecutionProvider', {'device_id': self.device.index or 0}))
        model = select_outputs(self._model, names)
        return self._runtime.InferenceSession(model.SerializeToString(), options,
                                              providers=providers)

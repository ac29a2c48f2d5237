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

"""The network run by OpenVINO."""

from typing import Any

import torch
from torch import Tensor

from triplenet_ros.errors import InputError
from triplenet_ros.inference.export.exported import ExportedNetwork, Runnable
from triplenet_ros.inference.export.graph import INPUT, output_shapes, to_onnx
from triplenet_ros.inference.runtimes import import_runtime, openvino_core
from triplenet_ros.network.joint import NetworkOutput

PRECISIONS = {'float32': 'f32', 'bfloat16': 'bf16', 'float16': 'f16'}
# What it calls them where it lists what the machine is able to do.
_CAPABILITIES = {'float32': 'FP32', 'bfloat16': 'BF16', 'float16': 'FP16'}


class OpenVinoBackend:
    """
    Runs a network, exported in memory, or an exported .xml or .onnx file, on the CPU.

    :param network: the weights
    :param device: ``'auto'`` or ``'cpu'``
    :param precision: ``'auto'`` (float32), or one of PRECISIONS that the CPU is able to
    :raises InputError: for a device or precision it does not have, or without OpenVINO
    """

    name = 'openvino'
    exported = ('.xml', '.onnx')

    def __init__(self, network: Runnable, device: str, precision: str) -> None:
        openvino = import_runtime('openvino')
        if device not in ('auto', 'cpu'):
            raise InputError(f'device is {device!r}, must be auto or cpu for the backend '
                             f'{self.name}')
        self.device = torch.device('cpu')
        self._core = openvino_core()
        self._new_model = openvino.Model
        self.precision = self._find_precision(precision)
        self._config = network.config
        self._model = self._read(network)
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
        if names not in self._engines:
            self._engines[names] = self._compile(names)
        outputs = self._engines[names]({INPUT: images.numpy()}, share_inputs=True)
        return NetworkOutput(**{name: torch.from_numpy(outputs[name]) for name in names})

    def _find_precision(self, name: str) -> str:
        able = self._core.get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
        allowed = [name for name in PRECISIONS if _CAPABILITIES[name] in able]
        if name == 'auto':
            return 'float32'
        if name not in allowed:
            raise InputError(f'precision is {name!r}, must be auto or one of '
                             f'{", ".join(allowed)} for the backend {self.name} on this CPU')
        return name

    def _read(self, network: Runnable) -> Any:
        if not isinstance(network, ExportedNetwork):
            return self._core.read_model(to_onnx(network).SerializeToString())
        if network.tensors is None:
            return self._core.read_model(str(network.path))
        return self._core.read_model(str(network.path), str(network.tensors))

    def _compile(self, names: tuple[str, ...]) -> Any:
        """Prepare what the wanted outputs need, and nothing else."""
        model = self._new_model([self._model.output(name).node for name in names],
                                self._model.get_parameters())
        return self._core.compile_model(model, 'CPU', {
            'PERFORMANCE_HINT': 'LATENCY', 'NUM_STREAMS': 1,
            'INFERENCE_PRECISION_HINT': PRECISIONS[self.precision],
            'INFERENCE_NUM_THREADS': torch.get_num_threads(),
            # Several processes would be pinned to the same cores.
            'ENABLE_CPU_PINNING': False})

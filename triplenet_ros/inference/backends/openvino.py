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

from collections import defaultdict
import os
from pathlib import Path
from typing import Any, Mapping

import torch
from torch import Tensor

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.inference.built_from import built_from
from triplenet_ros.inference.engines import Engine, find_engine
from triplenet_ros.inference.exported import ExportedNetwork, Runnable
from triplenet_ros.inference.graph import INPUT, output_shapes, to_onnx
from triplenet_ros.inference.runtimes import import_runtime, openvino_core
from triplenet_ros.network.joint import JointNetwork, NetworkOutput

PRECISIONS = {'float32': 'f32', 'bfloat16': 'bf16', 'float16': 'f16', 'int8': 'f32'}
"""By precision the type of what is not int8."""
# What it calls them where it lists what the machine is able to do, best first.
_CAPABILITIES = {'bfloat16': 'BF16', 'float16': 'FP16'}
_LIMIT = 'ONEDNN_MAX_CPU_ISA'
_WITH_UNITS = ('DEFAULT', 'ALL', 'AVX512', 'AVX10')
MODEL_FILE = 'network.xml'


class OpenVinoBackend:
    """
    Runs a network, or an exported .xml or .onnx file, on the CPU.

    :param network: the weights, of which an engine is built and kept
    :param device: ``'auto'`` or ``'cpu'``
    :param precision: one of PRECISIONS that the CPU is able to; ``'int8'`` takes a file that
        holds it
    :raises InputError: for a device or precision it does not have, or without OpenVINO
    """

    name = 'openvino'
    packages = ('openvino', 'onnx')
    precisions = tuple(PRECISIONS)
    exported = ('.xml', '.onnx')

    def __init__(self, network: Runnable, device: str, precision: str) -> None:
        self.device = self.find_device(device)
        self._core = openvino_core()
        allowed = ['float32', *self.native(self.device), 'int8']
        if precision not in allowed:
            raise InputError(f'precision is {precision!r}, must be auto or one of '
                             f'{", ".join(allowed)} for the backend {self.name} on this CPU')
        if precision == 'int8' and getattr(network, 'precision', None) != 'int8':
            raise InputError("precision is 'int8', which takes a file that holds it")
        self.precision = precision
        self._config = network.config
        self._name = network.path if isinstance(network, ExportedNetwork) else network.config.name
        self._files: Any = None  # kept: they are read when they are needed
        self._model = self._read(network)
        self._ready: dict[tuple[str, ...], Any] = {}
        self._idle: dict[tuple[str, ...], list] = defaultdict(list)

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
        try:
            if names not in self._ready:
                self._ready[names] = self._compile(names)
            outputs = self._infer(names, images)
        except RuntimeError as error:
            raise InputError(f'{self._name} cannot be run by OpenVINO: '
                             f'{one_line(error)}') from error
        return NetworkOutput(**{name: torch.from_numpy(outputs[name]) for name in names})

    @classmethod
    def find_device(cls, name: str) -> torch.device:
        """
        Return the CPU.

        :param name: ``'auto'`` or ``'cpu'``
        :raises InputError: for any other
        """
        if name not in ('auto', 'cpu'):
            raise InputError(f'device is {name!r}, must be auto or cpu for the backend {cls.name}')
        return torch.device('cpu')

    @staticmethod
    def native(_: torch.device) -> list[str]:
        """
        Return the floats shorter than float32 that this CPU has units for, best first.

        None where oneDNN, which computes, is told to leave alone what such units came with:
        OpenVINO does not look at that, and fails.
        """
        if not os.environ.get(_LIMIT, 'DEFAULT').upper().startswith(_WITH_UNITS):
            return []
        able = openvino_core().get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
        return [name for name, capability in _CAPABILITIES.items() if capability in able]

    def _read(self, network: Runnable) -> Any:
        if isinstance(network, ExportedNetwork):
            self._files = network
            return self._core.read_model(*map(str, network.files))
        self._files = float32_engine(network)
        return self._core.read_model(str(self._files.folder / MODEL_FILE))

    def _infer(self, names: tuple[str, ...], images: Tensor) -> Any:
        """Run what nobody else runs: where one thread hangs with its request, another goes on."""
        idle = self._idle[names]
        request = idle.pop() if idle else self._ready[names].create_infer_request()
        outputs = request.infer({INPUT: images.numpy()}, share_inputs=True)
        idle.append(request)
        return outputs

    def _compile(self, names: tuple[str, ...]) -> Any:
        """Prepare what the wanted outputs need, and nothing else."""
        model = import_runtime('openvino').Model(
            [self._model.output(name).node for name in names], self._model.get_parameters())
        return self._core.compile_model(model, 'CPU', compile_options(self.precision))


def compile_options(precision: str) -> dict[str, Any]:
    """Return how OpenVINO is to run a network: one image after the other, by all threads."""
    return {'PERFORMANCE_HINT': 'LATENCY', 'NUM_STREAMS': 1,
            'INFERENCE_PRECISION_HINT': PRECISIONS[precision],
            'INFERENCE_NUM_THREADS': torch.get_num_threads(),
            # Several processes would be pinned to the same cores.
            'ENABLE_CPU_PINNING': False}


def float32_engine(network: JointNetwork) -> Engine:
    """
    Return the kept OpenVINO files of a network, made if need be; the ``.xml`` is MODEL_FILE.

    :raises InputError: without onnx or OpenVINO
    """
    def build(folder: Path) -> Mapping[str, Any]:
        save_model(openvino_core().read_model(to_onnx(network).SerializeToString()), folder)
        return {}

    return find_engine(
        f'building the OpenVINO engine of {network.config.name}',
        built_from(network, OpenVinoBackend.name, 'float32', torch.device('cpu'),
                   OpenVinoBackend.packages), build)


def save_model(model: Any, folder: Path) -> None:
    """Write an ``openvino.Model`` as it is: MODEL_FILE and its ``.bin``."""
    import_runtime('openvino').save_model(model, str(folder / MODEL_FILE), compress_to_fp16=False)

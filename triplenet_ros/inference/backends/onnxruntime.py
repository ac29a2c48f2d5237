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

from pathlib import Path
from typing import Any, Mapping, Optional

import numpy as np
import torch
from torch import Tensor

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.inference.backends.pytorch import find_device
from triplenet_ros.inference.built_from import built_from
from triplenet_ros.inference.engines import Engine, find_engine
from triplenet_ros.inference.exported import ExportedNetwork, Runnable
from triplenet_ros.inference.graph import (
    INPUT, output_shapes, select_outputs, to_onnx)
from triplenet_ros.inference.runtimes import import_runtime
from triplenet_ros.network.joint import JointNetwork, NetworkOutput

_FILE = 'network.onnx'


class OnnxRuntimeBackend:
    """
    Runs a network, or an exported .onnx file.

    :param network: the weights, of which an engine is built and kept
    :param device: ``'auto'``, ``'cpu'``, or ``'cuda'``, ``'cuda:1'``, ... with onnxruntime-gpu
    :param precision: ``'float32'``
    :raises InputError: for a device or precision it does not have, or without ONNX Runtime
    """

    name = 'onnxruntime'
    packages = ('onnxruntime', 'onnx')
    precisions = ('float32',)
    exported = ('.onnx',)

    def __init__(self, network: Runnable, device: str, precision: str) -> None:
        self._runtime = import_runtime('onnxruntime')
        self.device = self.find_device(device)
        self.precision = precision
        self._config = network.config
        self._engine: Optional[Engine] = None  # its file is read when it is needed
        if isinstance(network, ExportedNetwork):
            self._path = network.path
        else:
            self._engine = _find_graph(network)
            self._path = self._engine.folder / _FILE
        self._ready: dict[tuple[str, ...], Any] = {}

    def __call__(self, images: Tensor, detection: bool, segmentation: bool) -> NetworkOutput:
        """
        Run one forward pass and wait for it; the first one with these tasks also prepares it.

        :param images: (N, H, W, 3) uint8 RGB of the network's input size, on the device
        :param detection: whether boxes are wanted
        :param segmentation: whether labels are wanted
        """
        shapes = output_shapes(self._config, detection, segmentation)
        if not shapes:
            return NetworkOutput()
        names = tuple(shapes)
        # A session computes all its outputs, wanted or not: each choice of tasks has its own.
        outputs = {name: torch.empty((len(images), *shape), device=self.device)
                   for name, shape in shapes.items()}
        try:
            if names not in self._ready:
                self._ready[names] = self._open_session(names)
            self._run(self._ready[names], images.contiguous(), outputs)
        except Exception as error:  # each of its errors is a class of its own
            raise InputError(f'{self._path} cannot be run by ONNX Runtime: '
                             f'{one_line(error)}') from error
        return NetworkOutput(**outputs)

    @classmethod
    def find_device(cls, name: str) -> torch.device:
        """
        Return a device that both PyTorch and the ONNX Runtime installed have.

        :param name: ``'auto'``, ``'cpu'``, ``'cuda'`` or ``'cuda:N'``
        :raises InputError: for any other
        """
        providers = import_runtime('onnxruntime').get_available_providers()
        has_cuda = 'CUDAExecutionProvider' in providers
        device = find_device('cpu' if name == 'auto' and not has_cuda else name)
        if device.type == 'cuda' and not has_cuda:
            raise InputError(f'device is {name!r}, but the onnxruntime installed runs on the CPU '
                             'alone: install onnxruntime-gpu in its place')
        return device

    @staticmethod
    def native(_: torch.device) -> list[str]:
        """Return no type: the graph is one of float32."""
        return []

    def _run(self, session: Any, images: Tensor, outputs: Mapping[str, Tensor]) -> None:
        """Read from PyTorch's memory and write to it, on a GPU as on a CPU."""
        binding, place = session.io_binding(), (self.device.type, self.device.index or 0)
        binding.bind_input(INPUT, *place, np.uint8, tuple(images.shape), images.data_ptr())
        for name, output in outputs.items():
            binding.bind_output(name, *place, np.float32, tuple(output.shape), output.data_ptr())
        if self.device.type == 'cuda':
            # It has a stream of its own, which knows nothing of how the images came.
            torch.cuda.current_stream(self.device).synchronize()
        session.run_with_iobinding(binding)

    def _open_session(self, names: tuple[str, ...]) -> Any:
        providers: list[Any] = ['CPUExecutionProvider']
        if self.device.type == 'cuda':
            providers.insert(0, ('CUDAExecutionProvider', {'device_id': self.device.index or 0}))
        model = import_runtime('onnx').load(str(self._path))
        return self._runtime.InferenceSession(
            select_outputs(model, names).SerializeToString(), session_options(),
            providers=providers)


def session_options() -> Any:
    """Return how ONNX Runtime is to run a network: by as many threads as PyTorch has."""
    options = import_runtime('onnxruntime').SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # it warns of what it cannot find out about the machine
    # Its threads would go on in circles, waiting for more, where boxes are made meanwhile.
    options.add_session_config_entry('session.force_spinning_stop', '1')
    return options


def _find_graph(network: JointNetwork) -> Engine:
    def build(folder: Path) -> Mapping[str, Any]:
        import_runtime('onnx').save(to_onnx(network), str(folder / _FILE))
        return {}

    return find_engine(
        f'building the ONNX graph of {network.config.name}',
        built_from(network, OnnxRuntimeBackend.name, 'float32', torch.device('cpu'),
                   OnnxRuntimeBackend.packages), build)

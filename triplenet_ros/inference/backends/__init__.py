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

"""
What runs the network: PyTorch here, other runtimes beside it.

A backend is built from (network, device, precision) and called with uint8 images on its device;
it gives the raw NetworkOutput there, and pre- and post-processing are the same whichever it is.
Its ``exported`` are the endings of the exported files that it takes in place of a network.
"""

from typing import Any

from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends.onnxruntime import OnnxRuntimeBackend
from triplenet_ros.inference.backends.openvino import OpenVinoBackend
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.inference.export.exported import ExportedNetwork, Runnable, RUNTIMES

BACKENDS = {backend.name: backend
            for backend in (PyTorchBackend, OnnxRuntimeBackend, OpenVinoBackend)}


def make_backend(name: str, network: Runnable, device: str, precision: str) -> Any:
    """
    Return a backend that runs a network.

    :param name: one of BACKENDS; ``'auto'``: PyTorch, or what an exported file is made for
    :param network: the weights, or an exported file
    :param device: as the backend's
    :param precision: as the backend's
    :raises InputError: for an unknown name, a file it cannot run, and as the backend
    """
    path = network.path if isinstance(network, ExportedNetwork) else None
    if name == 'auto':
        name = 'torch' if path is None else RUNTIMES[path.suffix]
    if name not in BACKENDS:
        raise InputError(f'backend is {name!r}, must be auto or one of {", ".join(BACKENDS)}')
    if path is not None and path.suffix not in BACKENDS[name].exported:
        able = [other for other, backend in BACKENDS.items() if path.suffix in backend.exported]
        raise InputError(f'backend is {name!r}, which cannot run {path}: must be auto or '
                         f'{" or ".join(able)}')
    return BACKENDS[name](network, device, precision)

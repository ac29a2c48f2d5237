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
What a class says of itself before it is built: the ``packages`` that it needs beyond PyTorch, its
``precisions``, those of them that a device has units for and that are shorter than float32
(``native``, best first), and the endings of the ``exported`` files that it takes in place of a
network.
"""

from triplenet_ros.inference.backends.compiled import InductorBackend
from triplenet_ros.inference.backends.onnxruntime import OnnxRuntimeBackend
from triplenet_ros.inference.backends.openvino import OpenVinoBackend
from triplenet_ros.inference.backends.pytorch import PyTorchBackend

BACKENDS = {backend.name: backend for backend in (
    PyTorchBackend, InductorBackend, OnnxRuntimeBackend, OpenVinoBackend)}

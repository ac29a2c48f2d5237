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

A backend is built from (network, device, precision) and called with uint8 images; it gives the
raw NetworkOutput, and pre- and post-processing are the same whichever it is.
"""

from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends.pytorch import PyTorchBackend

BACKENDS = {'torch': PyTorchBackend}


def find_backend(name: str) -> type:
    """
    Return a backend's class; ``'auto'`` is the fastest that is installed.

    :raises InputError: for an unknown name
    """
    if name == 'auto':
        return PyTorchBackend
    if name not in BACKENDS:
        raise InputError(f'backend is {name!r}, must be auto or one of {", ".join(BACKENDS)}')
    return BACKENDS[name]

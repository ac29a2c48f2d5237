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

"""What an engine is built from, in words: what it is kept under."""

from hashlib import sha256
import json
from pathlib import Path
import platform
from typing import Mapping

import torch

from triplenet_ros import __version__
from triplenet_ros.inference.exported import ExportedNetwork, Runnable
from triplenet_ros.inference.runtimes import import_runtime

_FORMAT = '1'
"""Changes when the same facts would give another engine."""
_CPUINFO = Path('/proc/cpuinfo')


def built_from(network: Runnable, backend: str, precision: str, device: torch.device,
               runtimes: tuple[str, ...] = ()) -> Mapping[str, str]:
    """
    Name all that an engine depends on.

    :param network: its weights and configuration
    :param backend: what runs it
    :param precision: in which type
    :param device: where
    :param runtimes: the packages that have a part in it
    """
    versions = {name: import_runtime(name).__version__ for name in runtimes}
    return {'weights': hash_of_weights(network),
            'network': json.dumps(network.config.to_dict(), sort_keys=True),
            'backend': backend, 'precision': precision, 'device': device_name(device),
            'format': _FORMAT, 'triplenet_ros': __version__, 'torch': torch.__version__,
            **versions}


def hash_of_weights(network: Runnable) -> str:
    """Return the SHA-256 of all tensors by name, or of an exported network's files."""
    digest = sha256()
    if isinstance(network, ExportedNetwork):
        for file in network.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()
    for name, tensor in network.state_dict().items():
        digest.update(f'{name} {tensor.dtype} {tuple(tensor.shape)}'.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def device_name(device: torch.device) -> str:
    """Return what a device is called, and which units it has."""
    if device.type == 'cuda':
        return f'{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}'
    try:
        lines = dict(map(str.strip, line.split(':', 1))
                     for line in _CPUINFO.read_text().splitlines() if ':' in line)
    except (OSError, ValueError):
        return platform.processor() or platform.machine()
    # Virtual machines show less of a processor than its name promises.
    units = sha256(lines.get('flags', lines.get('Features', '')).encode()).hexdigest()[:8]
    return f'{lines.get("model name", platform.machine())}, units {units}'

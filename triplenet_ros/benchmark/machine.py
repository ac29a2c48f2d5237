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

"""The machine that figures are of."""

from importlib import metadata
import os
from pathlib import Path
import platform
import re
from typing import Any, Iterable

import torch

_PACKAGES = ('torch', 'torchvision', 'onnxruntime', 'onnxruntime-gpu', 'openvino')


def describe_machine() -> dict[str, Any]:
    """Return CPU, cores that are there, threads that are used, GPU or None, and versions."""
    return {'cpu': _cpu_name(), 'cores': os.cpu_count(), 'threads': torch.get_num_threads(),
            'gpu': torch.cuda.get_device_name() if torch.cuda.is_available() else None,
            'system': f'{platform.system()} {platform.machine()}',
            'versions': installed_versions(_PACKAGES)}


def machine_line(machine: dict[str, Any]) -> str:
    """Return the description in one line."""
    versions = ', '.join(f'{name} {version}' for name, version in machine['versions'].items())
    return (f'{machine["cpu"]}, {machine["threads"]} of {machine["cores"]} cores; '
            f'{machine["gpu"] or "no GPU"}; {versions}')


def _cpu_name() -> str:
    info = Path('/proc/cpuinfo')
    found = info.is_file() and re.search(r'^model name\s*:\s*(.+)$',
                                         info.read_text(encoding='utf-8'), re.MULTILINE)
    return found.group(1).strip() if found else platform.processor() or platform.machine()


def installed_versions(packages: Iterable[str]) -> dict[str, str]:
    """
    Return the versions of Python and of packages, without importing what may not even be used.

    :param packages: those that are not installed are left out
    """
    versions = {'python': platform.python_version()}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions

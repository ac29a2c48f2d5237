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
"""Whether shorter numbers answer as float32 does: known of shipped weights, else measured once."""

from dataclasses import asdict
import json
from typing import Any, Mapping, Optional

import torch

from triplenet_ros.clip import clip_frames
from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export.comparison import compare_results, JUDGED_FRAMES
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.built_from import built_from, hash_of_weights
from triplenet_ros.inference.engines import find_engine
from triplenet_ros.inference.exported import ExportedNetwork, Runnable
from triplenet_ros.inference.runtimes import import_runtime
from triplenet_ros.inference.weights_file import SHIPPED

ENDING = '.verdicts.json'
"""Of the file beside shipped weights that says how shorter numbers agree with float32."""
_RULES = '2'
"""Changes when the same answers would be scored otherwise."""


def find_agreement(network: Runnable, backend: str, precision: str, device: str) -> Agreement:
    """
    Return how far shorter numbers answer as float32 does.

    For shipped weights it is looked up; for others measured on the package's real drive, once.

    :param network: the weights, or an exported file in float32
    :param backend: one of BACKENDS
    :param precision: of the backend
    :param device: as the backend's
    :raises InputError: if the drive cannot be read
    """
    kind = BACKENDS[backend]
    where = kind.find_device(device)
    shipped = _look_up(network, {'backend': backend, 'precision': precision, 'device': where.type,
                                 'versions': version_family(backend)})
    if shipped is not None:
        return shipped
    facts = built_from(network, backend, precision, where, kind.packages)
    return Agreement(**find_engine(
        f'comparing {backend} in {precision} with float32 on a real drive',
        {**facts, 'rules': _RULES, 'frames': str(JUDGED_FRAMES)},
        lambda _: asdict(judge(network, backend, precision, device))).notes)


def judge(network: Runnable, backend: str, precision: str, device: str) -> Agreement:
    """Measure it; as find_agreement. The truth is PyTorch's, or what the file is in float32."""
    exact = backend if isinstance(network, ExportedNetwork) else 'torch'
    pair = [BACKENDS[name](network, device, numbers)
            for name, numbers in ((exact, 'float32'), (backend, precision))]
    return compare_results(*pair, network.config, clip_frames(JUDGED_FRAMES))


def judged(network: Runnable) -> Mapping[str, Any]:
    """Return what verdicts are about: the hash of the weights, and the size they see images in."""
    config = network.config
    return {'weights': hash_of_weights(network),
            'input_size': [config.input_height, config.input_width]}


def version_family(backend: str) -> Mapping[str, str]:
    """Return the first number of the version of each package that computes."""
    packages = BACKENDS[backend].packages
    versions = ({name: import_runtime(name).__version__ for name in packages}
                or {'torch': torch.__version__})
    return {name: version.split('.')[0] for name, version in versions.items()}


def _look_up(network: Runnable, asked: Mapping[str, Any]) -> Optional[Agreement]:
    if isinstance(network, ExportedNetwork):
        return None
    subject = judged(network).items()
    for file in sorted(SHIPPED.glob(f'*{ENDING}')):
        known = json.loads(file.read_text(encoding='utf-8'))
        for verdict in known['verdicts'] if subject <= known.items() else ():
            if all(verdict[name] == value for name, value in asked.items()):
                return Agreement(**verdict['agreement'])
    return None

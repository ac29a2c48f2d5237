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

"""What was run, for the report of a scored run."""

import shlex
import sys
from typing import Any

_PACKAGES = ('triplenet_ros', 'torch', 'numpy', 'openvino', 'onnxruntime')


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(['triplenet', *sys.argv[1:]])


def describe_run(weights: str, predictor: Any) -> Any:
    """
    Return the RunDescription of a network.

    :param weights: name or path
    :param predictor: that was loaded from them
    """
    from triplenet_ros.benchmark.machine import installed_versions
    from triplenet_ros.evaluation.scored_run import RunDescription

    return RunDescription(
        weights=str(weights), weights_sha256=_hash(weights), network=predictor.network,
        backend=predictor.backend, precision=getattr(predictor, 'precision', ''),
        device=str(predictor.device), versions=installed_versions(_PACKAGES),
        command=command_line())


def _hash(weights: str) -> str:
    from hashlib import sha256

    from triplenet_ros.errors import InputError
    from triplenet_ros.inference.weights_file import find_weights

    try:
        path = find_weights(weights)
    except InputError:  # not from a file
        return ''
    digest = sha256()
    with path.open('rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            digest.update(block)
    return digest.hexdigest()

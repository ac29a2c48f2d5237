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

"""Runtimes that need not be installed."""

from contextlib import contextmanager
from functools import lru_cache
import importlib
import os
import sys
from types import ModuleType
from typing import Any, Iterator

from triplenet_ros.errors import InputError, one_line

_TELEMETRY = 'openvino_telemetry'


def import_runtime(name: str) -> ModuleType:
    """
    Import a package of the extra ``speed``.

    :param name: nncf, onnx, onnxruntime or openvino
    :raises InputError: if it is not installed, or cannot be loaded
    """
    try:
        with _without_telemetry():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise InputError(f'{name} cannot be loaded: {error}') from error
        raise InputError(
            f"{name} is not installed: pip install 'triplenet_ros[speed]'") from error
    except ImportError as error:
        raise InputError(f'{name} cannot be loaded: {one_line(error)}') from error


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Keep runtimes from reporting to their makers, unless the user asks for it."""
    # ONNX Runtime looks at it when it is loaded; it would call a server of its maker.
    os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')
    # OpenVINO and NNCF do without what they would report with.
    before = sys.modules.get(_TELEMETRY)
    sys.modules[_TELEMETRY] = None
    try:
        yield
    finally:
        del sys.modules[_TELEMETRY]
        if before is not None:
            sys.modules[_TELEMETRY] = before


@lru_cache(maxsize=None)
def openvino_core() -> Any:
    """
    Return OpenVINO's Core, one for as long as the process lives.

    Each Core puts a signal stack of its own in the place of the last one, and the last one back
    when it ends. Of two that end in another order a stack is left that is freed already, and the
    next Ctrl-C is a segmentation fault.

    :raises InputError: as import_runtime
    """
    core = import_runtime('openvino').Core()
    # It would leave weights in their file and read them when they are used: who copies another
    # file over it ends the process with a bus error.
    core.set_property({'ENABLE_MMAP': False})
    return core

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
What runs a network where that is left to us, and why.

By a fixed order, not by a race: the same machine chooses the same on every start, and nobody waits
for a measurement. Only what is lost by shorter numbers depends on the weights: it is shipped with
those of this package, and measured once for others.
"""

from dataclasses import dataclass
import logging

from triplenet_ros.errors import InputError
from triplenet_ros.export.verdicts import find_agreement
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.backends.pytorch import find_device
from triplenet_ros.inference.exported import ExportedNetwork, Runnable, RUNTIMES
from triplenet_ros.inference.runtimes import import_runtime

FASTEST = {'cpu': ('openvino', 'onnxruntime', 'torch'), 'cuda': ('torch',)}
"""By the kind of device the backends that ``auto`` means, fastest first."""
_LOG = logging.getLogger('triplenet_ros')


@dataclass(frozen=True)
class Choice:
    """
    What runs a network.

    :param backend: one of BACKENDS
    :param precision: one of its precisions
    :param reason: why these two, in a sentence
    """

    backend: str
    precision: str
    reason: str


def choose(backend: str, network: Runnable, device: str, precision: str) -> Choice:
    """
    Choose what is left open, and say so to the log.

    :param backend: one of BACKENDS; ``'auto'``: the first of FASTEST that is installed, or what
        an exported file is made for
    :param network: the weights, or an exported file
    :param device: as the backend's
    :param precision: one of the backend's; ``'auto'``: the shortest floats that the device has
        units for and that answer as float32 does; int8 only where a file holds it
    :raises InputError: for an unknown name, a backend that cannot run an exported file, or a
        precision that the backend does not have
    """
    name, why_name = _choose_backend(backend, network, device, precision)
    numbers, why_numbers = _choose_precision(name, network, device, precision)
    choice = Choice(name, numbers, f'{why_name}; {why_numbers}')
    if 'auto' in (backend, precision):
        _LOG.info(f'{network.config.name}: {choice.reason}')
    return choice


def _choose_backend(name: str, network: Runnable, device: str,
                    precision: str) -> tuple[str, str]:
    if isinstance(network, ExportedNetwork):
        return _choose_for_file(name, network)
    if name != 'auto':
        _check_name(name)
        return name, f'{name} was asked for'
    if precision == 'int8':
        return 'openvino', 'openvino is what has int8'
    return find_fastest(find_device(device).type)


def _choose_for_file(name: str, network: ExportedNetwork) -> tuple[str, str]:
    ending = network.path.suffix
    if name == 'auto':
        return RUNTIMES[ending], f'{RUNTIMES[ending]} is what {ending} is for'
    _check_name(name)
    if ending not in BACKENDS[name].exported:
        able = [other for other, backend in BACKENDS.items() if ending in backend.exported]
        raise InputError(f'backend is {name!r}, which cannot run {network.path}: must be auto or '
                         f'{" or ".join(able)}')
    return name, f'{name} was asked for'


def _check_name(name: str) -> None:
    if name not in BACKENDS:
        raise InputError(f'backend is {name!r}, must be auto or one of {", ".join(BACKENDS)}')


def find_fastest(device: str) -> tuple[str, str]:
    """
    Return the fastest backend that is installed, and why it is that one.

    :param device: kind of the device, one of FASTEST
    """
    missing = []
    for name in FASTEST[device]:
        try:
            for package in BACKENDS[name].packages:
                import_runtime(package)
            break
        except InputError as error:
            missing.append(str(error))
    return name, '; '.join([f'{name} is the fastest installed for {device}', *missing])


def shortest(backend: str, device: str) -> str:
    """
    Return the shortest floats that a device has units for, whatever they do to answers.

    :param backend: one of BACKENDS
    :param device: as the backend's
    """
    kind = BACKENDS[backend]
    return next(iter(kind.native(kind.find_device(device))), 'float32')


def _choose_precision(backend: str, network: Runnable, device: str,
                      precision: str) -> tuple[str, str]:
    if isinstance(network, ExportedNetwork) and network.precision == 'int8':
        if precision not in ('auto', 'int8'):
            raise InputError(f'precision is {precision!r}, must be auto or int8 for '
                             f'{network.path}, which holds no other')
        return 'int8', 'int8 is what the file holds'
    if precision == 'auto':
        return _find_shortest(backend, network, device)
    _check_precision(precision, backend)
    BACKENDS[backend].find_device(device)  # before an engine is built for it
    return precision, f'{precision} was asked for'


def _check_precision(name: str, backend: str) -> None:
    if name in BACKENDS[backend].precisions:
        return
    advice = '; int8 is for openvino on the device cpu' if name == 'int8' else ''
    raise InputError(f'precision is {name!r}, must be auto or one of '
                     f'{", ".join(BACKENDS[backend].precisions)} for the backend {backend}'
                     f'{advice}')


def _find_shortest(backend: str, network: Runnable, device: str) -> tuple[str, str]:
    kind = BACKENDS[backend]
    where = kind.find_device(device)
    reasons = []
    for precision in kind.native(where):
        try:
            agreement = find_agreement(network, backend, precision, device)
        except InputError as error:
            reasons.append(f'{precision} cannot be compared with it: {error}')
            continue
        problems = agreement.problems()
        if not problems:
            return precision, '; '.join([f'{precision} answers as float32 does ({agreement})',
                                         *reasons])
        reasons.append(f'{precision} does not answer as float32 does: {"; ".join(problems)}')
    return 'float32', '; '.join(['float32', *reasons]) if reasons else (
        f'float32, as this {where.type.upper()} has no units for shorter floats that {backend} '
        'would use')

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

"""A Python package that cannot be imported: the commonest fault of a new installation."""

from contextlib import contextmanager
import sys
from typing import Iterator

from triplenet_ros.errors import InputError, one_line


def explain_import_error(error: ImportError) -> str:
    """
    Return one line that names the package, the Python that misses it, and what to do.

    The two rarely belong together on a robot: PyTorch lies in a virtual environment, and the node
    is started with the Python of the system.
    """
    cause = one_line(error)
    if 'numpy.core.multiarray' in cause or '_ARRAY_API' in cause:
        return f'{cause} ({sys.executable}): a package built against NumPy 1 needs numpy<2'
    if isinstance(error, ModuleNotFoundError) and error.name:
        return (f'{sys.executable} has no {error.name.split(".")[0]}: install it there, or '
                'activate the virtual environment that has it')
    return f'{sys.executable} cannot import what it has: {cause}'


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """
    Import packages of an extra inside; one that is not there is told by how to get it.

    :param what: needs them
    :param extra: of this package
    :raises InputError: if one of them is missing
    """
    try:
        yield
    except ImportError:
        raise InputError(f"{what} needs pip install 'triplenet_ros[{extra}]'") from None

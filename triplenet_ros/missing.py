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

import sys


def explain_import_error(error: ImportError) -> str:
    """
    Return one line that names the package, the Python that misses it, and what to do.

    The two rarely belong together on a robot: PyTorch lies in a virtual environment, and the node
    is started with the Python of the system.
    """
    cause = ' '.join(str(error).split()) or type(error).__name__
    if 'numpy.core.multiarray' in cause or '_ARRAY_API' in cause:
        return f'{cause} ({sys.executable}): a package built against NumPy 1 needs numpy<2'
    if isinstance(error, ModuleNotFoundError) and error.name:
        return (f'{sys.executable} has no {error.name.split(".")[0]}: install it there, or '
                'activate the virtual environment that has it')
    return f'{sys.executable} cannot import what it has: {cause}'

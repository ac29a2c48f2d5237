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

"""Files that a user gives by path, or by the name of a shipped one."""

import os
from pathlib import Path

from triplenet_ros.errors import did_you_mean, InputError


def find_named(what: str, name: str, folder: Path) -> Path:
    """
    Return a shipped YAML file by its name, or the file of that path.

    :param what: it is, for the error
    :param name: without ending, or a path
    :param folder: of the shipped ones
    :raises InputError: if there is neither
    """
    for path in (folder / f'{name}.yaml', Path(name)):
        if os.path.isfile(path):  # where no file can be called so it says no, too
            return path
    names = shipped_names(folder)
    raise InputError(f'no {what} {name!r}{did_you_mean(name, names)}: give a YAML file or one of '
                     f'{", ".join(names)}')


def shipped_names(folder: Path) -> list[str]:
    """Return the names of the YAML files in a folder."""
    return sorted(path.stem for path in folder.glob('*.yaml'))

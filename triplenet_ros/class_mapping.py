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

"""Class names of two sources that mean the same: a mapping many-to-one that somebody wrote."""

from pathlib import Path
from types import MappingProxyType
from typing import Any, Iterable, Mapping, Union

from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.named_file import find_named
from triplenet_ros.strict_yaml import read_yaml

MAPPINGS = Path(__file__).parent / 'config' / 'rename'
NO_RENAME: Mapping[str, str] = MappingProxyType({})


def load_rename(rename: str) -> dict[str, str]:
    """
    Read a mapping of class names from YAML: ``pedestrian: person``, a line each.

    :param rename: name of a shipped one, or a file
    :raises InputError: if there is neither, or it is no mapping of names to names
    """
    path = find_named('class mapping', rename, MAPPINGS)
    return checked_rename(read_yaml(path), str(path))


def find_rename(rename: Union[str, Mapping[str, str]], what: str) -> dict[str, str]:
    """
    Return the mapping that an option ``rename`` means.

    :param rename: the mapping itself, or where it is, see ``load_rename``
    :param what: whose option it is, for the message
    :raises InputError: as ``load_rename`` and ``checked_rename``
    """
    return load_rename(rename) if isinstance(rename, str) else checked_rename(rename, what)


def checked_rename(rename: Any, what: str) -> dict[str, str]:
    """
    Return a mapping of names to names as it is.

    :param rename: what somebody wrote
    :param what: where, for the message
    :raises InputError: if it is anything else, or maps a name that another one is mapped to
    """
    if not isinstance(rename, Mapping):
        raise InputError(f'{what}: rename is {rename!r}, must be names to names, such as '
                         '{pedestrian: person}')
    for old, new in rename.items():
        if not isinstance(old, str) or not isinstance(new, str) or not old or not new:
            raise InputError(f'{what}: rename maps {old!r} to {new!r}, must be name to name')
        if rename.get(new, new) != new:
            raise InputError(f'{what}: rename maps {old!r} to {new!r}, and that to '
                             f'{rename[new]!r}: give the last name at once')
    return dict(rename)


def renamed(names: Iterable[str], rename: Mapping[str, str]) -> tuple[str, ...]:
    """Return each name as the mapping calls it, in their order; several may become one."""
    return tuple(rename.get(name, name) for name in names)


def renamed_classes(classes: ClassSet, rename: Mapping[str, str]) -> ClassSet:
    """
    Return a set of classes under other names, each name once, in its first place and colour.

    :param classes: of a data set
    :param rename: old to new names
    :raises InputError: if it maps a name that is not there, or to one that cannot be printed
    """
    check_used(rename, (*classes.detection, *classes.segmentation))
    detection, segmentation, objects = (dict.fromkeys(renamed(names, rename)) for names in (
        classes.detection, classes.segmentation, classes.objects))
    colours: dict[str, tuple[int, int, int]] = {}
    for name, colour in zip(renamed(classes.segmentation, rename), classes.palette):
        colours.setdefault(name, colour)
    return ClassSet(tuple(detection), tuple(segmentation), tuple(objects),
                    tuple(colours.values()))


def check_used(rename: Mapping[str, str], names: Iterable[str]) -> None:
    """
    Refuse a mapping of a name that nobody has: it is misspelt.

    :param rename: old to new names
    :param names: of all classes that it may be about, before they are renamed
    :raises InputError: naming the first such name
    """
    known = list(dict.fromkeys(names))
    for old in rename:
        if old not in known:
            raise InputError(f'rename maps {old!r}, which is no class here: there are '
                             f'{", ".join(known)}')

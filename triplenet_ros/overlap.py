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

"""Whether a file that is to be written is, holds or lies in one that is read, by whatever name."""

from dataclasses import dataclass
import os
from pathlib import Path
from typing import Iterable, Iterator, Sequence, Union
import unicodedata

from triplenet_ros.errors import InputError

_ADVICE = 'choose another name for the output'
_Key = tuple
"""Device and inode of a file, or of the nearest folder there is and the names below it."""


@dataclass(frozen=True)
class Input:
    """
    A file or folder that is read.

    :param path: as the user gave it; nothing need be there
    :param below: whether everything below a folder is read too
    :param closed: whether nothing may be written into it either, as into the folder of a bag
    """

    path: Union[str, Path]
    below: bool = True
    closed: bool = False


@dataclass(frozen=True)
class Output:
    """
    A file or folder that is to be written.

    :param path: as the user gave it
    :param overwrite: whether an existing one may be replaced
    :param folder: whether it is to be a folder
    """

    path: Path
    overwrite: bool = False
    folder: bool = False


def check_apart(inputs: Iterable[Input], outputs: Sequence[Output]) -> None:
    """
    Refuse outputs that would damage an input or each other.

    Files are compared by what they are, not by how they are called: symbolic links, hard links,
    mounts, relative names and the case of letters make no difference.

    :param inputs: everything that is read
    :param outputs: everything that is written
    :raises InputError: names the output and what it meets
    """
    for index, output in enumerate(outputs):
        for other in outputs[:index]:
            _check_pair(output, other)
    for source in inputs:
        for output in outputs:
            _check_input(output, source)


def _check_pair(one: Output, other: Output) -> None:
    if _key(one.path) == _key(other.path):
        raise InputError(f'{one.path} is wanted for two outputs: choose another name for one')
    for inner, outer in ((one, other), (other, one)):
        if _key(outer.path) in _lineage(inner.path):
            raise InputError(f'{inner.path} would lie in {outer.path}, which is another output: '
                             'choose another name for one')


def _check_input(output: Output, source: Input) -> None:
    written, read = _key(output.path), _key(source.path)
    if written == read:
        raise InputError(f'{output.path} is the input'
                         f'{_by_another_name(source.path, output.path)}: {_ADVICE}')
    if written in _lineage(source.path):
        raise InputError(f'{output.path} holds the input {source.path}: {_ADVICE}')
    if source.closed and read in _lineage(output.path):
        raise InputError(f'{output.path} would lie in the input {source.path}: {_ADVICE}')


def check_unread(inputs: Iterable[Input], outputs: Sequence[Output]) -> None:
    """
    Refuse outputs in whose place there is something that an input folder holds or links to.

    :param inputs: everything that is read
    :param outputs: everything that is written
    :raises InputError: names the output and the input
    """
    lost = {output.path: _lost(output.path) for output in outputs if output.path.exists()}
    if not lost:
        return
    for source in inputs:
        read = _read(source)
        for path, keys in lost.items():
            if not keys.isdisjoint(read):
                raise InputError(f'{path} is a part of the input {source.path}: {_ADVICE}')


def _by_another_name(read: Union[str, Path], written: Path) -> str:
    return '' if Path(read) == written else f' {read} by another name'


def _key(path: Union[str, Path]) -> _Key:
    """Return what tells a file from every other, existing or not."""
    real = Path(os.path.realpath(path))
    for place in (real, *real.parents):
        try:
            found = place.stat()
        except OSError:
            continue
        # Where letters have no case, and accents two spellings, these are one file.
        names = (unicodedata.normalize('NFC', name).casefold()
                 for name in real.parts[len(place.parts):])
        return found.st_dev, found.st_ino, *names
    return tuple(real.parts)


def _lineage(path: Union[str, Path]) -> set[_Key]:
    """Return the keys of a file and of all folders above it, with links followed and without."""
    named, real = Path(os.path.abspath(path)), Path(os.path.realpath(path))
    return {_key(place) for place in (named, *named.parents, real, *real.parents)}


def _read(source: Input) -> set[_Key]:
    """Return the keys of all files that are read, and of the links that lead to them."""
    path = os.path.abspath(source.path)
    keys = _keys_of([path])
    if source.below:
        for folder, names in _walk(path, through_links=True):
            keys |= _keys_of(os.path.join(folder, name) for name in names)
    return keys


def _lost(path: Path) -> set[_Key]:
    """Return the keys of everything that is gone once a file or folder has been replaced."""
    keys = {_key(path)}
    for folder, names in _walk(os.path.realpath(path), through_links=False):
        keys |= _keys_of((os.path.join(folder, name) for name in names), (os.lstat,))
    return keys


def _walk(path: str, through_links: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder from one downwards, once, with the names in it."""
    seen = set()
    for folder, folders, files in os.walk(path, followlinks=through_links):
        key = _key(folder)
        if key in seen:
            folders.clear()
            continue
        seen.add(key)
        yield folder, [*folders, *files]


def _keys_of(paths: Iterable[str], looks: Sequence = (os.lstat, os.stat)) -> set[_Key]:
    """Return the keys of files, and where they are links of these and of what they lead to."""
    keys = set()
    for path in paths:
        for look in looks:
            try:
                found = look(path)
            except OSError:  # gone meanwhile, or a link to nothing
                continue
            keys.add((found.st_dev, found.st_ino))
    return keys

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

"""Which recordings there are, and what they are called."""

from collections import Counter
from glob import glob, has_magic
import hashlib
import os
from pathlib import Path
from typing import Iterable, Iterator, Optional, Sequence

from triplenet_ros.bag.bag_file import BAG_SUFFIXES
from triplenet_ros.errors import InputError

_METADATA = 'metadata.yaml'


def find_recordings(names: Sequence[str], results: Optional[Path] = None) -> list[Path]:
    """
    Return the recordings that names stand for, each once, sorted by their paths.

    :param names: bags, videos, folders with bags somewhere below, and patterns such as
        ``drives/**/*.mcap``
    :param results: folder in which nothing is a recording unless it is named itself
    :raises InputError: if a name stands for nothing
    """
    found: dict[str, Path] = {}
    for name in names:
        paths = sorted(glob(name, recursive=True)) if _is_pattern(name) else [name]
        recordings = [one for path in paths for one in _recordings(Path(path))
                      if one == Path(name) or not _lies_in(one, results)]
        if not recordings:
            raise InputError(f'{name} holds no bags' if Path(name).is_dir() else
                             f'{name} does not match anything' if _is_pattern(name) else
                             f'{name} does not exist')
        for one in recordings:
            found.setdefault(os.path.realpath(one), one)
    return sorted(found.values())


def _lies_in(path: Path, folder: Optional[Path]) -> bool:
    return folder is not None and Path(os.path.realpath(folder)) in Path(
        os.path.realpath(path)).parents


def _is_pattern(name: str) -> bool:
    # A file may have brackets in its name.
    return has_magic(name) and not os.path.lexists(name)


def _recordings(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        if path.exists():
            yield path
        return
    if (path / _METADATA).is_file():
        yield path
        return
    for child in sorted(path.iterdir()):
        if child.is_dir() or child.suffix in BAG_SUFFIXES:
            yield from _recordings(child)


def names_of(recordings: Iterable[Path]) -> list[str]:
    """
    Return a name for each recording: its file's, with a hash of its path where several share it.

    A name does not change when other recordings with other names are added.
    """
    recordings = list(recordings)
    stems = [path.name if path.is_dir() else path.stem for path in recordings]
    # On some file systems letters have no case.
    count = Counter(stem.casefold() for stem in stems)
    return [stem if count[stem.casefold()] == 1 else f'{stem}-{_hash_of(path)}'
            for stem, path in zip(stems, recordings)]


def _hash_of(path: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:8]


def fingerprint(path: Path) -> list[tuple[str, int, int]]:
    """
    Return name, size and time of change, nanoseconds, of a file or of all below a folder.

    To read gigabytes would take longer than to see that nothing is to be done.
    """
    if not path.is_dir():
        return [_stat_of(path, path.name)]
    return [_stat_of(Path(top) / name, os.path.relpath(os.path.join(top, name), path))
            for top, folders, names in os.walk(path) for name in sorted(names)
            if folders.sort() is None]


def _stat_of(path: Path, name: str) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error
    return name, found.st_size, found.st_mtime_ns

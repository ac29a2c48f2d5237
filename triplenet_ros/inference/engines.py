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
Engines that take a while to build, kept on disk under what they were built from.

An engine is a folder of files. Its name is a hash of everything that it depends on, so that a
newer runtime, other weights or another machine never find it; ``about.json`` says in words what it
is. Any of them may be deleted at any time.
"""

from dataclasses import dataclass, field
from hashlib import sha256
import json
import logging
import os
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
from time import perf_counter, time
from typing import Any, Callable, Mapping, Optional

LIMIT_BYTES = 4_000_000_000
"""The least recently used engines beyond it are removed."""
_ABOUT = 'about.json'
_UNFINISHED = '.building-'
_UNFINISHED_SECONDS = 86_400
_LOG = logging.getLogger('triplenet_ros')

Build = Callable[[Path], Mapping[str, Any]]
"""Writes an engine's files into a folder; returns what it found out meanwhile, as plain data."""


@dataclass(frozen=True)
class Engine:
    """
    A folder of files.

    :param folder: where they are
    :param notes: what was found out while they were built
    """

    folder: Path
    notes: Mapping[str, Any]
    _owner: Optional[TemporaryDirectory] = field(default=None, repr=False)


def cache_folder() -> Path:
    """
    Return where this project keeps what it can make again: of this user, by the XDG rules.

    :raises OSError: if there is no such place
    """
    given = os.environ.get('XDG_CACHE_HOME', '')
    try:
        root = Path(given) if os.path.isabs(given) else Path.home() / '.cache'
    except RuntimeError as error:
        raise OSError('this user has no home folder') from error
    return root / 'triplenet_ros'


def find_engine(what: str, facts: Mapping[str, str], build: Build, *,
                level: int = logging.INFO) -> Engine:
    """
    Return a kept engine, or build it and keep it.

    Where the cache cannot be written the engine lasts as long as what is returned.

    :param what: is done when it is built, in words
    :param facts: everything that it depends on, by name
    :param build: makes it
    :param level: how urgently it is said that it is being built
    """
    key = sha256(json.dumps(dict(facts), sort_keys=True).encode()).hexdigest()[:32]
    try:
        folder = cache_folder() / 'engines' / key
        return _open(folder) or _build_in(folder, what, facts, build, level)
    except OSError as error:
        _LOG.warning(f'engines cannot be kept, each start builds them: {error}')
    owner = TemporaryDirectory(prefix='triplenet_ros-')
    _LOG.log(level, what)
    return Engine(Path(owner.name), _fill(Path(owner.name), what, facts, build), owner)


def _build_in(folder: Path, what: str, facts: Mapping[str, str], build: Build,
              level: int) -> Engine:
    """Build an engine beside its place and put it there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=_UNFINISHED, dir=folder.parent) as unfinished:
        _LOG.log(level, f'{what}, once; kept in {folder}')
        notes = _fill(Path(unfinished) / folder.name, what, facts, build)
        _put(Path(unfinished) / folder.name, folder)
    _remove_oldest(folder.parent, folder)
    return Engine(folder, notes)


def _fill(folder: Path, what: str, facts: Mapping[str, str], build: Build) -> Mapping[str, Any]:
    begun = perf_counter()
    folder.mkdir(exist_ok=True)
    notes = dict(build(folder))
    files = {file.name: file_digest(file) for file in sorted(folder.iterdir())}
    about = {'what': what, 'built_from': dict(facts), 'notes': notes, 'files': files}
    (folder / _ABOUT).write_text(json.dumps(about, indent=2) + '\n', encoding='utf-8')
    _LOG.info(f'done in {perf_counter() - begun:.1f} s')
    return notes


def _put(finished: Path, folder: Path) -> None:
    """Give a finished engine its place, unless another process was faster."""
    try:
        if folder.exists() and _open(folder) is None:  # damaged
            folder.rename(finished.with_name('damaged'))
        finished.rename(folder)
    except OSError:
        # Of two that finish at the same moment one comes too late.
        if _open(folder) is None:
            raise


def _open(folder: Path) -> Optional[Engine]:
    """Return an engine whose files are as they were written, and mark it as used."""
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding='utf-8'))
        if any(file_digest(folder / name) != found for name, found in about['files'].items()):
            return None
        engine = Engine(folder, about['notes'])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    try:
        os.utime(folder / _ABOUT)
    except OSError:  # another user's cache can be read all the same
        pass
    return engine


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    digest = sha256()
    with file.open('rb') as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _remove_oldest(root: Path, newest: Path) -> None:
    """Remove what was used longest ago, until the rest is below the limit."""
    found = sorted((_last_use(folder), folder) for folder in root.iterdir()
                   if folder != newest and _is_over(folder))
    room = LIMIT_BYTES - _size(newest)
    for _, folder in reversed(found):
        room -= _size(folder)
        if room < 0 or folder.name.startswith(_UNFINISHED):
            shutil.rmtree(folder, ignore_errors=True)


def _is_over(folder: Path) -> bool:
    """Tell whether nobody is building it any more."""
    return (not folder.name.startswith(_UNFINISHED)
            or time() - _last_use(folder) > _UNFINISHED_SECONDS)


def _last_use(folder: Path) -> float:
    try:
        return (folder / _ABOUT if (folder / _ABOUT).exists() else folder).stat().st_mtime
    except OSError:
        return 0.0


def _size(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir())
    except OSError:
        return 0

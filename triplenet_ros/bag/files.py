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

"""Files as people keep recordings: told apart by what is in them, and unpacked to be read."""

from contextlib import ExitStack
import os
from pathlib import Path
import shutil
import sqlite3
from tempfile import TemporaryDirectory
from typing import Optional

from triplenet_ros.bag.unpacking import unpack_file
from triplenet_ros.errors import InputError

MCAP, SQLITE, ROSBAG1, ZSTD = 'MCAP', 'SQLite', 'ROS 1 bag', 'zstd'

_BEGINNINGS = {
    b'\x89MCAP0\r\n': MCAP, b'SQLite format 3\0': SQLITE, b'#ROSBAG V': ROSBAG1,
    b'\x28\xb5\x2f\xfd': ZSTD}
# What lies beside a database whose writer was killed.
_LOGS = ('-wal', '-journal')


def kind_of(path: Path) -> Optional[str]:
    """Return what a file is by how it begins, None for what is no recording."""
    if not path.is_file():
        return None
    try:
        with path.open('rb') as stream:
            begin = stream.read(16)
    except OSError:
        return None
    return next((kind for mark, kind in _BEGINNINGS.items() if begin.startswith(mark)), None)


def readable_file(path: Path, stack: ExitStack) -> Path:
    """
    Return a file that readers take: unpacked, with what its writer had not yet worked in.

    That is the file itself, or a copy in a temporary folder: reading never changes the input.

    :param path: of a recording
    :param stack: keeps the temporary folder until it is closed
    :raises InputError: if it cannot be unpacked or there is no room for it
    """
    if kind_of(path) == ZSTD:
        path = unpack_file(path, _scratch(stack) / _unpacked_name(path))
    if kind_of(path) == SQLITE:
        if any(_has_content(path, end) for end in _LOGS):
            return _worked_in(path, _scratch(stack))
        if any(letter in str(path) for letter in '?#%'):
            # Which SQLite takes for parts of an address.
            alias = _scratch(stack) / 'bag.db3'
            alias.symlink_to(path.resolve())
            return alias
    return path


def _scratch(stack: ExitStack) -> Path:
    return Path(stack.enter_context(TemporaryDirectory(prefix='triplenet-')))


def _unpacked_name(path: Path) -> str:
    return path.stem if path.suffix.lower() in ('.zstd', '.zst') else path.name


def _has_content(path: Path, end: str) -> bool:
    try:
        return os.path.getsize(f'{path}{end}') > 0
    except OSError:
        return False


def _worked_in(path: Path, folder: Path) -> Path:
    """Return a copy of a database with its write-ahead log worked in, or its journal undone."""
    copy = folder / 'bag.db3'
    try:
        for end in ('', *_LOGS):
            if end == '' or _has_content(path, end):
                shutil.copyfile(f'{path}{end}', f'{copy}{end}')
        database = sqlite3.connect(copy)
        try:
            database.execute('PRAGMA journal_mode = DELETE').fetchall()
        finally:
            database.close()
    except OSError as error:
        raise InputError(f'{path} has a log of unfinished writes and cannot be copied to '
                         f'{folder.parent} to be read with it: {error.strerror}') from error
    except sqlite3.Error as error:
        raise InputError(f'{path} cannot be read with its log of unfinished writes: '
                         f'{error}') from error
    return copy

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

"""Output files and folders that are either whole or not there."""

from contextlib import contextmanager
import os
from pathlib import Path
import shutil
from typing import Iterator
import uuid

from triplenet_ros.errors import InputError

FOLDER_MARKS = ('metadata.yaml', 'boxes.json', 'report.json', 'precision_recall.csv',
                'confusion.csv')
"""A folder that holds none of these is no output of ours and is never replaced."""


def check_writable(path: Path, overwrite: bool) -> None:
    """
    Refuse an output path before any work is spent on it.

    :param path: file or folder to be made; missing parent folders are made
    :param overwrite: whether an existing one may be replaced
    :raises InputError: if it exists and may not be replaced, or its folder cannot be written
    """
    if path.exists() and not overwrite:
        raise InputError(f'{path} exists: choose another name or give --overwrite')
    if path.is_dir() and any(path.iterdir()) and not any(
            (path / mark).exists() for mark in FOLDER_MARKS):
        raise InputError(f'{path} is a folder with other things in it: choose another name')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = _temporary(path)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f'cannot write into the folder {path.parent}: '
                         f'{error.strerror}') from error


@contextmanager
def replacing(path: Path, overwrite: bool) -> Iterator[Path]:
    """
    Give a temporary path beside ``path`` that takes its place when the block succeeds.

    The temporary name keeps the suffix, because writers choose their format by it. When the
    block raises, what it wrote is deleted and what stood at ``path`` is untouched.

    :param path: file or folder to be made
    :param overwrite: whether an existing one may be replaced
    :raises InputError: as check_writable
    """
    path = Path(path)
    check_writable(path, overwrite)
    temporary, old = _temporary(path), _temporary(path)
    try:
        yield temporary
        if path.is_dir():  # only a file can be replaced by renaming alone
            path.rename(old)
        os.replace(temporary, path)
    finally:
        _remove(temporary)
        _remove(old)


def _temporary(path: Path) -> Path:
    return path.with_name(f'.{path.stem}-{uuid.uuid4().hex[:8]}{path.suffix}')


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

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
Output files and folders that are either whole or not there.

What is being written stands in a hidden folder beside its place, ``.NAME.unfinished``, which is
locked meanwhile and moved into place when it is whole. What a killed process left there is removed
by the next one that writes the same output.
"""

from contextlib import contextmanager
import ctypes
import errno
import json
import os
from pathlib import Path
import shutil
from tempfile import TemporaryFile
from typing import Iterable, Iterator, Optional, Sequence

from triplenet_ros.errors import InputError
from triplenet_ros.overlap import check_apart, check_unread, Input, Output

try:
    import fcntl
except ImportError:  # where there are no such locks two runs are not kept apart
    fcntl = None

MARK = '.triplenet_ros'
"""The file in each of our folders that lists what we wrote there, and nothing else is replaced."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What the system answers where no more can be written."""


def check_outputs(inputs: Iterable[Input], outputs: Sequence[Output]) -> None:
    """
    Refuse outputs that cannot be written, or would damage an input, before any work is spent.

    Every command calls it once, first of all, with all that it reads and writes.

    :param inputs: everything that is read
    :param outputs: everything that is written
    :raises InputError: names the output and what is wrong with it
    """
    inputs = list(inputs)
    check_apart(inputs, outputs)
    for output in outputs:
        check_writable(output.path, output.overwrite, output.folder)
    check_unread(inputs, outputs)


def check_writable(path: Path, overwrite: bool, folder: bool = False) -> None:
    """
    Refuse an output path before any work is spent on it.

    :param path: to be made
    :param overwrite: whether an existing one may be replaced
    :param folder: whether it is to be a folder
    :raises InputError: if it exists and may not be replaced, its folder cannot be written, or
        another process is about to write it
    """
    if os.path.lexists(path):
        _check_replaceable(path, overwrite, folder)
    try:
        there = next(place for place in path.absolute().parents if place.exists())
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise InputError(f'cannot write into the folder {path.parent}: '
                         f'{error.strerror}') from error


def _check_replaceable(path: Path, overwrite: bool, folder: bool) -> None:
    if not path.exists():
        raise InputError(f'{path} is a link to {os.readlink(path)}, which does not exist: choose '
                         'another name')
    if path.is_dir() != folder:
        is_what, wanted = ('a folder', 'a file') if path.is_dir() else ('a file', 'a folder')
        raise InputError(f'{path} is {is_what}, {wanted} is to be written: choose another name')
    if not folder and not path.is_file():
        raise InputError(f'{path} is no ordinary file: choose another name')
    if not overwrite:
        raise InputError(f'{path} exists: choose another name or give --overwrite')
    if folder and any(path.iterdir()):
        _check_ours(path)


def _check_ours(folder: Path) -> None:
    """Refuse a folder with anything in it that we did not write, or that was changed since."""
    written = _read_mark(folder)
    if written is None:
        raise InputError(f'{folder} is a folder with other things in it than an output of this '
                         'command: choose another name')
    for name, size in _sizes(folder).items():
        if written.get(name) != size:
            what = 'was changed since' if name in written else 'was not written with the rest'
            raise InputError(f'{folder} holds {name}, which {what}: move it away or choose '
                             'another name')


def is_whole(folder: Path) -> bool:
    """
    Return whether a folder is an output of ours with all that we wrote, and nothing else.

    :param folder: nothing need be there
    """
    return folder.is_dir() and _read_mark(folder) == _sizes(folder)


def _read_mark(folder: Path) -> Optional[dict[str, int]]:
    try:
        return dict(json.loads((folder / MARK).read_text(encoding='utf-8'))['files'])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_mark(folder: Path) -> None:
    content = {'written by': 'triplenet', 'files': _sizes(folder)}
    (folder / MARK).write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')


def _sizes(folder: Path) -> dict[str, int]:
    """Return the size of each file below a folder by its name there, without the mark."""
    files = (Path(top) / name for top, folders, names in os.walk(folder)
             for name in (*names, *(one for one in folders if (Path(top) / one).is_symlink())))
    return {file.relative_to(folder).as_posix(): file.lstat().st_size for file in sorted(files)
            if file != folder / MARK}


class NotWritten(InputError):
    """
    An output that cannot be written, as where the disk is full.

    :param path: of the output
    :param reason: in the words of the system
    """

    def __init__(self, path: Path, reason: str) -> None:
        """Keep both: a part of a greater output is told by its place in that."""
        super().__init__(f'{path} cannot be written: {reason}')
        self.path, self.reason = path, reason


@contextmanager
def replacing(path: Path, overwrite: bool, folder: bool = False) -> Iterator[Path]:
    """
    Give a temporary path that takes the place of ``path`` when the block succeeds.

    The last part of it is that of ``path``, because writers choose their format by it, or write
    it into the file. When the block raises, what it wrote is deleted and what stood at ``path`` is
    untouched. A link is followed: it stays, and what it leads to is replaced.

    :param path: to be made
    :param overwrite: whether an existing one may be replaced
    :param folder: whether it is to be a folder; it gets a mark of what is in it
    :raises InputError: as check_writable; NotWritten if what the block writes cannot be written
    """
    path = Path(path)
    check_writable(path, overwrite, folder)
    target = Path(os.path.realpath(path))
    with _workplace(target, path) as place, _told(path, place / target.name):
        temporary = place / target.name
        yield temporary
        if folder:
            _write_mark(temporary)
        _put(temporary, target, overwrite)


@contextmanager
def _told(path: Path, temporary: Path) -> Iterator[None]:
    """Say of an output, and not of its temporary name, that it cannot be written."""
    try:
        yield
    except NotWritten as error:
        if temporary not in (error.path, *error.path.parents):
            raise
        raise NotWritten(path / error.path.relative_to(temporary), error.reason) from error
    except OSError as error:
        # A file that is open does not say which it is: what is full is where we write.
        ours = (error.errno in FULL if error.filename is None
                else temporary.parent in (Path(error.filename), *Path(error.filename).parents))
        if not ours:
            raise
        raise NotWritten(path, error.strerror) from error


@contextmanager
def filling(folder: Path) -> Iterator[None]:
    """
    Make a folder and let nobody else fill it meanwhile.

    :param folder: that the block writes into; what is there stays
    :raises InputError: if another process fills it, or it cannot be made
    """
    try:
        lock = _lock(Path(folder), folder)
    except OSError as error:
        raise NotWritten(folder, error.strerror) from error
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _workplace(target: Path, path: Path) -> Iterator[Path]:
    """Give an empty hidden folder beside the target, which no other process has."""
    place = target.with_name(f'.{_short(target.name)}.unfinished')
    lock = _lock(place, path)
    try:
        _clear(place, target)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _lock(place: Path, path: Path) -> int:
    """Make the folder where it is missing, and lock it until the returned file is closed."""
    while True:
        place.mkdir(parents=True, exist_ok=True)
        lock = os.open(place, os.O_RDONLY)
        try:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise InputError(f'{path} is being written by another process: choose another '
                             'name') from None
        except OSError:  # a file system without locks
            pass
        if place.exists() and os.path.samestat(os.fstat(lock), place.stat()):
            return lock
        os.close(lock)  # the one who had it has just removed it


def _clear(place: Path, target: Path) -> None:
    """Remove what a killed process left, but put back what it had moved out of the way."""
    old = _old(place, target)
    if os.path.lexists(old) and not os.path.lexists(target):
        old.rename(target)
    for left in place.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def _old(place: Path, target: Path) -> Path:
    return place / f'{_short(target.name)}.old'


def _short(name: str) -> str:
    """Leave room for an ending: a name has at most 255 bytes."""
    return os.fsdecode(os.fsencode(name)[-200:])


def _put(temporary: Path, target: Path, overwrite: bool) -> None:
    """Move what is whole into its place; at every moment the old one or the new one is there."""
    if not overwrite and os.path.lexists(target):
        raise InputError(f'{target} was made by somebody else meanwhile: choose another name')
    if not target.is_dir():
        os.replace(temporary, target)
    elif not _exchange(temporary, target):
        target.rename(_old(temporary.parent, target))
        temporary.rename(target)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can: Linux."""
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return rename(here, os.fsencode(one), here, os.fsencode(other), swap) == 0

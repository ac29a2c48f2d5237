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

"""Bags of one file, of every kind, as one thing: channels, and messages as ROS 2 stores them."""

from contextlib import ExitStack
from pathlib import Path
from typing import Iterator, Protocol, Sequence

from triplenet_ros.bag.files import kind_of, MCAP, readable_file, ROSBAG1, SQLITE
from triplenet_ros.bag.foreign_file import check_file, what_it_is
from triplenet_ros.bag.from_ros1 import is_ros1, Ros1Messages
from triplenet_ros.bag.mcap_records import McapContents
from triplenet_ros.bag.rosbag1 import Rosbag1Recording
from triplenet_ros.bag.rosbag1_records import Rosbag1Contents
from triplenet_ros.bag.salvage import SalvagedRecording
from triplenet_ros.bag.storage import StorageRecording
from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.errors import InputError, one_line

STORAGE_SUFFIXES = ('.mcap', '.db3')
BAG_SUFFIXES = (*STORAGE_SUFFIXES, '.bag')


class Recording(Protocol):
    """
    An open bag.

    :param channels: its topics
    :param notes: lines about what could not be read, growing while it is read
    :param start_ns: time of its first message
    :param span_ns: time from its first message to its last
    """

    channels: Sequence[Channel]
    notes: Sequence[str]
    start_ns: int
    span_ns: int

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time."""

    def close(self) -> None:
        """Release the files."""


def is_bag_file(path: Path) -> bool:
    """Tell whether a file is a bag, or is called one; zstd may hold one."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return kind_of(path) is not None or any(suffix in suffixes for suffix in BAG_SUFFIXES)


def open_file(path: Path) -> Recording:
    """
    Open a bag of one file.

    :param path: .mcap, .db3 or ROS 1 .bag, also packed by zstd; its messages of ROS 1 are turned
        into those of ROS 2
    :raises InputError: if nothing in it can be read
    """
    check_file(path)
    with ExitStack() as stack:
        recording = _open_plain(readable_file(path, stack), path)
        if any(map(is_ros1, recording.channels)):
            recording = Ros1Messages(recording, path)
        return _Scratched(recording, stack.pop_all())


def _open_plain(file: Path, name: Path) -> Recording:
    kind = kind_of(file)
    if kind == SQLITE:
        return _opened(StorageRecording, file, name)
    if kind not in _READERS:
        what = what_it_is(file) or ('cannot be read as a bag: it begins as none does (MCAP, '
                                    'SQLite, ROS 1)')
        raise InputError(f'{name} {what}')
    reader, contents = _READERS[kind]
    try:
        return _opened(reader, file, name)
    except InputError as error:
        return _salvaged(contents, file, name, error)


_READERS = {MCAP: (StorageRecording, McapContents), ROSBAG1: (Rosbag1Recording, Rosbag1Contents)}
"""By kind: what reads a whole file, and what is in one that is not."""


def _salvaged(contents: type, file: Path, name: Path, refusal: InputError) -> Recording:
    try:
        return SalvagedRecording(contents, file, name)
    except InputError:
        if contents is Rosbag1Contents:  # whose refusal says what helps
            raise refusal from None
        raise


def _opened(kind: type, file: Path, name: Path) -> Recording:
    try:
        return kind(file, name)
    except InputError:
        raise
    # The libraries raise anything from AssertionError to struct.error on foreign bytes.
    except Exception as error:
        raise InputError(f'{name} cannot be read as a bag: {_cause(error)}') from error


def _cause(error: Exception) -> str:
    """Return the text of a library's error on one line, with what helps."""
    text = one_line(error)
    if 'not indexed' in text or 'index looks damaged' in text or 'Chunk index' in text:
        return (f'it has no whole index, as a recorder leaves it that was killed ({text}): '
                'rosbag reindex writes one')
    if 'malformed' in text:
        return f'{text}: sqlite3 FILE .recover saves what can be saved'
    return text


class _Scratched:
    """A recording whose files may be copies that go with it."""

    def __init__(self, recording: Recording, stack: ExitStack) -> None:
        self._recording = recording
        self._stack = stack
        self.channels = recording.channels
        self.start_ns, self.span_ns = recording.start_ns, recording.span_ns

    @property
    def notes(self) -> Sequence[str]:
        return self._recording.notes

    def messages(self) -> Iterator[StoredMessage]:
        return self._recording.messages()

    def close(self) -> None:
        try:
            self._recording.close()
        finally:
            self._stack.close()

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

"""Bags of every kind as one thing: channels, and messages as ROS 2 stores them."""

from itertools import chain
from pathlib import Path
from typing import Iterator, Protocol, Sequence

from rosbags.rosbag2 import Reader as Rosbag2Reader

from triplenet_ros.bag.rosbag1 import Rosbag1Recording
from triplenet_ros.bag.salvage import is_mcap, SalvagedRecording
from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.errors import InputError, one_line

STORAGE_SUFFIXES = ('.mcap', '.db3')
BAG_SUFFIXES = (*STORAGE_SUFFIXES, '.bag')


class Recording(Protocol):
    """
    An open bag.

    :param channels: its topics
    :param notes: lines about what could not be read, growing while it is read
    :param span_ns: time from its first message to its last
    """

    channels: Sequence[Channel]
    notes: list
    span_ns: int

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time."""

    def close(self) -> None:
        """Release the files."""


def open_recording(path: Path) -> Recording:
    """
    Open a bag.

    :param path: rosbag2 folder (the metadata.yaml may be missing), .mcap, .db3 or ROS 1 .bag
    :raises InputError: if nothing in it can be read
    """
    if path.suffix == '.bag':
        return _opened(Rosbag1Recording, path)
    if not path.is_dir():
        return _open_storage(path)
    if (path / 'metadata.yaml').exists():
        try:
            return _opened(Rosbag2Recording, path)
        except InputError:
            if not any(is_mcap(file) for file in path.iterdir()):
                raise
    return _open_folder_by_files(path)


def _open_folder_by_files(path: Path) -> Recording:
    """Open a folder whose recorder was killed before it could close the bag."""
    files = [file for file in path.iterdir() if file.suffix in STORAGE_SUFFIXES]
    if not files:
        raise InputError(f'{path} is no bag: it has neither a metadata.yaml nor '
                         f'{" or ".join(STORAGE_SUFFIXES)} files')
    parts = sorted(files, key=_part_number)
    if len(files) > 1 and len({(_part_name(file), file.suffix) for file in files}) > 1:
        raise InputError(f'{path} holds {len(files)} bags, choose one: '
                         f'{", ".join(sorted(file.name for file in files))}')
    return FolderRecording([_open_storage(file) for file in parts])


def _part_number(file: Path) -> int:
    """Return which part of a split recording a file is: recorders append ``_0``, ``_1``, ..."""
    number = file.stem.rpartition('_')[2]
    return int(number) if number.isdigit() else -1


def _part_name(file: Path) -> str:
    return file.stem.rpartition('_')[0] if _part_number(file) >= 0 else file.name


def _open_storage(path: Path) -> Recording:
    try:
        return _opened(Rosbag2Recording, path)
    except InputError:
        if not is_mcap(path):
            raise
    return SalvagedRecording(path)


def _opened(kind: type, path: Path) -> Recording:
    try:
        return kind(path)
    except InputError:
        raise
    # The libraries raise anything from AssertionError to struct.error on foreign bytes.
    except Exception as error:
        raise InputError(f'{path} cannot be read as a bag: {one_line(error)}') from error


class Rosbag2Recording:
    """A rosbag2 folder, or one of its storage files alone."""

    def __init__(self, path: Path) -> None:
        """Open it; whatever the reader raises goes through."""
        self._path = path
        self._reader = Rosbag2Reader(path)
        self._reader.open()
        topics = self._reader.topics
        self._channels = {
            (one.topic, one.msgtype): Channel(
                one.topic, one.msgtype, one.msgdef.data, one.digest,
                tuple(one.ext.offered_qos_profiles), topics[one.topic].msgcount)
            for one in self._reader.connections}
        self.channels = tuple(self._channels.values())
        self.notes: list = []
        self.span_ns = max(self._reader.duration - 1, 0)

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time, up to the first damage."""
        done = 0
        try:
            for connection, time_ns, data in self._reader.messages():
                channel = self._channels[connection.topic, connection.msgtype]
                yield StoredMessage(channel, time_ns, data)
                done += 1
        # As above: the libraries raise anything on damaged files.
        except Exception as error:
            self.notes.append(f'{self._path} is damaged after {done} messages, the rest is left '
                              f'out: {one_line(error)}')

    def close(self) -> None:
        """Release the files."""
        self._reader.close()


class FolderRecording:
    """The storage files of one folder, one after the other."""

    def __init__(self, parts: Sequence[Recording]) -> None:
        """Join the channels of the files by topic and type."""
        self._parts = parts
        joined: dict = {}
        for channel in chain.from_iterable(part.channels for part in parts):
            joined.setdefault((channel.topic, channel.msgtype), []).append(channel)
        self._channels = {
            key: Channel(*key, same[0].definition, same[0].digest, same[0].qos,
                         sum(one.count for one in same))
            for key, same in joined.items()}
        self.channels = tuple(self._channels.values())
        self.span_ns = sum(part.span_ns for part in parts)

    @property
    def notes(self) -> list:
        """Lines about what could not be read in any of the files."""
        return list(chain.from_iterable(part.notes for part in self._parts))

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages, file by file."""
        for message in chain.from_iterable(part.messages() for part in self._parts):
            channel = self._channels[message.channel.topic, message.channel.msgtype]
            yield StoredMessage(channel, message.time_ns, message.data)

    def close(self) -> None:
        """Release the files."""
        for part in self._parts:
            part.close()

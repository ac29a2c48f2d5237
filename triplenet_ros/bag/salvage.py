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
Recordings without an index that readers can use: every whole message that is in them.

A file that a killed recorder or a full disk leaves has no index at its end, without which
ordinary readers refuse it; its records still follow each other from the start.
"""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import replace
from heapq import merge
import os
from pathlib import Path
import struct
import sys
from typing import BinaryIO, Iterator, Optional

from triplenet_ros.bag.stored import join_channels, StoredMessage
from triplenet_ros.errors import InputError

DAMAGE = (struct.error, ValueError)
"""What damaged bytes raise where they are taken for fields."""


class Contents(ABC):
    """
    What was met so far in one pass through a file.

    A message is (channel id, receive time in ns, its bytes).

    :param channels: by their ids
    :param cut: whether the file ended before its last record
    :param broken: chunks that could not be unpacked
    """

    begin: int
    """Bytes before the first record."""

    def __init__(self) -> None:
        """Begin with nothing met."""
        self.channels: dict = {}
        self.cut = True
        self.broken = 0

    @abstractmethod
    def read(self, stream: BinaryIO, size: int) -> Iterator[tuple]:
        """
        Yield (position, messages) of every chunk, and of every message outside of one.

        :param stream: from where it stands
        :param size: of the file
        """

    def groups(self, path: Path) -> Iterator[tuple]:
        """Yield (position, messages) from the start of a file."""
        with path.open('rb') as stream:
            stream.seek(self.begin)
            yield from self.read(stream, path.stat().st_size)

    def group_at(self, stream: BinaryIO, first: int, position: int) -> Iterator[tuple]:
        """Yield a message of no channel at the time of the first one, then read and yield them."""
        yield None, first, b''
        stream.seek(position)
        _, messages = next(self.read(stream, os.fstat(stream.fileno()).st_size))
        yield from _in_time_order(messages)

    def notes(self, name: Path, count: int) -> list:
        """Return lines about what is missing."""
        if self.cut:
            return [f'{name} is truncated: the {count} messages before its end are used']
        if self.broken:
            return [f'{name} is damaged: {self.broken} of its chunks are left out']
        return []


class SalvagedRecording:
    """The whole records of a file, in the order of their times."""

    def __init__(self, contents: type[Contents], path: Path, name: Optional[Path] = None) -> None:
        """
        Look through the file once for its channels.

        :param contents: of a file of its kind
        :param path: of the file
        :param name: of the file for messages, where the path is that of a copy
        :raises InputError: if it holds no whole message
        """
        self._path, self._contents = path, contents
        found, counts = contents(), Counter()
        self.start_ns, last = sys.maxsize, 0
        self._groups: list = []
        for position, messages in found.groups(path):
            times = [time_ns for _, time_ns, _ in messages]
            counts.update(channel_id for channel_id, _, _ in messages)
            self._groups.append((min(times), max(times), position))
            self.start_ns, last = min(self.start_ns, min(times)), max(last, max(times))
        self.notes = found.notes(name or path, sum(counts.values()))
        if not counts:
            raise InputError(f'{name or path} is truncated and holds no whole message'
                             if found.cut else f'{name or path} holds no messages')
        held = {key: replace(found.channels[key], count=counts[key]) for key in counts}
        joined = join_channels(held.values())
        self._channels = {key: joined[channel.key] for key, channel in held.items()}
        self.channels = tuple(joined.values())
        self.span_ns = last - self.start_ns

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all whole messages in the order of their times."""
        for channel_id, time_ns, data in self._in_order():
            yield StoredMessage(self._channels[channel_id], time_ns, data)

    def _in_order(self) -> Iterator[tuple]:
        overlapping = any(before[1] > after[0]
                          for before, after in zip(self._groups, self._groups[1:]))
        if not overlapping:
            for _, messages in self._contents().groups(self._path):
                yield from _in_time_order(messages)
            return
        with self._path.open('rb') as stream:
            contents = self._contents()
            contents.channels = dict.fromkeys(self._channels)
            parts = [contents.group_at(stream, first, position)
                     for first, _, position in self._groups]
            for message in merge(*parts, key=_time):
                if message[0] is not None:
                    yield message

    def close(self) -> None:
        """Nothing stays open between two reads."""


def _time(message: tuple) -> int:
    return message[1]


def _in_time_order(messages: list) -> list:
    return sorted(messages, key=_time)

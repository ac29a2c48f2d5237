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
The records of a ROS 1 bag, one after the other: those that are whole need no index.

Format 2.0 (https://wiki.ros.org/Bags/Format/2.0). The last chunk is used as far as it goes; where
a recorder was killed in the middle of one, its records stand in the file as if they were outside.
"""

from io import BytesIO
import struct
from typing import BinaryIO, Iterator

from rosbags.rosbag1.reader import normalize

from triplenet_ros.bag.from_ros1 import ros1_channel
from triplenet_ros.bag.salvage import Contents, DAMAGE
from triplenet_ros.bag.unpacking import unpack

_MESSAGE, _CHUNK, _CHUNK_INFO, _CONNECTION = b'\x02', b'\x05', b'\x06', b'\x07'


class Rosbag1Contents(Contents):
    """Connections met so far, and the messages that were sent on them."""

    begin = len(b'#ROSBAG V2.0\n')

    def read(self, stream: BinaryIO, size: int) -> Iterator[tuple]:
        """Yield (position, messages) of every chunk, and of every message outside of one."""
        position = stream.tell()
        for fields, data in _records(stream, size):
            if fields.get(b'op') == _CHUNK_INFO:  # the index: all that it is about was before
                self.cut = False
                return
            messages = list(self._messages(fields, data))
            if messages:
                yield position, messages
            position = stream.tell()

    def _messages(self, fields: dict, data: bytes) -> Iterator[tuple]:
        if fields.get(b'op') != _CHUNK:
            yield from self._message(fields, data)
            return
        raw = self._unpacked(fields, data)
        for inner, part in _records(BytesIO(raw), len(raw)):
            yield from self._message(inner, part)

    def _message(self, fields: dict, data: bytes) -> Iterator[tuple]:
        try:
            if fields.get(b'op') == _CONNECTION:
                self._add(fields, _fields(data))
            elif fields.get(b'op') == _MESSAGE:
                key, seconds, nanoseconds = *_numbers('<I', fields, b'conn'), *_numbers(
                    '<II', fields, b'time')
                if key in self.channels:
                    yield key, seconds * 1_000_000_000 + nanoseconds, data
        except DAMAGE:
            return

    def _add(self, fields: dict, about: dict) -> None:
        key, = _numbers('<I', fields, b'conn')
        topic, kind = fields.get(b'topic', b'').decode(), about.get(b'type', b'').decode()
        if topic and kind:
            self.channels[key] = ros1_channel(
                normalize(topic), kind, about.get(b'message_definition', b''),
                latching=about.get(b'latching') == b'1')

    def _unpacked(self, fields: dict, data: bytes) -> bytes:
        """Return the records of a chunk, as many as its bytes give where it is cut off."""
        try:
            compression = fields.get(b'compression', b'').decode()
            size, = _numbers('<I', fields, b'size')
            return unpack(data, '' if compression == 'none' else compression, size)
        except DAMAGE:
            self.broken += 1
            return b''


def _records(stream: BinaryIO, size: int) -> Iterator[tuple[dict, bytes]]:
    """Yield header and data of each record; of the last one as much data as is there."""
    while True:
        try:
            head = _block(stream, size)
            fields = _fields(head)
            length, = struct.unpack('<I', stream.read(4))
        except DAMAGE:
            return
        whole = length <= size - stream.tell()
        if not whole and fields.get(b'op') != _CHUNK:
            return
        yield fields, stream.read(min(length, size - stream.tell()))


def _block(stream: BinaryIO, size: int) -> bytes:
    length, = struct.unpack('<I', stream.read(4))
    # A damaged length may be astronomical: never ask for more than there is.
    if length > size - stream.tell():
        raise ValueError(f'{length} bytes are not there')
    return stream.read(length)


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the ``name=value`` pairs of a header."""
    found, stream = {}, BytesIO(head)
    while stream.tell() < len(head):
        name, equals, value = _block(stream, len(head)).partition(b'=')
        if not equals:
            raise ValueError('a field without a value')
        found[name] = value
    return found


def _numbers(form: str, fields: dict, name: bytes) -> tuple:
    return struct.unpack(form, fields.get(name, b''))

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
The records of an MCAP file, one after the other: those that are whole need no index.

They follow each other from the start (https://mcap.dev/spec). The last chunk is used as far as it
goes.
"""

from dataclasses import dataclass
from io import BytesIO
import struct
from typing import BinaryIO, Iterator, Optional
from zlib import crc32

from rosbags.rosbag2.metadata import parse_qos

from triplenet_ros.bag.salvage import Contents, DAMAGE
from triplenet_ros.bag.stored import Channel
from triplenet_ros.bag.unpacking import unpack

MAGIC = b'\x89MCAP0\r\n'

_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _DATA_END = 0x03, 0x04, 0x05, 0x06, 0x0F
_ROS2_SCHEMAS = ('ros2msg', 'ros2idl')


@dataclass(frozen=True)
class _Schema:
    name: str
    encoding: str
    data: bytes


class McapContents(Contents):
    """Schemas and channels met so far, and the messages of those channels."""

    begin = len(MAGIC)

    def __init__(self) -> None:
        """Begin with nothing met."""
        super().__init__()
        self._schemas: dict = {}

    def read(self, stream: BinaryIO, size: int) -> Iterator[tuple]:
        """Yield (position, messages) of every chunk, and of every message outside of one."""
        for position, opcode, body, whole in _split(stream, size):
            if opcode == _DATA_END and whole:
                self.cut = False
                return
            messages = list(self._record(opcode, body, whole))
            if messages:
                yield position, messages

    def _record(self, opcode: int, body: bytes, whole: bool) -> Iterator[tuple]:
        if opcode == _CHUNK:
            raw = self._unpacked(body, whole)
            for _, inner, part, complete in _split(BytesIO(raw), len(raw)):
                if inner != _CHUNK and complete:
                    yield from self._record(inner, part, complete)
        elif whole:
            try:
                message = self._read(opcode, body)
            except DAMAGE:
                return
            if message is not None and message[0] in self.channels:
                yield message

    def _unpacked(self, chunk: bytes, whole: bool) -> bytes:
        """Return the records of a chunk, as many as its bytes give where it is cut off."""
        try:
            fields = _Fields(chunk)
            fields.skip(16)
            size, checksum = fields.number('<Q'), fields.number('<I')
            compression = fields.text()
            fields.skip(8)
            raw = unpack(fields.rest(), compression, size)
            if whole and checksum and crc32(raw) != checksum:
                raise ValueError('checksum')
            return raw
        except DAMAGE:
            self.broken += 1
            return b''

    def _read(self, opcode: int, body: bytes) -> Optional[tuple]:
        if opcode == _SCHEMA:
            self._add_schema(_Fields(body))
        elif opcode == _CHANNEL:
            self._add_channel(_Fields(body))
        elif opcode == _MESSAGE:
            channel_id, _sequence, time_ns, _publish_ns = struct.unpack_from('<HIQQ', body)
            return channel_id, time_ns, body[22:]
        return None

    def _add_schema(self, fields: '_Fields') -> None:
        key = fields.number('<H')
        self._schemas[key] = _Schema(fields.text(), fields.text(), fields.block())

    def _add_channel(self, fields: '_Fields') -> None:
        key, schema_key = fields.number('<H'), fields.number('<H')
        topic, encoding, metadata = fields.text(), fields.text(), fields.mapping()
        schema = self._schemas.get(schema_key) if schema_key else _Schema('', '', b'')
        if schema is None:
            return
        qos = _qos(metadata.get('offered_qos_profiles', ''))
        if schema.encoding in _ROS2_SCHEMAS:
            text = schema.data.decode()
            self.channels[key] = Channel(topic, schema.name, text, '', qos, encoding=encoding)
        else:
            self.channels[key] = Channel(topic, schema.name, '', '', qos, encoding=encoding,
                                         schema=(schema.encoding, schema.data))


def _qos(text: str) -> tuple:
    try:
        return tuple(parse_qos(text))
    # Foreign text: the parser raises anything on it. Messages are the same without.
    except Exception:
        return ()


def _split(stream: BinaryIO, size: int) -> Iterator[tuple]:
    """Yield (position, opcode, body, whether the body is whole) of each record."""
    while True:
        position = stream.tell()
        head = stream.read(9)
        if len(head) < 9:
            return
        opcode, length = struct.unpack('<BQ', head)
        # A damaged length may be astronomical: never ask for more than there is.
        body = stream.read(min(length, max(size - stream.tell(), 0)))
        yield position, opcode, body, len(body) == length


class _Fields:
    """The fields of one record, read one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self, form: str) -> int:
        """Return the next number."""
        value, = struct.unpack_from(form, self._body, self._at)
        self._at += struct.calcsize(form)
        return value

    def block(self) -> bytes:
        """Return the next bytes of a length that stands before them."""
        length = self.number('<I')
        self._at += length
        if self._at > len(self._body):
            raise ValueError(f'{length} bytes are not there')
        return self._body[self._at - length:self._at]

    def text(self) -> str:
        """Return the next string."""
        return self.block().decode()

    def mapping(self) -> dict:
        """Return the next map of strings."""
        pairs, fields = {}, _Fields(self.block())
        while fields._at < len(fields._body):
            key = fields.text()
            pairs[key] = fields.text()
        return pairs

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        self._at += count

    def rest(self) -> bytes:
        """Return the bytes that are left."""
        return self._body[self._at:]

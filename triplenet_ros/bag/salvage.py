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
What is whole in an MCAP file that ends too early, as a killed recorder or a full disk leaves it.

Such a file has no index at its end, without which ordinary readers refuse it; its records still
follow each other from the start (https://mcap.dev/spec). The last chunk is used as far as it goes.
"""

from collections import Counter
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
import struct
import sys
from typing import BinaryIO, Iterator, Optional

import lz4.frame
from rosbags.rosbag2.metadata import parse_qos

from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAGIC = b'\x89MCAP0\r\n'

_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _DATA_END = 0x03, 0x04, 0x05, 0x06, 0x0F


def is_mcap(path: Path) -> bool:
    """Tell whether a file starts as an MCAP file does."""
    try:
        with path.open('rb') as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


class SalvagedRecording:
    """The whole records of a truncated MCAP file, in the order in which they were written."""

    def __init__(self, path: Path) -> None:
        """
        Look through the file once for its channels.

        :raises InputError: if it holds no whole message
        """
        self._path = path
        counts: Counter = Counter()
        first, last = sys.maxsize, 0
        contents = _Contents()
        for channel_id, time_ns, _ in contents.messages(path):
            counts[channel_id] += 1
            first, last = min(first, time_ns), max(last, time_ns)
        if not counts:
            raise InputError(f'{path} is truncated and holds no whole message')
        self._channels = {key: replace(contents.channels[key], count=counts[key])
                          for key in counts}
        self.channels = tuple(self._channels.values())
        self.span_ns = last - first
        self.notes = [f'{path} is truncated: the {sum(counts.values())} messages before its end '
                      'are used']

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all whole messages in the order in which they were written."""
        for channel_id, time_ns, data in _Contents().messages(self._path):
            yield StoredMessage(self._channels[channel_id], time_ns, data)

    def close(self) -> None:
        """Nothing stays open between two reads."""


@dataclass(frozen=True)
class _Schema:
    name: str
    definition: str


class _Contents:
    """Schemas and channels met so far in one pass through a file."""

    def __init__(self) -> None:
        self._schemas: dict = {}
        self.channels: dict = {}

    def messages(self, path: Path) -> Iterator[tuple]:
        """Yield (channel id, receive time in ns, CDR bytes) of every whole message."""
        with path.open('rb') as stream:
            stream.seek(len(MAGIC))
            yield from self._records(stream, path.stat().st_size)

    def _records(self, stream: BinaryIO, size: int) -> Iterator[tuple]:
        for opcode, body, whole in _split(stream, size):
            if opcode == _CHUNK:
                raw = _unpacked(body)
                yield from self._records(BytesIO(raw), len(raw))
            elif not whole or opcode == _DATA_END:
                return
            elif opcode == _SCHEMA:
                self._add_schema(_Fields(body))
            elif opcode == _CHANNEL:
                self._add_channel(_Fields(body))
            elif opcode == _MESSAGE:
                message = _message(body)
                if message[0] in self.channels:
                    yield message

    def _add_schema(self, fields: '_Fields') -> None:
        key = fields.number('<H')
        name, _, definition = fields.text(), fields.text(), fields.text()
        self._schemas[key] = _Schema(name, definition)

    def _add_channel(self, fields: '_Fields') -> None:
        key, schema_key = fields.number('<H'), fields.number('<H')
        topic, encoding, metadata = fields.text(), fields.text(), fields.mapping()
        schema = self._schemas.get(schema_key)
        if schema is not None and encoding == 'cdr':
            qos = tuple(parse_qos(metadata.get('offered_qos_profiles', '')))
            self.channels[key] = Channel(topic, schema.name, schema.definition, '', qos)


def _split(stream: BinaryIO, size: int) -> Iterator[tuple]:
    """Yield (opcode, body, whether the body is whole) of each record."""
    while True:
        head = stream.read(9)
        if len(head) < 9:
            return
        opcode, length = struct.unpack('<BQ', head)
        # A damaged length may be astronomical: never ask for more than there is.
        body = stream.read(min(length, size - stream.tell()))
        yield opcode, body, len(body) == length


def _message(body: bytes) -> tuple:
    channel_id, _sequence, time_ns, _publish_ns = struct.unpack_from('<HIQQ', body)
    return channel_id, time_ns, body[22:]


def _unpacked(chunk: bytes) -> bytes:
    """Return the records of a chunk, as many as its bytes give where it is cut off."""
    fields = _Fields(chunk)
    try:
        fields.skip(28)
        compression = fields.text()
        fields.skip(8)
        decompressor = _decompressor(compression)
        return fields.rest() if decompressor is None else decompressor.decompress(fields.rest())
    except (struct.error, UnicodeDecodeError, KeyError, RuntimeError, zstd.ZstdError):
        return b''


def _decompressor(compression: str) -> Optional[object]:
    return {'': lambda: None, 'lz4': lz4.frame.LZ4FrameDecompressor,
            'zstd': zstd.ZstdDecompressor}[compression]()


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

    def text(self) -> str:
        """Return the next string."""
        length = self.number('<I')
        self._at += length
        return self._body[self._at - length:self._at].decode()

    def mapping(self) -> dict:
        """Return the next map of strings."""
        length = self.number('<I')
        end = self._at + length
        pairs = {}
        while self._at < end:
            key = self.text()
            pairs[key] = self.text()
        return pairs

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        self._at += count

    def rest(self) -> bytes:
        """Return the bytes that are left."""
        return self._body[self._at:]

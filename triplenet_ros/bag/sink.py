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

"""The bag that is written: MCAP, whole or not there."""

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.rosbag2.storage_mcap import McapWriter, Schema, write_schema
from rosbags.typesys import get_types_from_idl, get_types_from_msg, get_typestore, Stores

from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.messages.message_types import rosbags_typestore
from triplenet_ros.outputs import replacing

# The newest layout of metadata.yaml that Humble reads too.
_VERSION = 8
_UNKNOWN_DIGEST = 'RIHS01_' + 64 * '0'
_IDL_MARK = 80 * '=' + '\n'


class BagSink:
    """Takes messages of any channel; channels join the bag with their first message."""

    def __init__(self, writer: Writer) -> None:
        """Write through an open rosbag2 writer."""
        self._writer = writer
        self._connections: dict = {}

    def write(self, message: StoredMessage) -> None:
        """Append a message, its bytes unchanged."""
        key = message.channel.key
        connection = self._connections.get(key)
        if connection is None:
            connection = self._connections[key] = self._add(message.channel)
        self._writer.write(connection, message.time_ns, message.data)

    def _add(self, channel: Channel) -> object:
        definition, digest = _definition(channel)
        if channel.schema is not None:
            self._writer.storage.foreign[channel.msgtype] = channel.schema
        return self._writer.add_connection(
            channel.topic, channel.msgtype, msgdef=definition, rihs01=digest,
            serialization_format=channel.encoding, offered_qos_profiles=channel.qos)


class _AnySchema(McapWriter):
    """Writes definitions that are not ROS 2's as they came; they may be any bytes."""

    def __init__(self, path: Path, compression: CompressionMode) -> None:
        super().__init__(path, compression)
        self.foreign: dict[str, tuple[str, bytes]] = {}

    def add_msgtype(self, connection: Any) -> None:
        foreign = self.foreign.get(connection.msgtype)
        if foreign is None:
            super().add_msgtype(connection)
            return
        encoding, data = foreign
        self.schemas.append(
            Schema(len(self.schemas) + 1, connection.msgtype, encoding, _Encoded(data)))
        write_schema(self.chunk.bio, self.schemas[-1])


class _Encoded(bytes):
    """Bytes where the writer expects a text that it can encode."""

    def encode(self) -> bytes:
        return self


class _Writer(Writer):
    STORAGE_PLUGINS = {StoragePlugin.MCAP: _AnySchema}


def is_bag_folder(path: Path) -> bool:
    """Tell whether a bag of this name is a folder, and not one file."""
    return path.suffix != '.mcap'


@contextmanager
def bag_sink(path: Path, overwrite: bool = False) -> Iterator[BagSink]:
    """
    Give a sink whose bag takes its place when the block succeeds, and vanishes when it raises.

    :param path: a name that ends in ``.mcap`` gives that one file, any other a rosbag2 folder
        (metadata.yaml and an MCAP file)
    :param overwrite: whether an existing one may be replaced
    :raises InputError: if it exists and may not be replaced, or its folder cannot be written
    """
    path = Path(path)
    with replacing(path, overwrite, is_bag_folder(path)) as temporary:
        # The storage file takes the folder's name, and metadata.yaml names it: both must be final.
        folder = temporary if is_bag_folder(path) else temporary.with_suffix('')
        writer = _Writer(folder, version=_VERSION, storage_plugin=StoragePlugin.MCAP)
        writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        with writer:
            yield BagSink(writer)
        if folder != temporary:
            (folder / f'{folder.name}.mcap').rename(temporary)


def _definition(channel: Channel) -> tuple:
    """Return the definition and hash of a channel's type, as far as anybody knows them."""
    if channel.definition:
        return channel.definition, channel.digest or _digest(channel)
    if channel.encoding != 'cdr':
        return '', _UNKNOWN_DIGEST
    store = rosbags_typestore()
    if channel.msgtype not in store.fielddefs:
        return '', _UNKNOWN_DIGEST
    definition, _ = store.generate_msgdef(channel.msgtype, ros_version=2)
    return definition, store.hash_rihs01(channel.msgtype)


def _digest(channel: Channel) -> str:
    store = get_typestore(Stores.EMPTY)
    try:
        if channel.definition.startswith(_IDL_MARK):
            for part in channel.definition.split(_IDL_MARK)[1:]:
                store.register(get_types_from_idl(part.split('\n', 1)[1]))
        else:
            store.register(get_types_from_msg(channel.definition, channel.msgtype))
        return store.hash_rihs01(channel.msgtype)
    # The definition is foreign text; the message plays without its hash too.
    except Exception:
        return _UNKNOWN_DIGEST

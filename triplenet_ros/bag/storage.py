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

"""One storage file of a rosbag2 recording, MCAP or SQLite, through rosbags."""

from pathlib import Path
from typing import Any, Iterator

from rosbags.rosbag2.storage_mcap import McapReader
from rosbags.rosbag2.storage_sqlite3 import Sqlite3Reader

from triplenet_ros.bag.files import kind_of, MCAP
from triplenet_ros.bag.stored import Channel, join_channels, StoredMessage
from triplenet_ros.bag.unpacking import unpack, ZSTD_MARK
from triplenet_ros.errors import one_line


class StorageRecording:
    """
    What rosbags finds in a storage file.

    Not through its reader of folders: that one believes metadata.yaml more than the files, and
    passes over every message whose topic the two describe differently.
    """

    def __init__(self, path: Path, name: Path) -> None:
        """
        Open it; whatever the reader raises goes through.

        :param name: of the file for messages, where the path is that of a copy
        """
        self._name = name
        self._reader = (McapReader if kind_of(path) == MCAP else Sqlite3Reader)(path)
        self._reader.open()
        self._connections = list(self._reader.connections)
        found = [_channel(one) for one in self._connections]
        joined = join_channels(found)
        self._channels = {connection.id: joined[channel.key]
                          for connection, channel in zip(self._connections, found)}
        self.channels = tuple(joined.values())
        self.notes: list = []
        self.start_ns = self._reader.metadata.start_time
        self.span_ns = max(self._reader.metadata.duration - 1, 0)

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time, up to the first damage."""
        done = 0
        try:
            for connection, time_ns, data in self._reader.messages(self._connections):
                yield StoredMessage(self._channels[connection.id], _time(time_ns), _plain(data))
                done += 1
        # The libraries raise anything on damaged files.
        except Exception as error:
            self.notes.append(f'{self._name} is damaged after {done} messages, the rest is left '
                              f'out: {one_line(error)}')

    def close(self) -> None:
        """Release the file."""
        self._reader.close()


def _channel(connection: Any) -> Channel:
    return Channel(connection.topic, connection.msgtype, connection.msgdef.data,
                   connection.digest, tuple(connection.ext.offered_qos_profiles),
                   connection.msgcount, connection.ext.serialization_format)


def _plain(data: Any) -> bytes:
    """Return the bytes of a message; a recorder may have packed each by itself."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ValueError(f'a message is {type(data).__name__}, not bytes')
    # No message begins so by itself: CDR begins with a zero.
    return unpack(data, 'zstd') if bytes(data[:4]) == ZSTD_MARK else data


def _time(time_ns: Any) -> int:
    if not isinstance(time_ns, int) or not 0 <= time_ns < 1 << 63:
        raise ValueError(f'a message has the time {str(time_ns)[:40]}')
    return time_ns

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

"""ROS 1 bags, their messages turned into ROS 2 ones while they are read."""

from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator

from rosbags.convert.converter import is_same_wireformat, migrate_bytes
from rosbags.interfaces import Connection
from rosbags.rosbag1 import Reader
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.bag.topics import LATCHED_QOS
from triplenet_ros.errors import one_line

Converter = Callable[[bytes], memoryview]

_RENAMED = {'tf/msg/tfMessage': 'tf2_msgs/msg/TFMessage'}


class Rosbag1Recording:
    """A ROS 1 .bag file; topics whose type ROS 2 cannot hold are left out and noted."""

    def __init__(self, path: Path, name: Path) -> None:
        """
        Open it; whatever the reader raises goes through.

        :param name: of the file for messages, where the path is that of a copy
        """
        self._path = name
        self._reader = Reader(path)
        self._reader.open()
        self._ros1 = get_typestore(Stores.EMPTY)
        self._ros2 = get_typestore(Stores.ROS2_HUMBLE)
        self._cache: dict = {}
        self.notes: list = []
        self._channels: dict = {}
        self._converters: dict = {}
        for connection in self._reader.connections:
            self._add(connection)
        self.channels = tuple(self._channels.values())
        self.start_ns = self._reader.start_time
        self.span_ns = max(self._reader.duration - 1, 0)

    def _add(self, connection: Connection) -> None:
        key = connection.topic, connection.msgtype
        if key in self._channels:
            return
        try:
            self._converters[key] = self._converter(connection)
            self._channels[key] = self._channel(connection)
        # A definition may be anything that some ROS 1 build once put there.
        except Exception as error:
            self._leave_out(key, error)

    def _leave_out(self, key: tuple, error: Exception) -> None:
        self._converters.pop(key, None)
        self._channels.pop(key, None)
        self.notes.append(f'{self._path}: topic {key[0]} is left out, its type {key[1]} cannot be '
                          f'turned into a ROS 2 one: {one_line(error)}')

    def _converter(self, connection: Connection) -> Converter:
        name = connection.msgtype
        known = self._ros1.fielddefs
        types = get_types_from_msg(connection.msgdef.data, name)
        self._ros1.register({key: value for key, value in types.items() if key not in known})
        target = _RENAMED.get(name, name)
        self._ros2.register({key: value for key, value in types.items()
                             if key not in self._ros2.fielddefs})
        if is_same_wireformat(self._ros1, self._ros2, name, target):
            return partial(self._ros2.ros1_to_cdr, typename=target)
        return partial(self._migrate, name, target)

    def _migrate(self, name: str, target: str, data: bytes) -> Any:
        return migrate_bytes(self._ros1, self._ros2, name, target, self._cache, data,
                             src_is2=False, dst_is2=True)

    def _channel(self, connection: Connection) -> Channel:
        target = _RENAMED.get(connection.msgtype, connection.msgtype)
        definition, _ = self._ros2.generate_msgdef(target, ros_version=2)
        qos = (LATCHED_QOS,) if connection.ext.latching else ()
        return Channel(connection.topic, target, definition, self._ros2.hash_rihs01(target), qos,
                       self._reader.topics[connection.topic].msgcount)

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time, up to the first damage."""
        done = 0
        try:
            for connection, time_ns, data in self._reader.messages():
                key = connection.topic, connection.msgtype
                if key in self._channels:
                    yield from self._converted(key, time_ns, data)
                done += 1
        # The reader raises anything on damaged files.
        except Exception as error:
            self.notes.append(f'{self._path} is damaged after {done} messages, the rest is left '
                              f'out: {one_line(error)}')

    def _converted(self, key: tuple, time_ns: int, data: bytes) -> Iterator[StoredMessage]:
        channel = self._channels[key]
        try:
            converted = bytes(self._converters[key](data))
        except Exception as error:
            self._leave_out(key, error)
        else:
            yield StoredMessage(channel, time_ns, converted)

    def close(self) -> None:
        """Release the file."""
        self._reader.close()

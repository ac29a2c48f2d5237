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

"""ROS 1 bags, as they are."""

from pathlib import Path
from typing import Iterator

from rosbags.rosbag1 import Reader

from triplenet_ros.bag.from_ros1 import ros1_channel
from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.errors import one_line


class Rosbag1Recording:
    """A ROS 1 .bag file with an index; its messages are ROS 1's."""

    def __init__(self, path: Path, name: Path) -> None:
        """
        Open it; whatever the reader raises goes through.

        :param name: of the file for messages, where the path is that of a copy
        """
        self._path = name
        self._reader = Reader(path)
        self._reader.open()
        self.notes: list = []
        self._channels: dict[tuple, Channel] = {}
        for connection in self._reader.connections:
            key = connection.topic, connection.msgtype
            if key not in self._channels:
                self._channels[key] = ros1_channel(
                    *key, connection.msgdef.data.encode(),
                    self._reader.topics[connection.topic].msgcount,
                    bool(connection.ext.latching))
        self.channels = tuple(self._channels.values())
        self.start_ns = self._reader.start_time
        self.span_ns = max(self._reader.duration - 1, 0)

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time, up to the first damage."""
        done = 0
        try:
            for connection, time_ns, data in self._reader.messages():
                channel = self._channels[connection.topic, connection.msgtype]
                yield StoredMessage(channel, time_ns, data)
                done += 1
        # The reader raises anything on damaged files.
        except Exception as error:
            self.notes.append(f'{self._path} is damaged after {done} messages, the rest is left '
                              f'out: {one_line(error)}')

    def close(self) -> None:
        """Release the file."""
        self._reader.close()

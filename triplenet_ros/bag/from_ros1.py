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

"""Messages of ROS 1, from its own bags or in MCAP files, turned into those of ROS 2."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from rosbags.convert.converter import is_same_wireformat, migrate_bytes
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.bag.topics import LATCHED_QOS
from triplenet_ros.errors import one_line

ENCODING, SCHEMA = 'ros1', 'ros1msg'
"""What MCAP files call messages and definitions of ROS 1."""

Converter = Callable[[bytes], Any]

_RENAMED = {'tf/msg/tfMessage': 'tf2_msgs/msg/TFMessage'}


def ros1_channel(topic: str, msgtype: str, definition: bytes, count: int = 0,
                 latching: bool = False) -> Channel:
    """
    Return a channel of messages as ROS 1 has them.

    :param msgtype: as in ROS 1 or 2: ``sensor_msgs/Image``, ``sensor_msgs/msg/Image``
    :param definition: text of the type and of those it is made of
    :param latching: whether the last message stays for those who come later
    """
    return Channel(topic, msgtype, '', '', (LATCHED_QOS,) if latching else (), count,
                   ENCODING, (SCHEMA, definition))


def is_ros1(channel: Channel) -> bool:
    """Tell whether a channel holds messages of ROS 1 whose definition is there."""
    return (channel.encoding == ENCODING and channel.schema is not None
            and channel.schema[0] == SCHEMA)


class Ros1Messages:
    """
    A recording whose messages of ROS 1 are given as those of ROS 2.

    Topics whose type ROS 2 cannot hold, and messages that are none of theirs, are left out and
    noted.

    :param recording: any (``Recording``); what is ROS 2's in it stays as it is
    :param path: of the recording, for notes
    """

    def __init__(self, recording: Any, path: Path) -> None:
        """Turn the types."""
        self._recording, self._path = recording, path
        self._types = _Types()
        self._told: dict[tuple, str] = {}
        self._channels: dict[tuple, tuple[Channel, Converter]] = {}
        for channel in filter(is_ros1, recording.channels):
            self._add(channel)
        self.channels = tuple(
            self._channels[channel.key][0] if is_ros1(channel) else channel
            for channel in recording.channels
            if not is_ros1(channel) or channel.key in self._channels)
        self.start_ns, self.span_ns = recording.start_ns, recording.span_ns

    @property
    def notes(self) -> Sequence[str]:
        """Lines about what could not be read."""
        return [*self._recording.notes, *self._told.values()]

    def _add(self, channel: Channel) -> None:
        try:
            self._channels[channel.key] = self._types.turned(channel)
        # A definition may be anything that some ROS 1 build once put there.
        except Exception as error:
            self._tell(channel, f'topic {channel.topic} is left out, its type {channel.msgtype} '
                                f'cannot be turned into a ROS 2 one: {one_line(error)}')

    def _tell(self, channel: Channel, text: str) -> None:
        self._told.setdefault(channel.key, f'{self._path}: {text}')

    def messages(self) -> Iterator[StoredMessage]:
        """Yield all messages in the order of their time."""
        for message in self._recording.messages():
            if is_ros1(message.channel):
                yield from self._turned(message)
            else:
                yield message

    def _turned(self, message: StoredMessage) -> Iterator[StoredMessage]:
        if message.channel.key not in self._channels:
            return
        channel, convert = self._channels[message.channel.key]
        try:
            data = bytes(convert(message.data))
        # The bytes are foreign: the converter fails in any way on them.
        except Exception as error:
            self._tell(message.channel, f'messages of {channel.topic} that are no '
                                        f'{channel.msgtype} are left out: {one_line(error)}')
        else:
            yield StoredMessage(channel, message.time_ns, data)

    def close(self) -> None:
        """Release the file."""
        self._recording.close()


class _Types:
    """The types of a recording, as ROS 1 and as ROS 2 has them."""

    def __init__(self) -> None:
        self._ros1 = get_typestore(Stores.EMPTY)
        self._ros2 = get_typestore(Stores.ROS2_HUMBLE)
        self._cache: dict = {}

    def turned(self, channel: Channel) -> tuple[Channel, Converter]:
        """Return the ROS 2 channel, and what turns the bytes of its messages."""
        package, _, name = channel.msgtype.partition('/')
        name = f'{package}/msg/{name.rpartition("/")[2]}'
        target = _RENAMED.get(name, name)
        convert = self._converter(name, target, channel.schema[1].decode())
        definition, _ = self._ros2.generate_msgdef(target, ros_version=2)
        return replace(channel, msgtype=target, definition=definition, encoding='cdr',
                       digest=self._ros2.hash_rihs01(target), schema=None), convert

    def _converter(self, name: str, target: str, text: str) -> Converter:
        types = get_types_from_msg(text, name)
        self._ros1.register({key: value for key, value in types.items()
                             if key not in self._ros1.fielddefs})
        self._ros2.register({key: value for key, value in types.items()
                             if key not in self._ros2.fielddefs})
        if is_same_wireformat(self._ros1, self._ros2, name, target):
            return partial(self._ros2.ros1_to_cdr, typename=target)
        return partial(self._migrate, name, target)

    def _migrate(self, name: str, target: str, data: bytes) -> Any:
        return migrate_bytes(self._ros1, self._ros2, name, target, self._cache, data,
                             src_is2=False, dst_is2=True)

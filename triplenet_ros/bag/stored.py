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

"""What a recording is made of, whatever file it came from: channels and their stored messages."""

from dataclasses import dataclass, replace
from typing import Any, Iterable, Optional

import numpy as np


@dataclass(frozen=True, eq=False)
class Channel:
    """
    One topic of a recording, as ROS 2 stores it.

    :param topic: its name
    :param msgtype: full type name, such as ``sensor_msgs/msg/Image``
    :param definition: text of the message definition (ros2msg or ros2idl); empty where the
        recording has none
    :param digest: RIHS01 hash of the type; empty where the recording has none
    :param qos: profiles the publishers offered (rosbags' Qos)
    :param count: messages on it
    :param encoding: of its messages; only ``cdr`` is ROS 2's
    :param schema: encoding and bytes of a definition that is not ROS 2's
    """

    topic: str
    msgtype: str
    definition: str
    digest: str
    qos: tuple = ()
    count: int = 0
    encoding: str = 'cdr'
    schema: Optional[tuple[str, bytes]] = None

    @property
    def key(self) -> tuple:
        """What tells it from others: a recording may have several of one topic."""
        return self.topic, self.msgtype, self.encoding

    def __str__(self) -> str:
        """Return topic and type, and the encoding where it is not ROS 2's."""
        other = '' if self.encoding == 'cdr' else f', {self.encoding or "unknown"}'
        return f'{self.topic} ({self.msgtype}{other})'


def join_channels(channels: Iterable[Channel]) -> dict[tuple, Channel]:
    """Return one channel for each key, with what any of those of that key knows."""
    joined: dict[tuple, Channel] = {}
    for one in channels:
        other = joined.setdefault(one.key, one)
        if other is not one:
            joined[one.key] = replace(
                other, definition=other.definition or one.definition,
                digest=other.digest or one.digest, qos=other.qos or one.qos,
                count=other.count + one.count)
    return joined


@dataclass(frozen=True)
class StoredMessage:
    """
    One message of a recording.

    :param channel: where it was sent
    :param time_ns: when it was received, nanoseconds
    :param data: its bytes: CDR, if the channel does not say otherwise
    """

    channel: Channel
    time_ns: int
    data: bytes


@dataclass(frozen=True)
class Frame:
    """
    One image of a recording, decoded.

    :param time_ns: when its message was received, nanoseconds
    :param header: of its message (rosbags' Header)
    :param image: (H, W, 3) uint8 RGB
    """

    time_ns: int
    header: Any
    image: np.ndarray

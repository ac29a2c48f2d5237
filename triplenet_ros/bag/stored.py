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

from dataclasses import dataclass
from typing import Any

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
    """

    topic: str
    msgtype: str
    definition: str
    digest: str
    qos: tuple = ()
    count: int = 0


@dataclass(frozen=True)
class StoredMessage:
    """
    One message of a recording.

    :param channel: where it was sent
    :param time_ns: when it was received, nanoseconds
    :param data: CDR bytes
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

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

"""Pictures as the messages of a recorded camera."""

from typing import Any

import numpy as np

from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.bag.topics import STREAM_QOS
from triplenet_ros.messages import encode
from triplenet_ros.messages.message_types import full_name, rosbags_types, rosbags_typestore

TOPIC = '/camera/image'
FRAME_ID = 'camera'

FIRST_STAMP_NS = 1_000_000_000
"""Stamp of the first picture of a video, 1 s: ROS reads the stamp 0 as "no time given"."""


def stamp_ns(index: int, frame_rate: float) -> int:
    """Return the stamp of a picture by its index, in nanoseconds."""
    return FIRST_STAMP_NS + round(index * 1e9 / frame_rate)


class RawImages:
    """
    Pictures as sensor_msgs/Image, rgb8.

    :param topic: where they are sent
    :param frame_id: coordinate frame of the camera
    """

    def __init__(self, topic: str = TOPIC, frame_id: str = FRAME_ID) -> None:
        """Set the channel."""
        self.channel = made_channel(topic, full_name('Image'))
        self._frame_id = frame_id

    def message(self, picture: np.ndarray, time_ns: int) -> StoredMessage:
        """Return the message of a (H, W, 3) uint8 RGB picture."""
        header = rosbags_types().header(time_ns, self._frame_id)
        return stored(self.channel, time_ns, encode.rgb_image(picture, header, rosbags_types()))


class CompressedImages:
    """
    Pictures as sensor_msgs/CompressedImage, JPEG.

    :param topic: base name; ``/compressed`` is appended, as image_transport does
    :param frame_id: coordinate frame of the camera
    """

    def __init__(self, topic: str = TOPIC, frame_id: str = FRAME_ID) -> None:
        """Set the channel."""
        self.channel = made_channel(f'{topic}/compressed', full_name('CompressedImage'))
        self._frame_id = frame_id

    def message(self, picture: np.ndarray, time_ns: int) -> StoredMessage:
        """Return the message of a (H, W, 3) uint8 RGB picture."""
        types = rosbags_types()
        header = types.header(time_ns, self._frame_id)
        return stored(self.channel, time_ns, encode.compressed_image(picture, header, types))


def made_channel(topic: str, msgtype: str, qos: Any = STREAM_QOS) -> Channel:
    """Return a channel of messages that are made here."""
    store = rosbags_typestore()
    definition, _ = store.generate_msgdef(msgtype, ros_version=2)
    return Channel(topic, msgtype, definition, store.hash_rihs01(msgtype), (qos,))


def stored(channel: Channel, time_ns: int, message: Any) -> StoredMessage:
    """Return a message as it stands in a bag."""
    return StoredMessage(
        channel, time_ns, rosbags_typestore().serialize_cdr(message, channel.msgtype))

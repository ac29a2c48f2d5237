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

"""Anything that holds camera images in time order: bags and videos."""

from pathlib import Path
from typing import Any, Iterator, Optional, Protocol, Sequence

from triplenet_ros.bag import topics
from triplenet_ros.bag.bag_file import is_bag_file, Recording
from triplenet_ros.bag.metadata import NAME as METADATA
from triplenet_ros.bag.recording import open_recording
from triplenet_ros.bag.stored import Channel, Frame, StoredMessage
from triplenet_ros.bag.video_source import VideoSource
from triplenet_ros.errors import InputError
from triplenet_ros.messages.decode import BadImage, Decoder
from triplenet_ros.messages.message_types import full_name, rosbags_typestore
from triplenet_ros.messages.rosbags_image import decode_with_rosbags

IMAGE_TYPES = (full_name('Image'), full_name('CompressedImage'))


class Source(Protocol):
    """
    Recorded messages in time order, some of which are the camera's images.

    :param name: what was opened
    :param image_channel: the channel that holds the images
    :param frame_count: how many images to expect; a hint for progress
    :param frame_rate: images per second on average
    :param notes: lines about what could not be read, growing while it is read
    """

    name: str
    image_channel: Channel
    frame_count: int
    frame_rate: float
    notes: Sequence[str]

    def messages(self) -> Iterator[StoredMessage]:
        """Yield every message, images and others, in the order of their time."""

    def decode(self, message: StoredMessage) -> Frame:
        """
        Return the picture of a message of the image channel.

        :raises BadImage: if the message holds no picture that can be used
        """

    def __enter__(self) -> 'Source':
        """Use it."""

    def __exit__(self, *exception: Any) -> None:
        """Release the file."""


def open_source(path: Path, topic: Optional[str] = None) -> Source:
    """
    Open a bag or a video; use it in a ``with`` statement.

    :param path: rosbag2 folder, .mcap, .db3, ROS 1 .bag, each also packed by zstd, or a video
    :param topic: the image topic of a bag; may be left out where there is only one
    :raises InputError: if it is missing, cannot be read, or has no such images
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f'{path} does not exist')
    if not path.is_dir() and path.name != METADATA and not is_bag_file(path):
        return VideoSource(path)
    recording = open_recording(path)
    try:
        return BagSource(path, recording, topic)
    except BaseException:
        recording.close()
        raise


class BagSource:
    """A bag, one of whose topics is looked at; every topic is passed on."""

    def __init__(self, path: Path, recording: Recording, topic: Optional[str]) -> None:
        """Choose the image topic."""
        self.name = str(path)
        self._recording = recording
        self._told: list = []
        self._decode = Decoder(decode_with_rosbags, self._told.append)
        self.image_channel = _image_channel(path, recording, topic)
        self.frame_count = self.image_channel.count
        seconds = recording.span_ns / 1e9
        self.frame_rate = (self.frame_count - 1) / seconds if seconds > 0 else 0.0

    @property
    def notes(self) -> Sequence[str]:
        """Lines about what could not be read."""
        return [*self._recording.notes, *self._told]

    def messages(self) -> Iterator[StoredMessage]:
        """Yield every message in the order of its time."""
        return self._recording.messages()

    def decode(self, message: StoredMessage) -> Frame:
        """
        Return the picture of a message of the image channel.

        :raises BadImage: if the message holds no picture that can be used
        """
        try:
            image = rosbags_typestore().deserialize_cdr(message.data, message.channel.msgtype)
        # The bytes are foreign: the deserialiser fails in any way on them.
        except Exception as error:
            raise BadImage('undecodable', f'message of {len(message.data)} bytes is no '
                           f'{message.channel.msgtype}: {error}') from error
        return Frame(message.time_ns, image.header, self._decode(image))

    def __enter__(self) -> 'BagSource':
        """Use it."""
        return self

    def __exit__(self, *exception: Any) -> None:
        """Release the files."""
        self._recording.close()


def _image_channel(path: Path, recording: Recording, topic: Optional[str]) -> Channel:
    held = [channel for channel in recording.channels if channel.count]
    if not held:
        raise InputError(f'{path} holds no messages')
    if topic is not None:
        return _named_channel(path, held, topic)
    # Pictures of an earlier replay are results, and labels are truth: no camera saw them.
    infos = {channel.topic for channel in held if channel.msgtype == full_name('LabelInfo')}
    images = [channel for channel in held
              if _holds_images(channel) and channel.topic not in topics.RESULTS
              and topics.info_name(channel.topic) not in infos]
    if not images:
        raise InputError(f'{path} has no images that can be read ({" or ".join(IMAGE_TYPES)} of '
                         f'ROS 2); its topics are {_listing(held)}')
    if len(images) > 1:
        raise InputError(f'{path} has {len(images)} image topics, choose one with --topic: '
                         f'{", ".join(sorted(channel.topic for channel in images))}')
    return images[0]


def _named_channel(path: Path, held: Sequence[Channel], topic: str) -> Channel:
    named = [channel for channel in held if channel.topic == topic]
    if not named:
        raise InputError(f'{path} has no messages on {topic}; its topics are {_listing(held)}')
    usable = [channel for channel in named if _holds_images(channel)]
    if not usable:
        other = named[0].encoding
        raise InputError(f'{topic} in {path} is {named[0].msgtype}'
                         f'{"" if other == "cdr" else f" in {other}"}, needed is '
                         f'{" or ".join(IMAGE_TYPES)}')
    return usable[0]


def _holds_images(channel: Channel) -> bool:
    return channel.msgtype in IMAGE_TYPES and channel.encoding == 'cdr'


def _listing(channels: Sequence[Channel]) -> str:
    return ', '.join(sorted(map(str, channels)))

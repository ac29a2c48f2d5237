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

"""What a bag holds that can be scored: stamps, names of classes, diagnostics; read once."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Mapping, Optional

import numpy as np

from triplenet_ros.bag.bag_file import Recording
from triplenet_ros.bag.recorded_diagnostics import DiagnosticSeries
from triplenet_ros.bag.recording import open_recording
from triplenet_ros.bag.source import IMAGE_TYPES
from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.errors import InputError, one_line
from triplenet_ros.messages.decode import BadImage, decode
from triplenet_ros.messages.headers import stamp_of
from triplenet_ros.messages.message_types import full_name, rosbags_typestore
from triplenet_ros.messages.results import names_of_label_info, names_of_vision_info
from triplenet_ros.messages.rosbags_image import decode_with_rosbags

BOXES, IMAGE = full_name('Detection2DArray'), full_name('Image')
LABEL_INFO, VISION_INFO = full_name('LabelInfo'), full_name('VisionInfo')
_DIAGNOSTICS = 'diagnostic_msgs/msg/DiagnosticArray'


@dataclass(frozen=True)
class BagIndex:
    """
    The stamps of a bag's boxes and images, and what tells about them.

    :param path: of the bag
    :param types: topic -> message type, of all topics with messages
    :param stamps: topic -> (N,) int64 nanoseconds of the headers, in the order of the bag
    :param received: topic -> (N,) int64 nanoseconds, when the recorder got them
    :param labels: LabelInfo topic -> label -> name
    :param classes: VisionInfo topic -> class_id -> name, None where it is no JSON in place
    :param class_ids: topic of boxes -> the class ids that occur before a VisionInfo names
        them
    :param sizes: image topic -> (height, width) of its first image that can be decoded
    :param diagnostics: what the node said of itself
    :param notes: lines about what could not be read
    """

    path: Path
    types: Mapping[str, str]
    stamps: Mapping[str, np.ndarray]
    received: Mapping[str, np.ndarray]
    labels: Mapping[str, Mapping[int, str]]
    classes: Mapping[str, Optional[Mapping[str, str]]]
    class_ids: Mapping[str, frozenset]
    sizes: Mapping[str, tuple[int, int]]
    diagnostics: DiagnosticSeries
    notes: tuple[str, ...]

    @staticmethod
    def nothing(path: Path) -> 'BagIndex':
        """Return the index of a bag that holds nothing of the kind."""
        return BagIndex(path, {}, {}, {}, {}, {}, {}, {}, DiagnosticSeries(), ())

    def topics(self, *msgtypes: str) -> list[str]:
        """Return the topics of these types, in the order of their names."""
        return sorted(topic for topic, msgtype in self.types.items() if msgtype in msgtypes)


def index_bag(path: Path, progress: Callable[[], Any] = lambda: None) -> BagIndex:
    """
    Read a bag once.

    :param path: as open_recording takes it
    :param progress: called after each message
    :raises InputError: if it is missing or cannot be read
    """
    if not path.exists():
        raise InputError(f'{path} does not exist')
    recording = open_recording(path)
    try:
        reader = _Reader(recording)
        for message in recording.messages():
            reader.take(message)
            progress()
        return reader.index(path)
    finally:
        recording.close()


@dataclass
class _Reader:
    recording: Recording
    stamps: dict = field(default_factory=dict)
    received: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    classes: dict = field(default_factory=dict)
    class_ids: dict = field(default_factory=dict)
    sizes: dict = field(default_factory=dict)
    diagnostics: DiagnosticSeries = field(default_factory=DiagnosticSeries)

    def take(self, message: StoredMessage) -> None:
        """Look at one message."""
        channel = message.channel
        if channel.encoding != 'cdr':
            return
        if channel.msgtype == BOXES or channel.msgtype in IMAGE_TYPES:
            self.stamps.setdefault(channel.topic, array('q')).append(
                stamp_in(message))
            self.received.setdefault(channel.topic, array('q')).append(message.time_ns)
        if channel.msgtype == BOXES:
            self._take_class_ids(message)
        elif channel.msgtype in IMAGE_TYPES and channel.topic not in self.sizes:
            self._take_size(message)
        elif channel.msgtype == LABEL_INFO:
            self.labels[channel.topic] = names_of_label_info(deserialised(message))
        elif channel.msgtype == VISION_INFO:
            self.classes[channel.topic] = names_of_vision_info(deserialised(message))
        elif channel.msgtype == _DIAGNOSTICS:
            self.diagnostics.take(message.time_ns, deserialised(message))

    def _take_class_ids(self, message: StoredMessage) -> None:
        # To look into every message takes long; it is for those that nothing names.
        topic = message.channel.topic
        ids = self.class_ids.setdefault(topic, set())
        if not any(names and info.rpartition('/')[0] == topic.rpartition('/')[0]
                   for info, names in self.classes.items()):
            ids.update(result.hypothesis.class_id for one in deserialised(message).detections
                       for result in one.results)

    def _take_size(self, message: StoredMessage) -> None:
        try:
            image = decode(deserialised(message), decode_with_rosbags)
        except BadImage:
            return
        self.sizes[message.channel.topic] = image.shape[:2]

    def index(self, path: Path) -> BagIndex:
        """Return all of it."""
        arrays = [{topic: np.array(values, np.int64) for topic, values in part.items()}
                  for part in (self.stamps, self.received)]
        return BagIndex(
            path=path, types={one.topic: one.msgtype for one in self.recording.channels
                              if one.count or one.topic in self.stamps},
            stamps=arrays[0], received=arrays[1], labels=self.labels, classes=self.classes,
            class_ids={topic: frozenset(ids) for topic, ids in self.class_ids.items()},
            sizes=self.sizes, diagnostics=self.diagnostics, notes=tuple(self.recording.notes))


def stamp_in(message: StoredMessage) -> int:
    """
    Return the stamp of a stored message with a header, nanoseconds.

    :raises InputError: naming the topic, if it has none
    """
    try:
        return stamp_of(message.data)
    except InputError as error:
        raise InputError(f'{message.channel.topic}: {error}') from error


def deserialised(message: StoredMessage) -> Any:
    """
    Return a stored message as a rosbags object.

    :raises InputError: naming the topic, if the bytes are no such message
    """
    channel: Channel = message.channel
    try:
        return rosbags_typestore().deserialize_cdr(message.data, channel.msgtype)
    # The bytes are foreign: the deserialiser fails in any way on them.
    except Exception as error:
        raise InputError(f'{channel.topic}: a message of {len(message.data)} bytes is no '
                         f'{channel.msgtype} as it is since Humble: '
                         f'{one_line(error)}') from error

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

"""A video as the bag source that a recording of it would be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Sequence

import numpy as np

from triplenet_ros.bag.images import CompressedImages, FIRST_STAMP_NS, FRAME_ID
from triplenet_ros.bag.stored import Frame, StoredMessage
from triplenet_ros.bag.video import Video
from triplenet_ros.messages.message_types import rosbags_types


@dataclass(frozen=True)
class VideoMessage(StoredMessage):
    """
    A message that was made from a picture of a video.

    :param picture: (H, W, 3) uint8 RGB
    """

    picture: np.ndarray


class VideoSource:
    """
    The frames of a video, each stamped by its own time, the first by 1 s.

    The messages that are passed on hold JPEGs; what is looked at are the video's own pictures.
    """

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self.name = str(path)
        self._video = Video(path)
        self._images = CompressedImages()
        self.image_channel = self._images.channel
        self.frame_count = self._video.frame_count
        self.frame_rate = self._video.frame_rate

    @property
    def notes(self) -> Sequence[str]:
        """Lines about what could not be read."""
        return self._video.notes

    def messages(self) -> Iterator[StoredMessage]:
        """Yield one CompressedImage for each frame."""
        for time_ns, picture in self._video.frames():
            made = self._images.message(picture, FIRST_STAMP_NS + time_ns)
            yield VideoMessage(made.channel, made.time_ns, made.data, picture)

    def decode(self, message: VideoMessage) -> Frame:
        """Return the picture that the message was made from."""
        header = rosbags_types().header(message.time_ns, FRAME_ID)
        return Frame(message.time_ns, header, message.picture)

    def __enter__(self) -> 'VideoSource':
        """Use it."""
        return self

    def __exit__(self, *exception: Any) -> None:
        """Release the file."""
        self._video.close()

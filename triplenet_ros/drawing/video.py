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

"""Pictures -> a video file."""

from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional

import cv2
import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.opencv_files import opencv_name, silent_opencv
from triplenet_ros.outputs import NotWritten, replacing


class VideoFile:
    """
    Appends pictures to a video; all get the size of the first.

    :param path: ``.mp4``
    :param frame_rate: pictures per second
    """

    def __init__(self, path: Path, frame_rate: float) -> None:
        """Open nothing yet: the size comes with the first picture."""
        self._path = path
        self._rate = frame_rate
        self._writer: Optional[cv2.VideoWriter] = None
        self._size = (0, 0)
        self._count = 0

    def add(self, picture: np.ndarray) -> None:
        """
        Append a picture.

        :param picture: (H, W, 3) uint8 RGB
        """
        if self._writer is None:
            self._open(picture)
        if picture.shape[1::-1] != self._size:
            picture = cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA)
        with silent_opencv():
            self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        self._count += 1

    def _open(self, picture: np.ndarray) -> None:
        # The codec halves the colours: an odd row or column has no place in it.
        self._size = tuple(max(2, side - side % 2) for side in picture.shape[1::-1])
        with silent_opencv(), opencv_name(self._path) as name:
            self._writer = cv2.VideoWriter(
                name, cv2.VideoWriter_fourcc(*'mp4v'), self._rate, self._size)
        if not self._writer.isOpened():
            raise NotWritten(self._path, 'this OpenCV has no mp4v encoder for it, or there is no '
                             'room')

    def close(self) -> None:
        """Complete the file."""
        if self._writer is not None:
            with silent_opencv():
                self._writer.release()

    def check(self) -> None:
        """
        Look whether the file holds what was appended: OpenCV says nothing of a full disk.

        :raises NotWritten: if it does not
        """
        if self._writer is None:
            raise NotWritten(self._path, 'the video has no picture')
        with silent_opencv(), opencv_name(self._path) as name:
            capture = cv2.VideoCapture(name)
            found = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
            capture.release()
        if found != self._count:
            raise NotWritten(self._path, f'{found} of {self._count} pictures arrived in the file, '
                             'as on a full disk')


def check_video_name(path: Path) -> None:
    """
    Refuse a name that is not that of a video.

    :raises InputError: if it does not end in .mp4
    """
    if path.suffix != '.mp4':
        raise InputError(f'{path} cannot be written as a video: the name must end in .mp4')


@contextmanager
def video_file(path: Path, frame_rate: float, overwrite: bool = False) -> Iterator[VideoFile]:
    """
    Give a video that takes its place when the block succeeds, and vanishes when it raises.

    :param path: ``.mp4``
    :param frame_rate: pictures per second
    :raises InputError: if the name is another, it exists and may not be replaced, or its folder
        cannot be written
    """
    path = Path(path)
    check_video_name(path)
    with replacing(path, overwrite) as temporary:
        video = VideoFile(temporary, frame_rate)
        try:
            yield video
        finally:
            video.close()
        video.check()

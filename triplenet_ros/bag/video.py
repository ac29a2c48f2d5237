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

"""Video files as pictures."""

import os
from pathlib import Path
from typing import Iterator

import cv2
import numpy as np

from triplenet_ros.errors import InputError

DEFAULT_RATE = 25.0


class Video:
    """
    The pictures of a video file.

    :param path: any file that OpenCV's FFmpeg reads
    :raises InputError: if it is no video or has no frame
    """

    def __init__(self, path: Path) -> None:
        """Read the first picture: only then it is known to be a video."""
        self._path = path
        self._capture = _capture(path)
        readable, self._first = self._capture.read()
        if not readable:
            opened = self._capture.isOpened()
            self.close()
            raise InputError(f'{path} is a video of zero frames' if opened else
                             f'{path} is neither a bag (folder, .mcap, .db3, .bag) nor a video '
                             'that OpenCV can read')
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.frame_rate = rate if 0 < rate < 1000 else DEFAULT_RATE
        self.frame_count = max(int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)), 1)

    def pictures(self) -> Iterator[np.ndarray]:
        """Yield (H, W, 3) uint8 RGB pictures; once."""
        picture = self._first
        while picture is not None:
            yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            _, picture = self._capture.read()

    def close(self) -> None:
        """Release the file."""
        self._capture.release()


def _capture(path: Path) -> cv2.VideoCapture:
    # FFmpeg writes its own words on stderr otherwise, where one line of ours is enough.
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')
    level = cv2.getLogLevel() if hasattr(cv2, 'getLogLevel') else None
    if level is None:
        return cv2.VideoCapture(str(path))
    cv2.setLogLevel(0)
    try:
        return cv2.VideoCapture(str(path))
    finally:
        cv2.setLogLevel(level)

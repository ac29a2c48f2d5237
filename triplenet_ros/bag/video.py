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

import math
from pathlib import Path
from typing import Iterator

import cv2
import numpy as np

from triplenet_ros.bag.foreign_file import check_file, what_it_is
from triplenet_ros.data.imagefile import MAX_PIXELS
from triplenet_ros.errors import InputError
from triplenet_ros.opencv_files import opencv_name, silent_opencv

DEFAULT_RATE = 25.0


class Video:
    """
    The pictures of a video file.

    :param path: any file that OpenCV's FFmpeg reads
    :raises InputError: if it is no video, has no frame, or larger ones than any camera's
    """

    def __init__(self, path: Path) -> None:
        """Read the first picture: only then it is known to be a video."""
        check_file(path)
        self._path = path
        self._capture = _capture(path)
        self.notes: list = []
        try:
            self._check_size()
            readable, self._first = self._capture.read()
            if not readable:
                raise InputError(self._refusal())
        except BaseException:
            self.close()
            raise
        self._start = self._position()
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.frame_rate = rate if 0 < rate < 1000 else DEFAULT_RATE
        self._promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frame_count = max(int(self._promised), 1)

    def _check_size(self) -> None:
        width, height = (int(self._capture.get(side)) for side in (
            cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > MAX_PIXELS:
            raise InputError(f'{self._path} has pictures of {width}x{height} pixels, at most '
                             f'{MAX_PIXELS} are decoded')

    def _refusal(self) -> str:
        foreign = what_it_is(self._path)
        if foreign is not None:
            return f'{self._path} {foreign}'
        if self._capture.isOpened():
            return f'{self._path} is a video of zero frames'
        return (f'{self._path} is neither a bag (folder, .mcap, .db3, .bag) nor a video that '
                'OpenCV can read')

    def _position(self) -> float:
        """Return the time of the picture that was read last, milliseconds."""
        return self._capture.get(cv2.CAP_PROP_POS_MSEC)

    def frames(self) -> Iterator[tuple[int, np.ndarray]]:
        """
        Yield (nanoseconds since the first, (H, W, 3) uint8 RGB picture); once.

        The time is each picture's own: many cameras, phones and screen recorders do not keep to
        a rate. Where the file does not say it, it is that of the rate.
        """
        picture, time_ns, count = self._first, 0, 0
        while picture is not None:
            yield time_ns, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            count += 1
            readable, picture = self._capture.read()
            if readable:
                time_ns = self._next_time(time_ns)
        self._note_missing(count, time_ns)

    def _next_time(self, last_ns: int) -> int:
        since = self._position() - self._start
        time_ns = round(since * 1e6) if math.isfinite(since) else 0
        return time_ns if time_ns > last_ns else last_ns + round(1e9 / self.frame_rate)

    def _note_missing(self, count: int, last_ns: int) -> None:
        # Some files say but roughly how many they have: what counts is whether the end was
        # reached in time too.
        lacking = self._promised / self.frame_rate - last_ns / 1e9
        if count + 1 < self._promised < 1e9 and lacking > 2.5 / self.frame_rate:
            self.notes.append(f'{self._path} is truncated: it promises {self._promised:.0f} '
                              f'frames, the {count} before its end are used')

    def pictures(self) -> Iterator[np.ndarray]:
        """Yield (H, W, 3) uint8 RGB pictures; once."""
        for _, picture in self.frames():
            yield picture

    def close(self) -> None:
        """Release the file."""
        self._capture.release()


def _capture(path: Path) -> cv2.VideoCapture:
    with silent_opencv(), opencv_name(path) as name:
        return cv2.VideoCapture(name)

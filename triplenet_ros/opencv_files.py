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

"""OpenCV and files: in silence, and by names that it can take."""

from contextlib import contextmanager
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Iterator

import cv2


_LOCK, _SILENT = Lock(), []


@contextmanager
def silent_opencv() -> Iterator[None]:
    """Let nothing be said in the block: what is wrong is found out and told in one line."""
    os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')
    # OpenCV 5 and some of 4 have it there, others of 4 here, the oldest nowhere.
    log = getattr(getattr(cv2, 'utils', None), 'logging', cv2)
    if not hasattr(log, 'getLogLevel'):
        yield
        return
    with _LOCK:  # of threads whose blocks overlap the last one to leave restores what was set
        _SILENT.append(log.getLogLevel())
        log.setLogLevel(0)
    try:
        yield
    finally:
        with _LOCK:
            log.setLogLevel(_SILENT.pop())


@contextmanager
def opencv_name(path: Path) -> Iterator[str]:
    """
    Give a name by which OpenCV can open a file: one that is no UTF-8 makes it crash.

    :param path: of a file, existing or to be made
    """
    try:
        path.as_posix().encode()
    except UnicodeEncodeError:
        with TemporaryDirectory(prefix='triplenet_ros-') as folder:
            link = Path(folder, 'file.mp4')
            link.symlink_to(path.absolute())
            yield str(link)
    else:
        yield str(path)

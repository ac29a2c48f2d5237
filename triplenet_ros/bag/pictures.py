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

"""Image files, folders of them, and videos as pictures in order."""

from functools import partial
from pathlib import Path
import re
from typing import Callable, Iterator, Protocol, Sequence

import numpy as np

from triplenet_ros.bag.video import Video
from triplenet_ros.data.imagefile import is_companion, read_rgb
from triplenet_ros.errors import InputError

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.ppm', '.pgm', '.tif', '.tiff', '.webp',
                  '.avif', '.jp2')
FOLDER_RATE = 10.0

Read = Callable[[], np.ndarray]


class Pictures(Protocol):
    """
    Pictures in order.

    :param frame_count: how many to expect
    :param frame_rate: pictures per second
    :param notes: lines about what is passed over, growing while they are read
    """

    frame_count: int
    frame_rate: float
    notes: list

    def frames(self) -> Iterator[tuple[int, np.ndarray]]:
        """
        Yield (nanoseconds since the first, (H, W, 3) uint8 RGB picture); once.

        :raises InputError: at one that cannot be decoded
        """

    def named(self) -> Iterator[tuple[str, Read]]:
        """Yield a name for the picture's files, and a function that decodes it; once."""

    def close(self) -> None:
        """Release the files."""


def open_pictures(path: Path) -> Pictures:
    """
    Open an image, a folder of images, or a video.

    :raises InputError: if it is missing, cannot be read, or is empty
    """
    if not path.exists():
        raise InputError(f'{path} does not exist')
    if path.is_dir():
        return ImageFiles(image_files(path), _notes(path))
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFiles([path])
    return VideoPictures(path)


class ImageFiles:
    """
    Image files in the order given.

    :param files: their paths
    :param notes: lines about others
    """

    def __init__(self, files: list, notes: Sequence[str] = ()) -> None:
        """Open nothing yet."""
        self._files = files
        self.notes = list(notes)
        self.frame_count = len(files)
        self.frame_rate = FOLDER_RATE

    def frames(self) -> Iterator[tuple[int, np.ndarray]]:
        """
        Yield (nanoseconds since the first, (H, W, 3) uint8 RGB picture).

        :raises InputError: at a file that is no image
        """
        for index, file in enumerate(self._files):
            yield round(index * 1e9 / self.frame_rate), read_rgb(file)

    def named(self) -> Iterator[tuple[str, Read]]:
        """Yield the name of each file and a function that decodes it."""
        stems = [file.stem for file in self._files]
        for file in self._files:
            # a.jpg beside a.png: what is made of them must not overwrite each other.
            name = file.stem if stems.count(file.stem) == 1 else file.name
            yield name, partial(read_rgb, file)

    def close(self) -> None:
        """Nothing stays open between two images."""


class VideoPictures(Video):
    """The pictures of a video, named by their index."""

    def named(self) -> Iterator[tuple[str, Read]]:
        """Yield the index of each picture and a function that gives it."""
        for index, picture in enumerate(self.pictures()):
            yield f'{index:06d}', lambda picture=picture: picture


def image_files(folder: Path) -> list:
    """
    Return the image files of a folder, numbers in their names in the order of their values.

    :raises InputError: if there is none
    """
    files = [file for file in _with_suffix(folder) if not is_companion(file)]
    if not files:
        raise InputError(f'{folder} holds no images ({", ".join(IMAGE_SUFFIXES)})')
    return sorted(files, key=lambda file: by_numbers(file.name))


def _with_suffix(folder: Path) -> list:
    return [file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES]


def _notes(folder: Path) -> list:
    companions = sorted(file.name for file in _with_suffix(folder) if is_companion(file))
    return [f'{folder}: files that macOS keeps beside others are passed over, {len(companions)} '
            f'in all: {companions[0]}'] if companions else []


def by_numbers(name: str) -> list:
    """Return what to sort names by, so that numbers in them are in the order of their values."""
    return [(int(part) if part.isdigit() else 0, part) for part in re.split(r'([0-9]+)', name)]

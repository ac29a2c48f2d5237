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

"""Image and label files as arrays."""

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
import logging
from pathlib import Path
from typing import Iterator
import warnings

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.data.bit_depth import BitDepth
from triplenet_ros.data.jpeg_scans import check_scans
from triplenet_ros.errors import InputError
from triplenet_ros.opencv_files import silent_opencv

MAX_PIXELS = 1 << 27
"""Of a picture; the largest cameras have 151 million, those on vehicles 8 million."""

_tell_once = lru_cache(maxsize=None)(logging.getLogger('triplenet_ros').warning)

_FORMATS = ('AVIF', 'BMP', 'GIF', 'JPEG', 'JPEG2000', 'PNG', 'PPM', 'TIFF', 'WEBP')


def is_companion(path: Path) -> bool:
    """Tell whether a file is what macOS keeps beside another one, of its name after ``._``."""
    return path.name.startswith('._')


def read_rgb(path: Path) -> np.ndarray:
    """
    Read an image file of any format OpenCV knows.

    :param path: the file; names outside ASCII are fine on every platform
    :returns: (H, W, 3) uint8 RGB; more than 8 bits are scaled by what they hold
    :raises InputError: if the file cannot be read, is no image, or larger than any camera's
    """
    data = _bytes_of(path)
    try:
        picture = decode_picture(data, turned=True)
        image = BitDepth(_tell_once).narrow(picture.pixels, 'an image file')
    except InputError as error:
        raise InputError(f'{path} {error}') from error
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_labels(path: Path) -> np.ndarray:
    """
    Read the label of every pixel from a PNG, grey or with a palette.

    :param path: the file
    :returns: (H, W) uint8, the numbers as they stand in the file
    :raises InputError: if the file cannot be read or holds colours instead of labels
    """
    data = _bytes_of(path)
    try:
        with _opened(data) as picture:
            # A palette only colours the labels for viewers: the indices are what counts.
            if picture.mode not in ('L', 'P', '1'):
                raise InputError(f'is not a label image: its pixels are {picture.mode}, expected '
                                 'one 8-bit number each')
            return np.array(picture).astype(np.uint8)
    except InputError as error:
        raise InputError(f'{path} {error}') from error


def check_labels(path: Path, labels: np.ndarray, height: int, width: int, classes: int) -> None:
    """
    Refuse labels that do not fit their image or their classes.

    :param path: of the labels, for the message
    :param labels: (H, W) uint8
    :param height: of the image
    :param width: of the image
    :param classes: how many there are; 255 is allowed too
    :raises InputError: naming the file, and the size or the label
    """
    if labels.shape != (height, width):
        raise InputError(f'{path} is {labels.shape[1]}x{labels.shape[0]}, '
                         f'its image is {width}x{height}')
    wrong = labels[(labels >= classes) & (labels != UNLABELLED)]
    if wrong.size:
        raise InputError(f'{path} holds the label {wrong[0]}, allowed are 0 .. {classes - 1} '
                         f'and {UNLABELLED}')


def _bytes_of(path: Path) -> np.ndarray:
    if path.exists() and not path.is_file():
        raise InputError(f'{path} cannot be read: it is no ordinary file')
    try:
        return np.fromfile(path, dtype=np.uint8)
    except FileNotFoundError:
        raise InputError(f'{path} is missing') from None
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error


@dataclass(frozen=True)
class Picture:
    """
    A decoded image file.

    :param pixels: (H, W, 3) BGR, uint8 or as the file has it
    :param grey: whether the file holds one number for each pixel, and so three equal ones here
    """

    pixels: np.ndarray
    grey: bool


def decode_picture(data: np.ndarray, turned: bool) -> Picture:
    """
    Decode the bytes of an image file, if it is not larger than any camera's.

    :param data: uint8
    :param turned: whether a tag that says how the camera was held is followed
    :raises InputError: if it is no image, damaged, larger than MAX_PIXELS, or of too many scans
    """
    with _opened(data) as header:
        kind, mode, size = header.format, header.mode, header.width * header.height
    check_scans(data, size)
    pixels, flags = None, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    with silent_opencv(), suppress(cv2.error):
        pixels = cv2.imdecode(data, flags if turned else flags | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise InputError(f'is not an image that can be decoded: a damaged {kind}, or one of a '
                         'sort that this OpenCV lacks')
    return Picture(pixels, mode in ('1', 'L', 'F') or mode.startswith('I'))


@contextmanager
def _opened(data: np.ndarray) -> Iterator[Image.Image]:
    """
    Give a picture whose header was read; one that would fill the memory is refused before it does.

    :raises InputError: if it is no image, damaged, or larger than MAX_PIXELS
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            with Image.open(BytesIO(data.data), formats=_known_formats()) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _too_large()
                yield picture
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise _too_large() from None
    except UnidentifiedImageError:
        raise InputError('is not an image that can be decoded (known are '
                         f'{", ".join(_known_formats())})') from None
    # A damaged file: the library raises anything from SyntaxError to struct.error.
    except Exception:
        raise InputError('is not an image that can be decoded') from None


def _too_large() -> InputError:
    return InputError(f'has more than {MAX_PIXELS} pixels, the most that is decoded')


@lru_cache(maxsize=None)
def _known_formats() -> list[str]:
    """Return those that the Pillow installed has: asked for another, it opens nothing at all."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]

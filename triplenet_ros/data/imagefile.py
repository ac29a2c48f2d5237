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

from pathlib import Path
from typing import Optional

import cv2
import numpy as np
from PIL import Image

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.errors import InputError


def read_rgb(path: Path) -> np.ndarray:
    """
    Read an image file of any format OpenCV knows.

    :param path: the file; names outside ASCII are fine on every platform
    :returns: (H, W, 3) uint8 RGB
    :raises InputError: if the file cannot be read or is no image
    """
    image = _decode(_bytes_of(path))
    if image is None:
        raise InputError(f'{path} is not an image that can be decoded')
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_labels(path: Path) -> np.ndarray:
    """
    Read the label of every pixel from a PNG, grey or with a palette.

    :param path: the file
    :returns: (H, W) uint8, the numbers as they stand in the file
    :raises InputError: if the file cannot be read or holds colours instead of labels
    """
    try:
        with Image.open(path) as picture:
            # A palette only colours the labels for viewers: the indices are what counts.
            if picture.mode not in ('L', 'P', '1'):
                raise InputError(f'{path} is not a label image: its pixels are '
                                 f'{picture.mode}, expected one 8-bit number each')
            return np.array(picture).astype(np.uint8)
    except FileNotFoundError:
        raise InputError(f'{path} is missing') from None
    except (OSError, SyntaxError) as error:
        raise InputError(f'{path} is not a label image that can be decoded') from error


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
    try:
        return np.fromfile(path, dtype=np.uint8)
    except FileNotFoundError:
        raise InputError(f'{path} is missing') from None
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error


def _decode(data: np.ndarray) -> Optional[np.ndarray]:
    try:
        return cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:
        return None

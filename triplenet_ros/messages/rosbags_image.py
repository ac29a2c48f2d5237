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

"""Bayer and packed YUV images through rosbags-image: the fallback where there is no cv_bridge."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from triplenet_ros.errors import one_line
from triplenet_ros.messages.decode import BadImage


def decode_with_rosbags(message: Any) -> np.ndarray:
    """
    Return the picture of a rosbags Image of any encoding that rosbags-image knows.

    :param message: sensor_msgs Image with at least ``step * height`` bytes
    :returns: (H, W, 3) uint8 RGB
    :raises BadImage: if the encoding is unknown, is no colour or grey image, or the step is small
    """
    from rosbags.image import ImageError, message_to_cvimage

    try:
        return np.ascontiguousarray(message_to_cvimage(_without_padding(message), 'rgb8'))
    except (ImageError, cv2.error) as error:
        raise BadImage('unknown encoding', f'encoding is {message.encoding!r}: '
                       f'{one_line(error)}') from error


def _without_padding(message: Any) -> Any:
    """Return the message with rows that follow each other: rosbags-image takes step as given."""
    from rosbags.image.image import to_cvtype

    _, _, dtype, channels = to_cvtype(message.encoding)
    row = message.width * channels * np.dtype(dtype).itemsize
    if message.step < row:
        raise BadImage('small step', f'step is {message.step} bytes, a row of {message.width} '
                       f'{message.encoding} pixels needs {row}')
    rows = np.frombuffer(message.data, np.uint8)[:message.step * message.height]
    rows = rows.reshape(message.height, message.step)[:, :row]
    return replace(message, step=row, data=np.ascontiguousarray(rows).ravel())

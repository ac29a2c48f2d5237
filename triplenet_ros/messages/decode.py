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

"""Image messages -> RGB arrays, for rosbags' and rclpy's message classes alike."""

from typing import Any, Callable, Optional

import cv2
import numpy as np

from triplenet_ros.errors import InputError

Fallback = Callable[[Any], np.ndarray]

_CHANNELS = {'rgb8': 3, 'bgr8': 3, '8UC3': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1, '8UC1': 1}

_TO_RGB = {
    'bgr8': cv2.COLOR_BGR2RGB,
    # A bare matrix says nothing about its colours; OpenCV's own order is BGR.
    '8UC3': cv2.COLOR_BGR2RGB,
    'rgba8': cv2.COLOR_RGBA2RGB,
    'bgra8': cv2.COLOR_BGRA2RGB,
    'mono8': cv2.COLOR_GRAY2RGB,
    '8UC1': cv2.COLOR_GRAY2RGB,
}


class BadImage(InputError):
    """
    An image message that cannot be used.

    :param cause: a few words that are the same for every image with this fault, to count by
    :param text: one line that names the values
    """

    def __init__(self, cause: str, text: str) -> None:
        """Keep the cause beside the text."""
        super().__init__(text)
        self.cause = cause


def decode(message: Any, fallback: Optional[Fallback] = None) -> np.ndarray:
    """
    Return the picture of a sensor_msgs Image or CompressedImage.

    An rgb8 image is a view into the message; treat the result as read-only.

    :param message: of rosbags or of rclpy
    :param fallback: gets an Image of an encoding that is not one of the plain 8-bit ones, its
        size and data length already checked, and returns (H, W, 3) uint8 RGB; None refuses it
    :returns: (H, W, 3) uint8 RGB
    :raises BadImage: if the message contradicts itself or cannot be decoded
    """
    if hasattr(message, 'encoding'):
        return _decode_raw(message, fallback)
    return _decode_compressed(message)


def _decode_raw(message: Any, fallback: Optional[Fallback]) -> np.ndarray:
    height, width, step = message.height, message.width, message.step
    if height == 0 or width == 0:
        raise BadImage('size 0', f'image is {width}x{height} pixels')
    data = np.frombuffer(message.data, np.uint8)
    if len(data) < step * height:
        raise BadImage(
            'short data', f'data is {len(data)} bytes, step x height needs {step * height}')
    channels = _CHANNELS.get(message.encoding)
    if channels is None:
        return _decode_other(message, fallback)
    if step < width * channels:
        raise BadImage('small step', f'step is {step} bytes, a row of {width} {message.encoding} '
                       f'pixels needs {width * channels}')
    rows = data[:step * height].reshape(height, step)[:, :width * channels]
    pixels = rows.reshape(height, width, channels)
    if message.encoding == 'rgb8':
        return pixels
    return cv2.cvtColor(pixels, _TO_RGB[message.encoding])


def _decode_other(message: Any, fallback: Optional[Fallback]) -> np.ndarray:
    if fallback is None:
        raise BadImage('unknown encoding', f'encoding is {message.encoding!r}, known are '
                       f'{", ".join(sorted(_CHANNELS))}')
    return fallback(message)


def _decode_compressed(message: Any) -> np.ndarray:
    data = np.frombuffer(message.data, np.uint8)
    # The pixels as the camera sent them: a rotation tag would part them from its calibration.
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        picture = cv2.imdecode(data, flags) if data.size else None
    except cv2.error:
        picture = None
    if picture is None:
        raise BadImage('undecodable', f'compressed image of {data.size} bytes with format '
                       f'{message.format!r} cannot be decoded')
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)

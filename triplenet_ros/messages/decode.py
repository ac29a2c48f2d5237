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

from dataclasses import dataclass
import logging
import re
from typing import Any, Callable, Optional

import cv2
import numpy as np

from triplenet_ros.data.bit_depth import BitDepth, Tell
from triplenet_ros.data.imagefile import decode_picture
from triplenet_ros.errors import InputError
from triplenet_ros.messages import planar

Fallback = Callable[[Any], np.ndarray]

_LOG = logging.getLogger('triplenet_ros')

_CHANNELS = {'rgb8': 3, 'bgr8': 3, '8UC3': 3, 'rgba8': 4, 'bgra8': 4, '8UC4': 4, 'mono8': 1,
             '8UC1': 1}

_TO_RGB = {
    'bgr8': cv2.COLOR_BGR2RGB,
    # A bare matrix says nothing about its colours; OpenCV's own order is BGR.
    '8UC3': cv2.COLOR_BGR2RGB,
    'rgba8': cv2.COLOR_RGBA2RGB,
    'bgra8': cv2.COLOR_BGRA2RGB,
    '8UC4': cv2.COLOR_BGRA2RGB,
    'mono8': cv2.COLOR_GRAY2RGB,
    '8UC1': cv2.COLOR_GRAY2RGB,
}

# More than 8 bits: type and number of values of a pixel, and the encoding of the same in 8 bits.
_DEEP = {
    'mono16': ('u2', 1, 'mono8'), 'rgb16': ('u2', 3, 'rgb8'), 'bgr16': ('u2', 3, 'bgr8'),
    'rgba16': ('u2', 4, 'rgba8'), 'bgra16': ('u2', 4, 'bgra8'), '16UC3': ('u2', 3, '8UC3'),
    '16UC4': ('u2', 4, '8UC4'), '32FC3': ('f4', 3, '8UC3'), '32FC4': ('f4', 4, '8UC4'),
    '64FC3': ('f8', 3, '8UC3'), '64FC4': ('f8', 4, '8UC4'),
    **{f'bayer_{order}16': ('u2', 1, f'bayer_{order}8')
       for order in ('rggb', 'bggr', 'gbrg', 'grbg')}}

# What the first row of pixels begins with: OpenCV names the pattern by its second row.
_BAYER = {'rggb': cv2.COLOR_BayerBG2RGB, 'bggr': cv2.COLOR_BayerRG2RGB,
          'gbrg': cv2.COLOR_BayerGR2RGB, 'grbg': cv2.COLOR_BayerGB2RGB}

_MATRIX = re.compile(r'(8|16|32|64)[USF]C[0-9]+')


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


class Decoder:
    """
    Gives the pictures of a stream of sensor_msgs Image or CompressedImage messages.

    The plain 8-bit encodings, planes of YUV, and what has more than 8 bits are read here.

    :param fallback: gets an Image of an encoding that is none of these, its size and data length
        already checked, and returns (H, W, 3) uint8 RGB; None refuses it
    :param tell: gets a line wherever pictures are not scaled as their encoding says
    """

    def __init__(self, fallback: Optional[Fallback] = None, tell: Tell = _LOG.warning) -> None:
        """Begin with nothing seen."""
        self._fallback = fallback
        self._depth = BitDepth(tell)

    def __call__(self, message: Any) -> np.ndarray:
        """
        Return the picture of a message.

        An rgb8 image is a view into the message; treat the result as read-only.

        :param message: of rosbags or of rclpy
        :returns: (H, W, 3) uint8 RGB
        :raises BadImage: if the message contradicts itself or cannot be decoded
        """
        if hasattr(message, 'encoding'):
            return self._decode_raw(message)
        return self._decode_compressed(message)

    def _decode_raw(self, message: Any) -> np.ndarray:
        encoding = message.encoding
        _check_size(message)
        if encoding in _CHANNELS:
            return _decode_plain(message)
        if encoding in _DEEP:
            return self._decode_raw(self._narrowed(message))
        if planar.is_planar(encoding):
            return _decode_planar(message)
        if self._fallback is None or _MATRIX.fullmatch(encoding):
            raise BadImage('unknown encoding', f'encoding is {encoding!r}, known are '
                           f'{", ".join(sorted((*_CHANNELS, *_DEEP, *planar.LAYOUTS)))}')
        return self._fallback(message)

    def _narrowed(self, message: Any) -> '_Narrow':
        """Return the message of the same picture in 8 bits."""
        kind, channels, encoding = _DEEP[message.encoding]
        dtype = np.dtype(kind).newbyteorder('>' if message.is_bigendian else '<')
        values = _rows(message, channels * dtype.itemsize).view(dtype)
        try:
            data = self._depth.narrow(values.astype(dtype.newbyteorder('=')), message.encoding)
        except InputError as error:
            raise BadImage('unknown encoding', str(error)) from error
        return _Narrow(message.height, message.width, encoding, 0, data.shape[1], data.ravel())

    def _decode_compressed(self, message: Any) -> np.ndarray:
        if 'compressedDepth' in message.format:
            raise BadImage('depth', f'compressed image with format {message.format!r} holds '
                           'distances and no picture')
        data = np.frombuffer(message.data, np.uint8)
        try:
            # The pixels as the camera sent them: a rotation tag would part them from its
            # calibration.
            picture = decode_picture(data, turned=False)
            pixels = self._depth.narrow(picture.pixels, message.format)
        except InputError as error:
            raise BadImage('undecodable', f'compressed image of {data.size} bytes with format '
                           f'{message.format!r} {error}') from error
        pattern = _mosaic(message.format)
        if pattern is not None and picture.grey:
            return cv2.cvtColor(np.ascontiguousarray(pixels[..., 0]), _BAYER[pattern])
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def decode(message: Any, fallback: Optional[Fallback] = None) -> np.ndarray:
    """Return the picture of a single message, as ``Decoder`` does."""
    return Decoder(fallback)(message)


@dataclass(frozen=True)
class _Narrow:
    """The fields of an Image that a decoder looks at."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: np.ndarray


def _check_size(message: Any) -> None:
    height, width, step = message.height, message.width, message.step
    if height == 0 or width == 0:
        raise BadImage('size 0', f'image is {width}x{height} pixels')
    size = memoryview(message.data).nbytes
    if size < step * height:
        raise BadImage('short data', f'data is {size} bytes, step x height needs {step * height}')


def _check_step(message: Any, pixel: int) -> None:
    step, width = message.step, message.width
    if step < width * pixel:
        raise BadImage('small step', f'step is {step} bytes, a row of {width} {message.encoding} '
                       f'pixels needs {width * pixel}')


def _rows(message: Any, pixel: int) -> np.ndarray:
    """Return (H, W * pixel) uint8 without the padding: ``pixel`` bytes of each."""
    height, width, step = message.height, message.width, message.step
    _check_step(message, pixel)
    data = np.frombuffer(message.data, np.uint8)[:step * height]
    rows = data.reshape(height, step)[:, :width * pixel]
    return rows if pixel == 1 or step == width * pixel else np.ascontiguousarray(rows)


def _decode_plain(message: Any) -> np.ndarray:
    channels = _CHANNELS[message.encoding]
    pixels = _rows(message, channels).reshape(message.height, message.width, channels)
    if message.encoding == 'rgb8':
        return pixels
    return cv2.cvtColor(pixels, _TO_RGB[message.encoding])


def _decode_planar(message: Any) -> np.ndarray:
    data = np.frombuffer(message.data, np.uint8)
    _check_step(message, 1)
    try:
        return planar.to_rgb(data, message.height, message.width, message.step, message.encoding)
    except InputError as error:
        raise BadImage('short data', str(error)) from error


def _mosaic(text: str) -> Optional[str]:
    """
    Return the pattern of a compressed image that is the mosaic of the sensor.

    image_transport compresses it as it is, grey, and says ``bayer_rggb8; jpeg compressed ...``.
    """
    encoding = text.partition(';')[0].strip()
    pattern = encoding[len('bayer_'):][:4]
    return pattern if encoding.startswith('bayer_') and pattern in _BAYER else None

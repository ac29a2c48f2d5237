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

"""Images of YUV in planes, as hardware decoders and libcamera publish them."""

from dataclasses import dataclass
from typing import Optional

import cv2
import numpy as np

from triplenet_ros.errors import InputError


@dataclass(frozen=True)
class _Layout:
    """
    Where the colours are.

    :param across: pixels of a row that share their colour
    :param down: rows that share their colour
    :param planes: 2 for U and V one after the other, 1 for a plane of both in turn
    :param swapped: whether V comes first
    """

    across: int
    down: int
    planes: int
    swapped: bool


LAYOUTS = {
    'nv12': _Layout(2, 2, 1, False), 'nv21': _Layout(2, 2, 1, True),
    'nv16': _Layout(2, 1, 1, False), 'nv61': _Layout(2, 1, 1, True),
    'nv24': _Layout(1, 1, 1, False), 'nv42': _Layout(1, 1, 1, True),
    'i420': _Layout(2, 2, 2, False), 'iyuv': _Layout(2, 2, 2, False),
    'yuv420': _Layout(2, 2, 2, False), 'yuv420p': _Layout(2, 2, 2, False),
    'yu12': _Layout(2, 2, 2, False), 'yv12': _Layout(2, 2, 2, True),
    'i422': _Layout(2, 1, 2, False), 'yuv422p': _Layout(2, 1, 2, False),
    'i444': _Layout(1, 1, 2, False), 'yuv444p': _Layout(1, 1, 2, False)}
"""Encodings by name; those of sensor_msgs are nv12, nv21 and nv24, capitals do not matter."""

# Y, U, V of ITU-R BT.601, 16 .. 235 and 16 .. 240, to R, G, B: what OpenCV takes NV12 for.
_TO_RGB = np.array([[1.164, 0, 1.596], [1.164, -0.391, -0.813], [1.164, 2.018, 0]])
_OFFSETS = -_TO_RGB @ np.array([16, 128, 128])


def is_planar(encoding: str) -> bool:
    """Tell whether an encoding is one of these."""
    return encoding.lower() in LAYOUTS


def to_rgb(data: np.ndarray, height: int, width: int, step: int, encoding: str) -> np.ndarray:
    """
    Return the picture.

    :param data: uint8; ``height`` rows of luma of ``step`` bytes, then the planes of colour
    :param height: pixels
    :param width: pixels
    :param step: bytes from one row of luma to the next, at least ``width``
    :param encoding: one of LAYOUTS
    :returns: (H, W, 3) uint8 RGB
    :raises InputError: if there are too few bytes
    """
    layout = LAYOUTS[encoding.lower()]
    if data.size == step * height and step * layout.across * layout.down == width * (
            layout.across * layout.down + 2):
        step = width  # some count the bytes of all planes into a row
    luma = data[:step * height].reshape(height, step)[:, :width]
    colours = _colours(data[step * height:], height, width, step, layout)
    if colours is None:
        rows = -(-height // layout.down)
        needed = step * height + rows * _nominal_step(width, step, layout) * layout.planes
        raise InputError(f'data is {data.size} bytes, {encoding} of {width}x{height} pixels with '
                         f'step {step} needs {needed}')
    if layout.across == layout.down == 2:
        return _from_420(luma, colours)
    return _from_yuv(luma, colours, layout)


def _colours(data: np.ndarray, height: int, width: int, step: int,
             layout: _Layout) -> Optional[np.ndarray]:
    """Return (rows, columns, 2) U and V, or None where the bytes are too few."""
    columns = -(-width // layout.across)
    row = columns * (2 if layout.planes == 1 else 1)
    nominal = _nominal_step(width, step, layout)
    # An odd number of rows or columns is rounded up by most writers, not by all.
    counts = list(dict.fromkeys((-(-height // layout.down), max(height // layout.down, 1))))
    floor = step // layout.across if layout.planes == 2 else nominal
    steps = [one for one in dict.fromkeys((nominal, floor, row)) if one >= row]
    options = [(rows, one) for rows in counts for one in steps]
    exact = [option for option in options if option[0] * option[1] * layout.planes == data.size]
    if not exact:
        step = _spread(data.size, counts[0] * layout.planes, nominal) or nominal
        exact = [(counts[0], step)] if counts[0] * step * layout.planes <= data.size else []
    return _planes(data, *exact[0], columns, layout) if exact else None


def _nominal_step(width: int, step: int, layout: _Layout) -> int:
    if layout.planes == 2:
        return -(-step // layout.across)
    return max(2 * step // layout.across, 2 * -(-width // layout.across))


def _spread(size: int, rows: int, nominal: int) -> int:
    """Return the step of colour rows that are aligned on their own, 0 where they are not."""
    step, rest = divmod(size, rows)
    return step if rest == 0 and nominal < step <= nominal + 64 and step % 4 == 0 else 0


def _planes(data: np.ndarray, rows: int, step: int, columns: int, layout: _Layout) -> np.ndarray:
    if layout.planes == 1:
        colours = data[:rows * step].reshape(rows, step)[:, :2 * columns]
        colours = colours.reshape(rows, columns, 2)
    else:
        planes = data[:2 * rows * step].reshape(2, rows, step)[..., :columns]
        colours = np.stack(tuple(planes), axis=-1)
    return colours[..., ::-1] if layout.swapped else colours


def _from_420(luma: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Convert by OpenCV, which takes even sizes only."""
    height, width = luma.shape
    rows, columns = -(-height // 2), -(-width // 2)
    even = np.pad(luma, ((0, height % 2), (0, width % 2)), 'edge')
    colours = np.pad(colours, ((0, rows - colours.shape[0]), (0, 0), (0, 0)), 'edge')
    rgb = cv2.cvtColorTwoPlane(np.ascontiguousarray(even),
                               np.ascontiguousarray(colours[:, :columns]),
                               cv2.COLOR_YUV2RGB_NV12)
    return rgb[:height, :width]


def _from_yuv(luma: np.ndarray, colours: np.ndarray, layout: _Layout) -> np.ndarray:
    height, width = luma.shape
    full = colours.repeat(layout.across, axis=1)[:, :width]
    yuv = np.dstack((luma, full[:height]))
    return cv2.transform(yuv, np.column_stack((_TO_RGB, _OFFSETS)).astype(np.float32))

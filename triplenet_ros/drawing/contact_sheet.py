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

"""A whole drive at one glance: overlays at even times, with a legend."""

from typing import Sequence

import cv2
import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.drawing.overlay import draw_tag, text_color, text_scale

_PAPER = (245, 245, 245)
_PLATE = (30, 30, 30)


class ContactSheet:
    """
    Gathers small overlays while a drive goes by, and lays them out at its end.

    How long the drive will be need not be known: whenever there are twice as many pictures as
    the sheet takes, every other one is given up.

    :param count: pictures on the sheet
    :param columns: of the grid
    :param width: of the sheet, pixels
    """

    def __init__(self, count: int = 12, columns: int = 3, width: int = 1500) -> None:
        """Begin with an empty sheet."""
        self._count = count
        self._columns = columns
        self._width = width
        self._gap = max(4, width // 200)
        self._kept: list = []
        self._seen = 0
        self._stride = 1

    def add(self, overlay: np.ndarray, seconds: float) -> None:
        """
        Take the next picture.

        :param overlay: (H, W, 3) uint8 RGB
        :param seconds: when it was taken, written on it as counted from the first one
        """
        if self._seen % self._stride == 0:
            self._kept.append((self._small(overlay), seconds))
            if len(self._kept) == 2 * self._count:
                self._kept = self._kept[::2]
                self._stride *= 2
        self._seen += 1

    def _small(self, overlay: np.ndarray) -> np.ndarray:
        width = (self._width - (self._columns + 1) * self._gap) // self._columns
        height = max(1, round(overlay.shape[0] * width / overlay.shape[1]))
        return cv2.resize(overlay, (width, height), interpolation=cv2.INTER_AREA)

    def picture(self, classes: ClassSet) -> np.ndarray:
        """
        Return the sheet.

        :param classes: what the legend names
        :returns: (H, width, 3) uint8 RGB
        :raises ValueError: if no picture was added
        """
        if not self._kept:
            raise ValueError('a contact sheet needs at least one picture')
        chosen = self._evenly_spaced()
        rows = [self._row(chosen[start:start + self._columns])
                for start in range(0, len(chosen), self._columns)]
        return np.concatenate([self._strip(self._gap), *rows, legend(classes, self._width)])

    def _evenly_spaced(self) -> list:
        count = min(self._count, len(self._kept))
        indices = np.linspace(0, len(self._kept) - 1, count).round().astype(int)
        first = self._kept[0][1]
        return [(self._kept[index][0], self._kept[index][1] - first) for index in indices]

    def _row(self, pictures: Sequence[tuple]) -> np.ndarray:
        height = max(picture.shape[0] for picture, _ in pictures)
        row = self._strip(height + self._gap)
        left = self._gap
        for picture, seconds in pictures:
            stamped = picture.copy()
            draw_tag(stamped, f'{seconds:.2f} s', 0, picture.shape[0], _PLATE,
                     text_scale(picture.shape[1]))
            row[:picture.shape[0], left:left + picture.shape[1]] = stamped
            left += picture.shape[1] + self._gap
        return row

    def _strip(self, height: int) -> np.ndarray:
        return np.full((height, self._width, 3), _PAPER, np.uint8)


def legend(classes: ClassSet, width: int) -> np.ndarray:
    """
    Return a strip that names the colours of the labels, and of the boxes with other names.

    :returns: (H, width, 3) uint8 RGB
    """
    names = dict(zip(classes.segmentation, classes.palette))
    for class_id, name in enumerate(classes.detection):
        names.setdefault(name, classes.detection_color(class_id))
    scale = max(0.4, width / 2600)
    gap = max(4, round(16 * scale))
    placed, lines = _placed(names, width, scale, gap)
    line_height = round(44 * scale)
    strip = np.full((gap + lines * line_height, width, 3), _PAPER, np.uint8)
    for name, left, line in placed:
        color = names[name]
        top = line * line_height + gap // 2
        right, bottom = left + _plate_width(name, scale, gap), top + line_height - gap // 2
        cv2.rectangle(strip, (left, top), (right, bottom), color, cv2.FILLED)
        cv2.putText(strip, name, (left + gap // 2, bottom - round(11 * scale)),
                    cv2.FONT_HERSHEY_SIMPLEX, scale, text_color(color), max(1, round(2 * scale)),
                    cv2.LINE_AA)
    return strip


def _placed(names: Sequence[str], width: int, scale: float, gap: int) -> tuple:
    """Return (name, left, line) of each plate, wrapped at the width, and the number of lines."""
    placed, left, line = [], gap // 2, 0
    for name in names:
        plate = _plate_width(name, scale, gap)
        if left + plate > width - gap // 2 and left > gap // 2:
            left, line = gap // 2, line + 1
        placed.append((name, left, line))
        left += plate + gap // 2
    return placed, line + 1


def _plate_width(name: str, scale: float, gap: int) -> int:
    (width, _), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, scale,
                                    max(1, round(2 * scale)))
    return width + gap

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

"""
Charts, ready for the template that draws them.

Shapes are paths in a field of 1000 x 1000 that the page stretches to any size; everything that
must not be stretched, text and points, is placed in percent.
"""

from dataclasses import dataclass
from typing import Optional, Sequence

import numpy as np

from triplenet_ros.evaluation.report.axes import Axis
from triplenet_ros.evaluation.report.series import Course

FIELD = 1000


@dataclass(frozen=True)
class Shape:
    """
    A line, or an area.

    :param path: of SVG, in the field
    :param color: number of one of the page's colours, 0 = grey
    :param name: for the legend; empty leaves it out
    :param area: whether it is filled
    """

    path: str
    color: int = 1
    name: str = ''
    area: bool = False


@dataclass(frozen=True)
class Mark:
    """
    A point, or an upright line where it has no height.

    :param left: percent
    :param text: what it is
    :param top: percent from the upper edge; None for a line over the whole height
    :param color: as of Shape
    :param link: where it leads to, may be empty
    """

    left: float
    text: str
    top: Optional[float] = None
    color: int = 1
    link: str = ''


@dataclass(frozen=True)
class Chart:
    """
    A chart.

    :param x: along
    :param y: up
    :param shapes: drawn in this order
    :param marks: drawn over them
    :param title: of the chart
    :param summary: what it shows, in words, for those who cannot see it
    """

    x: Axis
    y: Axis
    shapes: tuple[Shape, ...]
    marks: tuple[Mark, ...] = ()
    title: str = ''
    summary: str = ''


def line_path(x: Axis, y: Axis, across: np.ndarray, up: np.ndarray,
              breaks: Optional[np.ndarray] = None) -> str:
    """
    Return the path of a line.

    :param across: (N,) values on x
    :param up: (N,) values on y
    :param breaks: (N,) bool, where a new line begins; None for one line
    """
    lefts, tops = _placed(x, y, across, up)
    begins = np.zeros(len(lefts), bool) if breaks is None else breaks.copy()
    begins[:1] = True
    # A line to where it begins: a point between two gaps is to be seen as well.
    return ''.join(f'M{left} {top}L{left} {top}' if begin else f'L{left} {top}'
                   for left, top, begin in zip(lefts, tops, begins))


def band_path(x: Axis, y: Axis, course: Course) -> str:
    """Return the area between the lowest and the highest values of a course."""
    starts = np.flatnonzero(course.breaks)
    pieces = []
    for part in np.split(np.arange(len(course.seconds)), starts[1:]):
        across = np.concatenate([course.seconds[part], course.seconds[part][::-1]])
        up = np.concatenate([course.low[part], course.high[part][::-1]])
        lefts, tops = _placed(x, y, across, up)
        pieces.append('M' + 'L'.join(f'{left} {top}' for left, top in zip(lefts, tops)) + 'Z')
    return ''.join(pieces)


def bars_path(x: Axis, y: Axis, edges: np.ndarray, heights: np.ndarray) -> str:
    """
    Return bars that stand side by side.

    :param edges: (N + 1,) values on x
    :param heights: (N,) values on y
    """
    lefts, tops = _placed(x, y, edges, np.append(heights, 0))
    return ''.join(f'M{left} {FIELD}V{top}H{right}V{FIELD}Z'
                   for left, right, top, height in zip(lefts, lefts[1:], tops, heights) if height)


def _placed(x: Axis, y: Axis, across: np.ndarray, up: np.ndarray) -> tuple[Sequence, Sequence]:
    lefts = np.round(x.percent(across) * (FIELD / 100), 1)
    tops = np.round(FIELD - y.percent(up) * (FIELD / 100), 1)
    return _short(lefts), _short(tops)


def _short(places: np.ndarray) -> list[str]:
    return [f'{place:g}' for place in places.tolist()]

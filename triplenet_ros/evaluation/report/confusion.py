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

"""What is taken for what, as a table of cells."""

from dataclasses import dataclass
from typing import Any, Mapping, Optional

import numpy as np

_NOTHING = 'nothing'
_ELSE = 'none of these'
_LISTED = 8


@dataclass(frozen=True)
class Cell:
    """
    How often a class was taken for another.

    :param share: of its row, 0 .. 1; None in an empty row
    :param count: boxes or pixels
    :param right: whether row and column are the same class
    """

    share: Optional[float]
    count: int
    right: bool


@dataclass(frozen=True)
class Matrix:
    """
    Rows are the truth, columns the prediction.

    :param unit: what is counted
    :param columns: names of the columns
    :param rows: name and cells of each row
    :param most: the most frequent mistakes: truth, prediction and their cell
    """

    unit: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    most: tuple[tuple[str, str, Cell], ...]


def box_matrix(confusion: Mapping[str, Any]) -> Matrix:
    """Return the confusion of boxes; the last row and column are ``nothing``."""
    names = (*confusion['names'], _NOTHING)
    return _matrix('boxes', names, names, confusion['counts'])


def label_matrix(confusion: Mapping[str, Any]) -> Matrix:
    """Return the confusion of labels, without the column of other labels where it is empty."""
    pixels = np.array(confusion['pixels'])
    names = tuple(confusion['names'])
    columns = (*names, _ELSE) if pixels[:, -1].any() else names
    return _matrix('pixels', names, columns, pixels[:, :len(columns)].tolist())


def _matrix(unit: str, names: tuple[str, ...], columns: tuple[str, ...], counts: list) -> Matrix:
    rows = tuple((name, tuple(
        Cell(count / sum(row) if sum(row) else None, count, index == place)
        for place, count in enumerate(row)))
        for index, (name, row) in enumerate(zip(names, counts)))
    wrong = [(name, columns[place], cell) for name, cells in rows
             for place, cell in enumerate(cells) if cell.count and not cell.right]
    wrong.sort(key=lambda one: -one[2].count)
    return Matrix(unit, columns, rows, tuple(wrong[:_LISTED]))

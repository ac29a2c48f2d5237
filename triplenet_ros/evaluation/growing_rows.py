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

"""Rows of a table that come a few at a time, for hours."""

import numpy as np

_LOOSE = 1024


class GrowingRows:
    """
    Rows of one dtype, without an object for each part that came.

    :param dtype: of a row, structured or plain
    """

    def __init__(self, dtype: np.dtype) -> None:
        """Start with no row."""
        self._blocks = [np.zeros(0, dtype)]
        self._loose: list[np.ndarray] = []

    def append(self, rows: np.ndarray) -> None:
        """
        Add some rows at the end.

        :param rows: (N,) of the dtype
        """
        if len(rows):
            self._loose.append(rows)
        if len(self._loose) == _LOOSE:
            self._blocks.append(np.concatenate(self._loose))
            self._loose = []

    def joined(self) -> np.ndarray:
        """Return the (N,) rows so far, in the order in which they came."""
        if len(self._blocks) > 1 or self._loose:
            self._blocks, self._loose = [np.concatenate(self._blocks + self._loose)], []
        return self._blocks[0]

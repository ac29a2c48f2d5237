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

"""The road: its course, its cross-section and what is painted on it."""

from dataclasses import dataclass, field
from typing import List, Tuple

import numpy as np


@dataclass(frozen=True)
class Band:
    """
    A strip of ground along the road.

    :param left: lateral position of its left edge, metres, right of the middle is positive
    :param right: lateral position of its right edge
    :param color: RGB 0..255
    :param label: segmentation label
    """

    left: float
    right: float
    color: Tuple[float, float, float]
    label: int


@dataclass(frozen=True)
class Line:
    """
    A painted line along the road.

    :param across: lateral position of its middle, metres
    :param width: metres
    :param color: RGB 0..255
    :param dash: painted metres; 0 is an unbroken line
    :param gap: metres between dashes
    """

    across: float
    width: float
    color: Tuple[float, float, float]
    dash: float = 0.0
    gap: float = 0.0


@dataclass(frozen=True)
class Patch:
    """
    A flat area on the ground: a side road, a crossing's bar, an arrow, a repair.

    :param corners: (N, 2) along and across the road, metres
    :param color: RGB 0..255
    :param label: segmentation label; None keeps the label below
    """

    corners: np.ndarray
    color: Tuple[float, float, float]
    label: int = -1


@dataclass(frozen=True)
class Road:
    """
    A road that bends gently; positions are (along, across) in metres.

    :param amplitude: how far the middle swings to each side, metres
    :param wavelength: metres from bend to bend
    :param phase: where along its wave the road starts, radians
    :param bands: strips of ground, later ones on top
    :param lines: painted lines
    :param patches: flat areas, below the lines
    :param lanes: (across, direction) of each lane's middle; direction +1 leads away from us
    """

    amplitude: float
    wavelength: float
    phase: float
    bands: List[Band] = field(default_factory=list)
    lines: List[Line] = field(default_factory=list)
    patches: List[Patch] = field(default_factory=list)
    lanes: List[Tuple[float, int]] = field(default_factory=list)

    def middle(self, along: np.ndarray) -> np.ndarray:
        """Return the world x of the road's middle at distances along the road."""
        return self.amplitude * np.sin(along * (2 * np.pi / self.wavelength) + self.phase)

    def heading(self, along: float) -> float:
        """Return the road's direction in radians, to the right of the world's y axis."""
        wave = 2 * np.pi / self.wavelength
        return float(np.arctan(self.amplitude * wave * np.cos(along * wave + self.phase)))

    def point(self, along: float, across: float, up: float = 0.0) -> np.ndarray:
        """Return the (3,) world point of one position."""
        return np.array([self.middle(along) + across, along, up])

    def points(self, positions: np.ndarray) -> np.ndarray:
        """Return (N, 3) world points on the ground for (N, 2) positions."""
        along, across = positions[:, 0], positions[:, 1]
        return np.stack([self.middle(along) + across, along, np.zeros_like(along)], axis=1)

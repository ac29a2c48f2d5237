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

"""Vehicles' bodies as lists of flat faces, in the vehicle's own axes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Dict, List, Tuple

import numpy as np

BODY, GLASS, DARK, TRIM, PLATE, PLAIN, HEAD, TAIL = range(8)
"""What a face is made of; a vehicle's finish says how that looks."""


@dataclass(frozen=True)
class Shape:
    """
    The build of a vehicle, metres.

    :param length: from bumper to bumper
    :param width: without mirrors
    :param height: of the roof
    :param belt: height of the windows' lower edge
    :param nose: height of the bonnet's front edge
    :param cabin: where the windows begin and end at the belt, fractions of length from the rear
    :param roof: where the roof begins and ends, fractions of length from the rear
    :param wheel: radius of a wheel
    :param glazed: whether the sides have windows
    """

    length: float
    width: float
    height: float
    belt: float
    nose: float
    cabin: Tuple[float, float]
    roof: Tuple[float, float]
    wheel: float = 0.31
    glazed: bool = True

    @property
    def boxy(self) -> bool:
        """Say whether it is a van, a bus or a lorry."""
        return self.height > 2.0


SHAPES: Dict[str, Shape] = {
    'hatchback': Shape(3.9, 1.70, 1.46, 0.92, 0.72, (0.01, 0.76), (0.10, 0.54)),
    'saloon': Shape(4.6, 1.78, 1.44, 0.94, 0.72, (0.14, 0.74), (0.27, 0.54)),
    'estate': Shape(4.6, 1.78, 1.48, 0.94, 0.72, (0.01, 0.75), (0.07, 0.55)),
    'offroad': Shape(4.6, 1.88, 1.78, 1.10, 0.95, (0.005, 0.76), (0.05, 0.58), 0.37),
    'coupe': Shape(4.3, 1.80, 1.30, 0.86, 0.66, (0.10, 0.70), (0.30, 0.48)),
    'mpv': Shape(4.5, 1.82, 1.72, 1.02, 0.82, (0.005, 0.86), (0.04, 0.62)),
    'van': Shape(5.2, 1.95, 2.2, 1.25, 1.05, (0.0, 0.90), (0.012, 0.74), 0.34, False),
    'bus': Shape(10.5, 2.5, 3.1, 1.25, 1.2, (0.0, 1.0), (0.004, 0.99), 0.48),
    'doubledecker': Shape(10.5, 2.5, 4.3, 1.25, 1.2, (0.0, 1.0), (0.004, 0.99), 0.48),
    'lorry': Shape(8.5, 2.45, 3.5, 1.35, 1.2, (0.0, 1.0), (0.002, 0.995), 0.48, False),
}


@dataclass(frozen=True)
class Mesh:
    """
    The faces of a vehicle, in the order they are painted.

    :param corners: (F, 4, 3) float64, vehicle axes: right, forward, up
    :param middles: (F, 3) means of the corners
    :param normals: (F, 3) unit vectors outwards
    :param material: (F,) what each face is made of
    :param layer: (F,) a face of a later layer is never hidden by one of an earlier
    :param outer: (F,) bool, whether the face can be part of the outline
    """

    corners: np.ndarray
    middles: np.ndarray
    normals: np.ndarray
    material: np.ndarray
    layer: np.ndarray
    outer: np.ndarray


@lru_cache(maxsize=256)
def vehicle_mesh(shape: Shape, small: bool) -> Mesh:
    """Return the faces of a vehicle of one build; a small picture of it needs fewer."""
    builder = _Builder(shape, small)
    builder.underside()
    rings = _hull_rings(shape)
    builder.loft(rings[[0, 2, 3, 5]] if small else rings)
    builder.cabin()
    builder.panes()
    builder.rear()
    builder.front()
    return builder.mesh()


@lru_cache(maxsize=256)
def wheel_circles(shape: Shape, side: int) -> List[Tuple[np.ndarray, int]]:
    """Return (14, 3) discs of one side's wheels and what they are made of, the widest first."""
    turn = np.linspace(0, 2 * np.pi, 15)[:-1]
    discs = []
    for y in (-shape.length * 0.31, shape.length * 0.31):
        for scale, material in ((1.18, DARK), (1.0, DARK), (0.64, PLAIN), (0.2, DARK)):
            radius = shape.wheel * scale
            up = np.maximum(shape.wheel + np.sin(turn) * radius, 0.24 if scale > 1 else 0.0)
            discs.append((np.stack([np.full(14, side * shape.width / 2 * 1.004),
                                    y + np.cos(turn) * radius, up], axis=1), material))
    return discs


def _hull_rings(shape: Shape) -> np.ndarray:
    """Return (K, 3, 3) rings from rear to front: y, half width, z at sill, waist, shoulder."""
    half, rear, front = shape.width / 2, -shape.length / 2, shape.length / 2
    waist, belt = shape.belt * 0.68, shape.belt
    start = max(rear + shape.cabin[0] * shape.length, rear + 0.4)
    end = min(rear + shape.cabin[1] * shape.length, front - 0.5)
    tail, corner, tip = (0.98, 0.98, 0.97) if shape.boxy else (0.86, 0.95, 0.78)
    rows = ((rear, tail, 0.27, waist, belt * 0.94, 0.94),
            (rear + 0.22, 0.99, 0.21, waist, belt, 0.95),
            (start, 1.0, 0.20, waist, belt, 0.96),
            (end, 1.0, 0.20, waist, belt, 0.96),
            (front - 0.25, corner, 0.21, waist * 0.92, shape.nose + 0.06, 0.94),
            (front, tip, 0.25, waist * 0.85, shape.nose, 0.92))
    return np.array([[[y, half * wide * 0.95, sill], [y, half * wide, middle],
                      [y, half * wide * pinch, top]]
                     for y, wide, sill, middle, top, pinch in rows])


class _Builder:
    """Collects faces."""

    def __init__(self, shape: Shape, small: bool) -> None:
        """Start without faces; a small one goes without what is fine."""
        self.shape, self.small = shape, small
        self.faces: List[Tuple[np.ndarray, np.ndarray, int, int, bool]] = []
        half, rear = shape.width / 2 * 0.955, -shape.length / 2
        start, end = (rear + share * shape.length for share in shape.cabin)
        first, last = (rear + share * shape.length for share in shape.roof)
        tuck = 0.99 if shape.boxy else 0.80
        belt, top = shape.belt, shape.height
        self.base = np.array([[-half, start, belt], [half, start, belt],
                              [half, end, belt - 0.02], [-half, end, belt - 0.02]])
        self.roof = np.array([[-half * tuck, first, top], [half * tuck, first, top],
                              [half * tuck, last, top], [-half * tuck, last, top]])

    def mesh(self) -> Mesh:
        """Return what was collected."""
        corners, normals, material, layer, outer = zip(*self.faces)
        stacked = np.stack(corners)
        return Mesh(stacked, stacked.mean(axis=1), np.stack(normals), np.array(material),
                    np.array(layer), np.array(outer))

    def add(self, corners: np.ndarray, material: int, layer: int, *, outer: bool = False,
            fine: bool = False) -> None:
        """Add a face; it looks away from the vehicle's middle line."""
        normal = np.cross(corners[2] - corners[0], corners[3] - corners[1])
        length = np.linalg.norm(normal)
        if length < 1e-9 or (fine and self.small):
            return
        middle = corners.mean(axis=0)
        spine = np.array([0.0, np.clip(middle[1], -1, 1) * (self.shape.length / 2 - 1.2),
                          self.shape.height * 0.42])
        sign = 1.0 if normal @ (middle - spine) >= 0 else -1.0
        self.faces.append((corners, normal * (sign / length), material, layer, outer))

    def underside(self) -> None:
        """Add the dark gap below the body, and the tyres as seen from behind or ahead."""
        shape = self.shape
        half, reach = shape.width * 0.42, shape.length * 0.46
        for y in (-reach, reach):
            self.add(_upright(-half, half, y, 0.12, 0.4), DARK, 0, outer=True)
            for side in (-1, 1):
                inner, outer = side * (shape.width / 2 - 0.22), side * shape.width / 2
                self.add(_upright(min(inner, outer), max(inner, outer), y * 0.84, 0.0, 0.34),
                         DARK, 0, outer=True, fine=True)
        for x in (-half, half):
            self.add(np.array([[x, -reach, 0.14], [x, reach, 0.14], [x, reach, 0.4],
                               [x, -reach, 0.4]]), DARK, 0, outer=True)

    def loft(self, rings: np.ndarray) -> None:
        """Add the body below the windows."""
        for back, front in zip(rings[:-1], rings[1:]):
            for low in range(2):
                for side in (-1.0, 1.0):
                    self.add(_across((back[low], front[low], front[low + 1], back[low + 1]),
                                     (side,) * 4), BODY, 1, outer=True)
            self.add(_across((back[2], back[2], front[2], front[2]), (-1, 1, 1, -1)), BODY, 1,
                     outer=True)
        for ring in (rings[0], rings[-1]):
            for low in range(2):
                self.add(_across((ring[low], ring[low], ring[low + 1], ring[low + 1]),
                                 (-1, 1, 1, -1)), BODY, 1, outer=True)

    def cabin(self) -> None:
        """Add pillars and roof."""
        base, roof = self.base, self.roof
        for index in range(4):
            after = (index + 1) % 4
            self.add(np.array([base[index], base[after], roof[after], roof[index]]), BODY, 2,
                     outer=True)
        self.add(roof, BODY, 2, outer=True)

    def pane(self, index: int, start: float, end: float, low: float, high: float,
             fine: bool = False) -> None:
        """Add glass on one side of the cabin: rear 0, right 1, front 2, left 3."""
        after = (index + 1) % 4
        first, second = self.base[index], self.base[after]
        fourth, third = self.roof[index], self.roof[after]
        corners = []
        for along, up in ((start, low), (end, low), (end, high), (start, high)):
            bottom, top = first + (second - first) * along, fourth + (third - fourth) * along
            corners.append((bottom + (top - bottom) * up) * (1.003, 1.003, 1.0))
        self.add(np.array(corners), GLASS, 3, fine=fine)

    def panes(self) -> None:
        """Add all windows."""
        shape = self.shape
        tall = 0.62 if shape.boxy else 0.88
        self.pane(2, 0.05, 0.95, 0.10, tall)
        if shape.glazed or shape.length < 6:
            self.pane(0, 0.07, 0.93, 0.14, tall if shape.glazed else 0.6)
        rows = ((0.04, 0.34), (0.56, 0.86)) if shape.height > 4 else (
            ((0.1, 0.6),) if shape.boxy else ((0.12, 0.88),))
        spans = ((0.05, 0.33), (0.36, 0.62), (0.65, 0.93))
        if shape.length > 8:
            spans = tuple((0.02 + step * 0.16, 0.16 + step * 0.16) for step in range(6))
        if not shape.glazed:
            spans = ((0.05, 0.24),)
        for low, high in rows:
            for start, end in spans:
                self.pane(3, start, end, low, high, fine=True)
                self.pane(1, 1 - end, 1 - start, low, high, fine=True)
        if shape.height > 4:
            self.pane(0, 0.07, 0.93, 0.62, 0.86)
            self.pane(2, 0.05, 0.95, 0.70, 0.92)

    def panel(self, left: float, right: float, low: float, high: float, y: float,
              material: int, fine: bool = False) -> None:
        """Add an upright rectangle on the rear or the front."""
        self.add(_upright(left, right, y, low, high), material, 3, fine=fine)

    def rear(self) -> None:
        """Add bumper, plate and lamps behind."""
        shape = self.shape
        y = -shape.length / 2 - 0.01
        half, top = shape.width / 2 * (0.97 if shape.boxy else 0.85), shape.belt * 0.93
        self.panel(-half, half, 0.32, 0.46, y, TRIM, fine=True)
        self.panel(-half * 0.8, half * 0.8, 0.26, 0.33, y, DARK, fine=True)
        self.panel(-0.26, 0.26, 0.52, 0.63, y, PLATE)
        tall = 0.34 if shape.height > 1.6 else 0.19
        for side in (-1, 1):
            outer, inner = side * half, side * (half - (0.17 if shape.height > 1.6 else 0.28))
            self.panel(min(outer, inner), max(outer, inner), top - tall, top, y, TAIL)

    def front(self) -> None:
        """Add grille, bumper, plate and lamps ahead."""
        shape = self.shape
        y = shape.length / 2 + 0.01
        half, top = shape.width / 2 * (0.95 if shape.boxy else 0.77), shape.nose * 0.97
        self.panel(-half, half, 0.32, 0.44, y, TRIM, fine=True)
        self.panel(-half * 0.7, half * 0.7, 0.27, 0.34, y, DARK, fine=True)
        self.panel(-half * 0.55, half * 0.55, top - 0.2, top - 0.06, y, DARK)
        self.panel(-0.26, 0.26, 0.40, 0.50, y, PLAIN)
        for side in (-1, 1):
            outer, inner = side * half, side * (half - 0.32)
            self.panel(min(outer, inner), max(outer, inner), top - 0.17, top - 0.02, y, HEAD)


def _upright(left: float, right: float, y: float, low: float, high: float) -> np.ndarray:
    """Return a rectangle across the vehicle."""
    return np.array([[left, y, low], [right, y, low], [right, y, high], [left, y, high]])


def _across(points: Tuple[np.ndarray, ...], signs: Tuple[float, ...]) -> np.ndarray:
    """Return corners from (y, half width, z) points and the sides they are on."""
    return np.array([[sign * point[1], point[0], point[2]]
                     for point, sign in zip(points, signs)])

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

"""Poles and what hangs on them: lamp posts, signs, traffic lights, bollards, bins."""

from dataclasses import dataclass
from typing import Sequence, Tuple

import numpy as np

from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.ground import Shadows
from triplenet_ros.scenes.road import Road

POLE, SIGN, UNLABELLED = 2, 6, 255
_FRONT = np.array([0.0, -1.0, 0.0])


@dataclass(frozen=True)
class Pole:
    """
    A pole beside the road.

    :param along: metres along the road
    :param across: lateral position
    :param kind: lamp, sign, lights, post, wires, gantry or bin
    :param height: metres
    :param look: which of several faces or colours
    """

    along: float
    across: float
    kind: str
    height: float
    look: int

    def order(self, now: float) -> float:
        """Return how far along the road it must be painted."""
        return self.along

    def reach(self, now: float) -> Tuple[float, float]:
        """Return where it begins and ends along the road."""
        return self.along, self.along

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint the pole and what it carries."""
        root = road.point(self.along, self.across)
        if canvas.camera.distance(root) < 1.5:
            return
        brush = _Brush(canvas, root)
        inward = -1.0 if self.across > 0 else 1.0
        getattr(self, '_' + self.kind)(brush, inward)

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw a thin shadow."""
        root = road.point(self.along, self.across)
        half = 0.3 if self.kind == 'bin' else 0.06
        shadows.cast(root + np.array([[-half, 0, 0], [half, 0, 0], [half, 0, self.height],
                                      [-half, 0, self.height]]), 0.9)

    def _lamp(self, brush: '_Brush', inward: float) -> None:
        """Paint a street lamp with an arm towards the road."""
        grey = ((120, 122, 122), (70, 74, 72), (150, 150, 146))[self.look % 3]
        brush.bar(0.0, 0.0, 0.0, self.height * 0.35, 0.10, grey)
        brush.bar(0.0, self.height * 0.35, 0.0, self.height, 0.06, grey)
        arm = inward * (1.6 if self.look % 2 else 0.7)
        brush.beam(0.0, arm, self.height - 0.12, self.height + 0.05, grey, POLE)
        brush.beam(arm * 0.7, arm * 1.25, self.height - 0.1, self.height + 0.12, (170, 170, 164),
                   POLE)
        if brush.canvas.light.dusk > 0.3:
            brush.canvas.lamp(brush.root + (arm, 0.0, self.height), 0.35, (255, 210, 150))

    def _post(self, brush: '_Brush', inward: float) -> None:
        """Paint a bollard."""
        color = ((40, 40, 42), (190, 188, 180), (60, 62, 60))[self.look % 3]
        brush.bar(0.0, 0.0, 0.0, self.height, 0.07, color)
        if self.look % 3 == 0:
            brush.beam(-0.07, 0.07, self.height * 0.75, self.height * 0.88, (220, 218, 205), POLE)

    def _wires(self, brush: '_Brush', inward: float) -> None:
        """Paint a wooden pole with cross arms."""
        wood = (82, 70, 58)
        brush.bar(0.0, 0.0, 0.0, self.height, 0.13, wood)
        brush.beam(-1.1, 1.1, self.height - 0.7, self.height - 0.52, wood, POLE)
        brush.beam(-0.8, 0.8, self.height - 1.6, self.height - 1.45, wood, POLE)

    def _lights(self, brush: '_Brush', inward: float) -> None:
        """Paint a traffic light."""
        brush.bar(0.0, 0.0, 0.0, self.height - 0.9, 0.06, (52, 54, 54))
        low, high = self.height - 1.0, self.height
        if self.look % 2:
            brush.beam(-0.26, 0.26, low - 0.1, high + 0.1, (24, 24, 26), SIGN)
        brush.beam(-0.17, 0.17, low, high, (20, 22, 22), SIGN)
        shining = self.look % 3
        for index, color in enumerate(((70, 250, 150), (255, 180, 60), (255, 60, 50))):
            glow = color if index == shining else tuple(value * 0.22 for value in color)
            brush.disc(0.0, low + 0.19 + 0.31 * index, 0.11, glow, SIGN, lit=index == shining)

    def _sign(self, brush: '_Brush', inward: float) -> None:
        """Paint a road sign."""
        brush.bar(0.0, 0.0, 0.0, self.height, 0.045, (128, 130, 130))
        middle, look = self.height - 0.32, self.look % 8
        red, white, blue = (196, 34, 40), (232, 232, 226), (34, 72, 160)
        if look in (0, 1):
            brush.disc(0.0, middle, 0.34, red if look == 0 else blue, SIGN)
            if brush.distance > 60:
                return
            brush.disc(0.0, middle, 0.25, white if look == 0 else blue, SIGN)
            brush.beam(-0.12, 0.12, middle - 0.1, middle + 0.1, (40, 40, 44), SIGN)
        elif look in (2, 3):
            point = 0.42 if look == 2 else -0.42
            for size, color in ((1.0, red), (0.66, white)):
                brush.flat([(-0.46 * size, middle - point * 0.6 * size),
                            (0.46 * size, middle - point * 0.6 * size),
                            (0.0, middle + point * size)], color, SIGN)
        elif look == 4:
            brush.flat([(0, middle - 0.5), (0.5, middle), (0, middle + 0.5), (-0.5, middle)],
                       (238, 186, 30), SIGN)
        else:
            color = {5: (24, 104, 62), 6: blue, 7: white}[look]
            wide = 0.32 + 0.12 * (self.look % 5) * (1 + (self.look > 100))
            brush.beam(-wide, wide, middle - 0.4, middle + 0.4, white, SIGN)
            brush.beam(-wide + 0.04, wide - 0.04, middle - 0.36, middle + 0.36, color, SIGN)
            ink = (50, 50, 60) if look == 7 else white
            for row in (-0.15, 0.12):
                brush.beam(-wide * 0.7, wide * 0.5, middle + row, middle + row + 0.1, ink, SIGN)

    def _gantry(self, brush: '_Brush', inward: float) -> None:
        """Paint a large direction board over the road."""
        brush.bar(0.0, 0.0, 0.0, self.height, 0.22, (140, 142, 140))
        wide = inward * 11.0
        brush.beam(0.0, wide, self.height - 0.4, self.height - 0.05, (140, 142, 140), POLE)
        for start in (0.2, 0.6):
            left, right = sorted((wide * start, wide * (start + 0.33)))
            brush.beam(left, right, self.height - 1.9, self.height + 0.7, (225, 228, 224), SIGN)
            brush.beam(left + 0.1, right - 0.1, self.height - 1.8, self.height + 0.6,
                       (18, 98, 66), SIGN)
            for row in (-1.3, -0.5, 0.1):
                brush.beam(left + 0.5, right - 0.8, self.height + row, self.height + row + 0.28,
                           (228, 230, 226), SIGN)

    def _bin(self, brush: '_Brush', inward: float) -> None:
        """Paint a bin or a box of switch gear: nothing that has a class."""
        color = ((30, 36, 34), (74, 82, 70), (120, 34, 34))[self.look % 3]
        brush.bar(0.0, 0.0, 0.0, self.height, 0.28, color, UNLABELLED)
        brush.beam(-0.31, 0.31, self.height - 0.12, self.height, color, UNLABELLED)


class _Brush:
    """Paints flat pieces that face the camera, at one place."""

    def __init__(self, canvas: Canvas, root: np.ndarray) -> None:
        """Remember the place."""
        self.canvas, self.root = canvas, root
        self.distance = canvas.camera.distance(root)

    def flat(self, outline: Sequence[Tuple[float, float]], color: Sequence[float],
             mark: int, lit: bool = False) -> None:
        """Paint (right, up) corners in metres."""
        local = np.array(outline, np.float64)
        points = self.root + np.stack([local[:, 0], np.zeros(len(local)), local[:, 1]], axis=1)
        shade = np.array(color, float)
        if not lit:
            shade = self.canvas.light.shade(shade, _FRONT, self.distance)
        self.canvas.polygon(points, shade, mark)

    def beam(self, left: float, right: float, low: float, high: float,
             color: Sequence[float], mark: int) -> None:
        """Paint a rectangle."""
        self.flat([(left, low), (right, low), (right, high), (left, high)], color, mark)

    def bar(self, x: float, low: float, top_x: float, high: float, half: float,
            color: Sequence[float], mark: int = POLE) -> None:
        """Paint a round pole: a lit and a dark half; never thinner than what a label shows."""
        half = max(half, 0.6 * self.distance / self.canvas.camera.focal)
        side = np.sign(self.canvas.light.direction @ self.canvas.camera.rotation[0]) or 1.0
        self.flat([(x - half, low), (x + half, low), (top_x + half, high), (top_x - half, high)],
                  color, mark)
        if self.distance > 45:
            return
        dark = tuple(value * 0.7 for value in color)
        self.flat([(x, low), (x - side * half, low), (top_x - side * half, high), (top_x, high)],
                  dark, mark)

    def disc(self, x: float, y: float, radius: float, color: Sequence[float], mark: int,
             lit: bool = False) -> None:
        """Paint a disc."""
        turn = np.linspace(0, 2 * np.pi, 15)[:-1]
        self.flat([(x + radius * np.cos(t), y + radius * np.sin(t)) for t in turn], color, mark,
                  lit)

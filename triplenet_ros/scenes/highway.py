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

"""Highways and country roads: many lanes or two, verges, guard rails, trees and hills."""

from typing import List

import numpy as np

from triplenet_ros.scenes.cast import draw_bicyclist, draw_pedestrian, draw_vehicle
from triplenet_ros.scenes.foliage import VARIANTS
from triplenet_ros.scenes.furniture import Pole
from triplenet_ros.scenes.road import Band, Line, Patch, Road
from triplenet_ros.scenes.surroundings import Boundary, Plant
from triplenet_ros.scenes.world import Thing, World

ROAD, GRASS = 3, 5
_GRASSES = ((190, 164, 112), (172, 146, 96), (98, 112, 58), (112, 118, 66), (128, 118, 80))


class Highway:
    """Draws one highway, driven on the right; our lane is one of several."""

    def __init__(self, rng: np.random.Generator, length: float, dusk: float) -> None:
        """Settle lanes, shoulders and what lies beside them."""
        self.rng, self.length, self.dusk = rng, length, dusk
        self.lanes = int(rng.integers(2, 6))
        self.lane = int(rng.integers(self.lanes))
        self.speed = float(rng.uniform(22, 31))
        self.width = float(rng.uniform(3.5, 3.8))
        self.right_shoulder = float(rng.uniform(1.0, 3.4))
        self.left_shoulder = float(rng.uniform(0.6, 2.4))
        self.left = -self.lanes * self.width / 2
        self.right = -self.left
        self.grass = np.array(_GRASSES[rng.integers(len(_GRASSES))]) * rng.uniform(0.9, 1.1)
        self.dry = self.grass[0] > self.grass[1]
        self.things: List[Thing] = []

    def world(self) -> World:
        """Return the whole highway."""
        rng = self.rng
        asphalt = np.array((118, 114, 120) if rng.random() < 0.6 else (172, 166, 158))
        asphalt = asphalt * rng.uniform(0.72, 1.15)
        road = Road(amplitude=float(rng.uniform(0, 28)), wavelength=float(rng.uniform(900, 1600)),
                    phase=float(rng.uniform(0, 2 * np.pi)), bands=self._bands(asphalt),
                    lines=self._lines(), patches=self._patches(asphalt))
        self._barriers()
        self._trees()
        self._posts()
        self._traffic()
        return World(style='highway', road=road, things=self.things, land=tuple(self.grass),
                     wear=int(rng.integers(100)),
                     across=self.left + (self.lane + 0.5) * self.width + float(rng.normal(0, 0.2)),
                     speed=self.speed)

    def _bands(self, asphalt: np.ndarray) -> List[Band]:
        """Return our carriageway and, often, the other one."""
        rng = self.rng
        outer = self.right + self.right_shoulder
        inner = self.left - self.left_shoulder
        self.median = inner - float(rng.uniform(0.6, 9.0))
        self.opposite = rng.random() < 0.75
        bands = []
        if rng.random() < 0.5:
            gravel = tuple((self.grass * 0.5 + asphalt * 0.55))
            bands.append(Band(inner - 0.8, outer + 1.0, gravel, GRASS))
        if self.opposite:
            bands.append(Band(self.median - self.lanes * self.width - 3, self.median,
                              tuple(asphalt), ROAD))
        bands.append(Band(inner, outer, tuple(asphalt * rng.uniform(0.85, 1.05)), ROAD))
        bands.append(Band(self.left, self.right, tuple(asphalt), ROAD))
        return bands

    def _lines(self) -> List[Line]:
        """Return edge lines and dashed lane lines."""
        rng = self.rng
        white = (228, 228, 224)
        left = (206, 164, 60) if rng.random() < 0.6 else white
        wide = float(rng.uniform(0.12, 0.2))
        lines = [Line(self.left + 0.1, wide, left), Line(self.right - 0.1, wide, white)]
        dash, gap = (3.05, 9.15) if rng.random() < 0.6 else (4.5, 7.5)
        for lane in range(1, self.lanes):
            lines.append(Line(self.left + lane * self.width, wide * 0.85, white, dash, gap))
        return lines

    def _patches(self, asphalt: np.ndarray) -> List[Patch]:
        """Return joints and repairs across the lanes."""
        rng, patches = self.rng, []
        for _ in range(int(rng.integers(0, 8))):
            along = float(rng.uniform(0, self.length))
            low = self.left + self.width * float(rng.integers(self.lanes))
            high = low + self.width * float(rng.integers(1, 3))
            patches.append(Patch(_box(along, along + float(rng.uniform(0.1, 20)), low,
                                      min(high, self.right)),
                                 tuple(asphalt * rng.uniform(0.8, 1.12))))
        return patches

    def _barriers(self) -> None:
        """Put up guard rails, walls and fences in pieces of 24 m."""
        rng, inner = self.rng, self.left - self.left_shoulder
        outer = self.right + self.right_shoulder
        rows = []
        if rng.random() < 0.8:
            kind = str(rng.choice(('rail', 'concrete')))
            rows.append((inner - 0.4, kind, 0.8 if kind == 'rail' else 0.95, -30.0, self.length))
        if rng.random() < 0.5:
            start = float(rng.uniform(-20, self.length * 0.6))
            rows.append((outer + 0.6, 'rail', 0.8, start, start + float(rng.uniform(30, 250))))
        if rng.random() < 0.6:
            kind = str(rng.choice(('mesh', 'boards', 'concrete')))
            height = 1.8 if kind != 'concrete' else float(rng.uniform(2.5, 4.5))
            rows.append((outer + float(rng.uniform(4, 14)), kind, height, -30.0, self.length))
        for across, kind, height, start, end in rows:
            for along in np.arange(start, min(end, self.length + 120), 24.0):
                self.things.append(Boundary(float(along), 24.0, across, kind, height))

    def _trees(self) -> None:
        """Plant belts of trees and single ones on both sides."""
        rng = self.rng
        sides = ((1, self.right + self.right_shoulder + 6),
                 (-1, -self.left + self.left_shoulder + (
                     self.lanes * self.width + 20 if self.opposite else 6)))
        for side, start in sides:
            density = float(rng.choice((0.3, 1.0, 3.0)))
            setback = start + float(rng.uniform(0, 12))
            along = float(rng.uniform(-10, 30))
            while along < self.length + 100:
                if rng.random() < 0.12:
                    along += float(rng.uniform(10, 60))
                kind = str(rng.choice(('leafy', 'leafy', 'bush', 'conifer')))
                height = float(rng.uniform(1.5, 4) if kind == 'bush' else rng.uniform(5, 16))
                tint = np.full(3, rng.uniform(0.6, 1.05)) + rng.normal(0, 0.04, 3)
                self.things.append(Plant(along, side * (setback + float(rng.exponential(7))), kind,
                                         int(rng.integers(VARIANTS)), height,
                                         float(rng.uniform(0.9, 1.5)), tuple(tint)))
                along += float(rng.exponential(9.0 / density)) * (1 + max(0, along) / 250)

    def _posts(self) -> None:
        """Put up signs, lamps, wires and now and then a gantry."""
        rng, outer = self.rng, self.right + self.right_shoulder
        for along in rng.uniform(15, self.length, int(rng.poisson(self.length / 90))):
            self.things.append(Pole(float(along), outer + 1.5, 'sign',
                                    float(rng.uniform(2.5, 4.0)), int(rng.integers(8000))))
        if rng.random() < 0.35:
            gap = float(rng.uniform(35, 60))
            for along in np.arange(rng.uniform(0, 40), self.length, gap):
                self.things.append(Pole(float(along), self.left - self.left_shoulder - 0.4,
                                        'lamp', 10.0, 1))
        if rng.random() < 0.4:
            for along in np.arange(rng.uniform(10, 50), self.length, 45.0):
                self.things.append(Pole(float(along), outer + 9.0, 'wires', 9.5, 0))
        if rng.random() < 0.25:
            self.things.append(Pole(float(rng.uniform(25, self.length)), outer + 0.8, 'gantry',
                                    7.0, 0))

    def _traffic(self) -> None:
        """Fill our lanes with cars ahead, and the other carriageway with cars coming."""
        rng = self.rng
        gap = float(rng.choice((14.0, 30.0, 60.0)))
        for lane in range(self.lanes):
            own = lane == self.lane
            along = float(rng.uniform(9, 40) if own else rng.uniform(-2, 30))
            speed = self.speed if own else self.speed + float(rng.uniform(-4, 4))
            while along < self.length:
                self._car(along, self.left + (lane + 0.5) * self.width, speed)
                along += 9.0 + float(rng.exponential(gap))
        if not self.opposite:
            return
        for lane in range(self.lanes):
            along, speed = float(rng.uniform(5, 80)), float(rng.uniform(22, 31))
            while along < self.length * 1.5:
                self._car(along, self.median - 1.0 - (lane + 0.5) * self.width, -speed)
                along += 12.0 + float(rng.exponential(gap * 1.6))

    def _car(self, along: float, across: float, speed: float) -> None:
        """Put one car into a lane; all cars of a lane keep its speed, negative comes to us."""
        self.things.append(draw_vehicle(
            self.rng, along, across + float(self.rng.normal(0, 0.25)), speed, american=True,
            dusk=self.dusk, towards=speed < 0))


def country(rng: np.random.Generator, length: float, dusk: float) -> World:
    """Draw a country road with two lanes between verges, hedges and trees."""
    base = Highway(rng, length, dusk)
    base.speed = float(rng.uniform(12, 20))
    half = float(rng.uniform(2.8, 3.8))
    base.lanes, base.width, base.left, base.right = 2, half, -half, half
    base.left_shoulder = base.right_shoulder = float(rng.uniform(0.2, 1.2))
    base.opposite, base.median = False, -half
    asphalt = np.array((122, 120, 120)) * rng.uniform(0.75, 1.2)
    edge = half + base.left_shoulder
    bands = [Band(-edge - 0.7, edge + 0.7, tuple(base.grass * 0.85), GRASS),
             Band(-edge, edge, tuple(asphalt), ROAD)]
    lines = [Line(0.0, 0.12, (214, 204, 170), 3.0, float(rng.choice((0.0, 3.0, 6.0))))]
    if rng.random() < 0.6:
        lines += [Line(-half, 0.12, (218, 218, 212)), Line(half, 0.12, (218, 218, 212))]
    lines = [Line(line.across, line.width, line.color, line.dash if line.gap else 0.0, line.gap)
             for line in lines]
    road = Road(amplitude=float(rng.uniform(2, 16)), wavelength=float(rng.uniform(300, 700)),
                phase=float(rng.uniform(0, 2 * np.pi)), bands=bands, lines=lines)
    _country_sides(base, edge)
    side = -1 if rng.random() < 0.6 else 1
    _country_traffic(base, half, side)
    return World(style='country', road=road, things=base.things, land=tuple(base.grass),
                 wear=int(rng.integers(100)), across=side * half / 2, speed=base.speed)


def _country_sides(base: Highway, edge: float) -> None:
    """Line a country road with hedges, fences and trees."""
    rng = base.rng
    base.right = -base.left
    base.left_shoulder = base.right_shoulder = edge - base.right
    base._trees()
    for side in (-1, 1):
        kind = str(rng.choice(('hedge', 'boards', 'mesh', 'none', 'rail')))
        if kind == 'none':
            continue
        height = {'hedge': 1.8, 'boards': 1.1, 'mesh': 1.2, 'rail': 0.8}[kind]
        for along in np.arange(-30.0, base.length + 100, 16.0):
            base.things.append(Boundary(float(along), 16.0, side * (edge + 2.0), kind,
                                        height * float(rng.uniform(0.95, 1.05))))
    for along in rng.uniform(10, base.length, int(rng.poisson(base.length / 70))):
        base.things.append(Pole(float(along), float(rng.choice((-1, 1)) * (edge + 1.2)), 'sign',
                                2.4, int(rng.integers(8000))))


def _country_traffic(base: Highway, half: float, side: int) -> None:
    """Put a few cars and now and then a cyclist or a walker on a country road."""
    rng = base.rng
    for speed, lane in ((base.speed, side * half / 2), (-base.speed, -side * half / 2)):
        along = float(rng.uniform(10, 60))
        while along < base.length:
            base._car(along, lane, speed)
            along += 14.0 + float(rng.exponential(60.0))
    if rng.random() < 0.4:
        base.things.append(draw_bicyclist(rng, float(rng.uniform(7, 40)), half * side - side * 0.4,
                                          False, 5.0))
    if rng.random() < 0.3:
        base.things.append(draw_pedestrian(rng, float(rng.uniform(8, 40)), side * (half + 0.9)))


def _box(start: float, end: float, left: float, right: float) -> np.ndarray:
    """Return the (4, 2) corners of a rectangle along the road."""
    return np.array([[start, left], [end, left], [end, right], [start, right]], np.float64)

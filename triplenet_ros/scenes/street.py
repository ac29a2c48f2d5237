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

"""Town and residential streets: houses on both sides, pavements, parked cars, people."""

from typing import List, Optional, Tuple

import numpy as np

from triplenet_ros.scenes.cast import draw_bicyclist, draw_pedestrian, draw_vehicle
from triplenet_ros.scenes.facades import facade, FACADES
from triplenet_ros.scenes.foliage import VARIANTS
from triplenet_ros.scenes.furniture import Pole
from triplenet_ros.scenes.road import Band, Line, Patch, Road
from triplenet_ros.scenes.surroundings import Boundary, Building, Plant
from triplenet_ros.scenes.world import Thing, World

ROAD, PAVEMENT, GRASS = 3, 4, 5
_SLATES = ((74, 74, 80), (98, 70, 58), (84, 78, 74), (60, 62, 68))


class Street:
    """Draws one street; every part asks the same source of chance in a fixed order."""

    def __init__(self, rng: np.random.Generator, length: float, dusk: float,
                 residential: bool) -> None:
        """Settle the cross-section, the junctions and where cars are parked."""
        self.rng, self.length, self.dusk, self.residential = rng, length, dusk, residential
        self.speed = float(rng.uniform(5, 10))
        self.parked = {side: float(rng.choice((0.0, 0.15, 0.5, 0.85), p=(0.35, 0.2, 0.25, 0.2)))
                       for side in (-1, 1)}
        self.half = float(rng.uniform(3.2, 4.6))
        wide = rng.random() < 0.3
        if wide:
            self.half = float(rng.uniform(5.5, 8.0))
        elif max(self.parked.values()) > 0:
            # Cars must be able to pass those that are parked.
            self.half = max(self.half, 4.2)
        self.walk = float(rng.uniform(1.6, 3.6))
        self.verge = float(rng.uniform(0.8, 3.0)) if residential and rng.random() < 0.6 else 0.0
        self.garden = float(rng.uniform(2, 8)) if residential else (
            float(rng.uniform(0, 6)) if rng.random() < 0.25 else 0.0)
        self.edge = self.half + self.verge + self.walk
        self.bare = rng.random() < 0.7
        self.crossings = self._draw_crossings()
        self.things: List[Thing] = []
        self._taken: List[Tuple[float, float, float, float]] = []

    def world(self) -> World:
        """Return the whole street."""
        rng = self.rng
        road = self._road()
        for side in (-1, 1):
            self._frontage(side)
            self._furniture(side)
            self._walkers(side)
        self._cyclists()
        self._crossing_people()
        for side in (-1, 1):
            self._parked(side)
        self._moving()
        return World(style='residential' if self.residential else 'town', road=road,
                     things=self.things, land=(104, 106, 70) if self.residential
                     else (98, 96, 92), wear=int(rng.integers(100)),
                     across=float(-self.half / 2 + rng.normal(0, 0.35)),
                     speed=self.speed)

    def _draw_crossings(self) -> List[Tuple[float, float]]:
        """Return where side roads are: start and end along the road."""
        found, along = [], float(self.rng.uniform(5, 70))
        while along < self.length:
            wide = float(self.rng.uniform(7, 14))
            found.append((along, along + wide))
            along += float(self.rng.uniform(50, 140))
        return found if self.rng.random() < 0.75 else []

    def _free(self, start: float, end: float) -> bool:
        """Say whether no side road is between two places."""
        return all(end < low or start > high for low, high in self.crossings)

    def _claim(self, along: float, across: float, long: float, wide: float) -> bool:
        """Take a place on the road, if nobody else is there."""
        if any(abs(along - other[0]) < (long + other[2]) / 2
               and abs(across - other[1]) < (wide + other[3]) / 2 for other in self._taken):
            return False
        self._taken.append((along, across, long, wide))
        return True

    def _road(self) -> Road:
        """Return the road with bands, lines and patches."""
        rng = self.rng
        asphalt = np.array((112, 112, 116)) * rng.uniform(0.78, 1.22) + rng.normal(0, 2, 3)
        paving = np.array((128, 124, 118)) * rng.uniform(0.8, 1.15) + rng.normal(0, 4, 3)
        land = np.array((96, 104, 56)) * rng.uniform(0.8, 1.2)
        yard = land if self.garden and rng.random() < 0.6 else paving * 0.95
        bands = [Band(-60, 60, tuple(yard if self.garden else paving),
                      GRASS if self.garden and yard is land else PAVEMENT)]
        bands.append(Band(-self.edge, self.edge, tuple(paving), PAVEMENT))
        if self.verge:
            bands.append(Band(-self.half - self.verge, self.half + self.verge, tuple(land), GRASS))
        kerb = tuple(paving * rng.uniform(0.9, 1.35))
        bands.append(Band(-self.half - 0.16, self.half + 0.16, kerb, PAVEMENT))
        bands.append(Band(-self.half - 0.03, self.half + 0.03, tuple(asphalt * 0.6), ROAD))
        bands.append(Band(-self.half + 0.05, self.half - 0.05, tuple(asphalt), ROAD))
        bend = rng.uniform(0, 7) if rng.random() < 0.6 else 0.0
        return Road(amplitude=float(bend), wavelength=float(rng.uniform(260, 600)),
                    phase=float(rng.uniform(0, 2 * np.pi)), bands=bands, lines=self._lines(),
                    patches=self._patches(asphalt))

    def _lines(self) -> List[Line]:
        """Return the lines along a British street."""
        rng, white, yellow = self.rng, (208, 208, 204), (186, 160, 84)
        fade = rng.uniform(0.75, 1.1)
        white = tuple(value * fade for value in white)
        lines = []
        if not self.residential or rng.random() < 0.5:
            dash = float(rng.choice((2.0, 4.0, 6.0)))
            lines.append(Line(0.0, 0.12, white, dash, float(rng.choice((2.0, 4.0, 5.0)))))
        if rng.random() < 0.5:
            for side in (-1, 1):
                for inset in (0.3, 0.5):
                    lines.append(Line(side * (self.half - inset), 0.08, yellow))
        if self.half > 5.4:
            for side in (-1, 1):
                lines.append(Line(side * (self.half - 1.6), 0.13, white,
                                  *((0.0, 0.0) if rng.random() < 0.5 else (4.0, 2.0))))
        return lines

    def _patches(self, asphalt: np.ndarray) -> List[Patch]:
        """Return side roads, crossings for people, arrows and repairs."""
        rng, patches = self.rng, []
        white = (206, 206, 202)
        for start, end in self.crossings:
            for side in (-1, 1):
                low, high = sorted((side * (self.half - 0.1), side * 60.0))
                patches.append(Patch(_box(start, end, low, high), tuple(asphalt * 0.98), ROAD))
                for dash in np.arange(start + 0.5, end - 1, 1.4):
                    patches.append(Patch(_box(dash, dash + 0.7, side * self.half - 0.1,
                                              side * self.half + 0.1), white))
            if rng.random() < 0.5:
                patches += self._zebra(start - 5.0)
        for _ in range(int(rng.integers(2, 9))):
            along, across = rng.uniform(0, self.length), rng.uniform(-self.half, self.half)
            size = rng.uniform(0.5, 6.0), rng.uniform(0.3, 1.5)
            low, high = np.clip((across, across + size[1]), -self.half, self.half)
            patches.append(Patch(_box(along, along + size[0], low, high),
                                 tuple(asphalt * rng.uniform(0.72, 1.12))))
        if rng.random() < 0.4:
            for along in np.arange(rng.uniform(4, 30), self.length, rng.uniform(30, 80)):
                patches.append(_arrow(float(along), -self.half / 2, white))
        if rng.random() < 0.15 and self.half > 5.4:
            patches.append(Patch(_box(0, self.length, -self.half, -self.half + 1.5),
                                 (128, 76, 66)))
        return patches

    def _zebra(self, along: float) -> List[Patch]:
        """Return the bars of a zebra crossing."""
        return [Patch(_box(along, along + 2.8, across, across + 0.6), (210, 210, 206))
                for across in np.arange(-self.half + 0.3, self.half - 0.5, 1.2)]

    def _frontage(self, side: int) -> None:
        """Build one side: rows of houses with gaps, gardens, walls and trees."""
        rng, along = self.rng, -30.0
        depth = self.edge + self.garden
        row, before = rng.uniform(0, 1), None
        green = rng.random() < (0.35 if self.residential else 0.2)
        while along < self.length + 70:
            free = self._free(along, along + 5)
            if not free:
                along += 3.0
                continue
            if rng.random() < (0.4 if green else 0.07):
                along += self._park(side, along, depth)
                continue
            house = self._house(side, along, depth, row, before)
            if not self._free(along, along + house.size[0]):
                along += 3.0
                continue
            self.things.append(house)
            before = house
            if self.garden > 1.5:
                self._front_garden(side, along, house.size[0])
            along += house.size[0] + (float(rng.uniform(1, 7)) if self.residential
                                      and rng.random() < 0.5 else 0.0)

    def _house(self, side: int, along: float, depth: float, row: float,
               before: Optional[Building]) -> Building:
        """Return one house; neighbours in a terrace resemble each other."""
        rng = self.rng
        front = int(rng.integers(FACADES))
        if self.residential:
            front = front - front % 6 + int(rng.choice((0, 1, 5)))
        tint = np.full(3, rng.uniform(0.75, 1.5)) + rng.normal(0, 0.04, 3)
        flat = front % 6 == 4
        scale = float(rng.uniform(0.9, 1.25))
        covered = (before is not None and along - sum((before.along, before.size[0])) < 0.1
                   and before.size[1] >= facade(front)[1] * scale)
        return Building(along=float(along), across=float(side * (depth + rng.uniform(0, 0.4))),
                        front=front, scale=scale, covered=covered,
                        depth=float(rng.uniform(8, 13)),
                        roof=0.0 if flat else float(rng.uniform(2.0, 4.2)), tint=tuple(tint),
                        slate=_SLATES[int((row * 7 + rng.integers(2)) % 4)],
                        chimney=bool(not flat and rng.random() < 0.7))

    def _front_garden(self, side: int, along: float, length: float) -> None:
        """Close a front garden with a wall or hedge and plant something."""
        rng = self.rng
        kind = str(rng.choice(('brick', 'hedge', 'rails', 'boards', 'stone')))
        height = float(rng.uniform(0.7, 1.8) if kind in ('hedge', 'boards')
                       else rng.uniform(0.6, 1.2))
        if rng.random() < 0.8:
            self.things.append(Boundary(along, length - 1.0, side * (self.edge + 0.1), kind,
                                        height))
        if rng.random() < 0.4 and self.garden > 2.5:
            self.things.append(self._plant(along + length / 2, side * (self.edge + 1.6), True))

    def _plant(self, along: float, across: float, small: bool) -> Plant:
        """Return a tree of the season, or a bush."""
        rng = self.rng
        kind = 'bare' if self.bare and rng.random() < 0.8 else str(
            rng.choice(('leafy', 'leafy', 'conifer', 'bush')))
        height = rng.uniform(2.0, 5.0) if small else rng.uniform(6.0, 14.0)
        if kind == 'bush':
            height = rng.uniform(1.2, 3.0)
        tint = np.full(3, rng.uniform(0.7, 1.15)) + rng.normal(0, 0.04, 3)
        return Plant(float(along), float(across), kind, int(rng.integers(VARIANTS)),
                     float(height), float(rng.uniform(0.8, 1.15) if kind != 'bush' else 1.6),
                     tuple(tint))

    def _park(self, side: int, along: float, depth: float) -> float:
        """Leave out houses: trees behind a wall or railings; returns the length."""
        rng = self.rng
        length = float(rng.uniform(8, 30))
        for low, high in self.crossings:
            if along < low < along + length:
                length = low - along
        kind = str(rng.choice(('brick', 'rails', 'stone', 'hedge', 'boards', 'mesh')))
        self.things.append(Boundary(along, length, side * (self.edge + 0.05), kind,
                                    float(rng.uniform(0.9, 2.0))))
        for _ in range(1 + int(length / 4.5)):
            self.things.append(self._plant(along + rng.uniform(0, length),
                                           side * (depth + rng.uniform(1, 9)), False))
        return length + 0.5

    def _furniture(self, side: int) -> None:
        """Put up lamps, signs, lights, bollards, bins and street trees."""
        rng = self.rng
        near, far = side * (self.half + 0.45), side * (self.edge - 0.4)
        tall, gap, look = rng.uniform(5, 9), rng.uniform(22, 40), int(rng.integers(6))
        for along in np.arange(rng.uniform(0, 30), self.length, gap):
            if self._free(along - 1, along + 1):
                self.things.append(Pole(float(along), near if look % 2 else far, 'lamp',
                                        float(tall), look))
        for along in rng.uniform(5, self.length, int(rng.poisson(self.length / 28))):
            self.things.append(Pole(float(along), near, 'sign', float(rng.uniform(2.2, 3.0)),
                                    int(rng.choice((0, 1, 2, 3, 0, 1, 2, 7, 15, 6)))))
        for along in rng.uniform(4, self.length, int(rng.poisson(self.length / 45))):
            kind = str(rng.choice(('bin', 'post', 'post')))
            self.things.append(Pole(float(along), near if kind == 'post' else far, kind,
                                    float(rng.uniform(0.9, 1.3)), int(rng.integers(30))))
        for start, _ in self.crossings:
            if rng.random() < 0.55:
                self.things.append(Pole(start - 2.5, near, 'lights', 3.4, int(rng.integers(60))))
        if rng.random() < 0.3:
            for along in np.arange(rng.uniform(5, 20), self.length, rng.uniform(9, 25)):
                place = side * (self.half + max(0.7, self.verge / 2))
                self.things.append(self._plant(float(along), place, False))

    def _parked(self, side: int) -> None:
        """Park cars at the kerb."""
        rng = self.rng
        share = self.parked[side]
        lane = side * (self.half - (1.0 if self.half > 5.0 else 0.15))
        along = float(rng.uniform(5, 14))
        while along < min(self.length, 140):
            if (rng.random() < share and self._free(along - 4, along + 4)
                    and self._claim(along, lane, 5.2, 1.8)):
                self.things.append(draw_vehicle(
                    rng, along, lane + rng.normal(0, 0.1), 0.0, american=False, dusk=self.dusk,
                    towards=bool(side > 0) ^ bool(rng.random() < 0.15), parked=True))
            along += float(rng.uniform(5.4, 7.5))

    def _walkers(self, side: int) -> None:
        """Let people walk on the pavement, alone and in pairs."""
        rng = self.rng
        count = int(rng.poisson(self.length / (60.0 if self.residential else 22.0)))
        for _ in range(count):
            along = float(6 + rng.beta(1.0, 1.6) * self.length * 0.7)
            across = side * float(rng.uniform(self.half + self.verge + 0.5, self.edge - 0.4))
            walker = draw_pedestrian(rng, along, across)
            self.things.append(walker)
            if rng.random() < 0.3:
                other = draw_pedestrian(rng, along + 0.3, across + 0.6 * side)
                self.things.append(other)

    def _moving(self) -> None:
        """Let cars drive in both directions."""
        rng = self.rng
        for towards, lane in ((False, -self.half / 2), (True, self.half / 2)):
            along = float(rng.uniform(7, 45))
            gap = float(rng.choice((9.0, 25.0, 70.0)))
            speed = float(rng.uniform(5, 10)) if towards else self.speed
            while along < self.length:
                if self._claim(along, lane, 8.0, 1.7):
                    self.things.append(draw_vehicle(
                        rng, along, lane + rng.normal(0, 0.15), -speed if towards else speed,
                        american=False, dusk=self.dusk, towards=towards))
                along += 6.0 + float(rng.exponential(gap))

    def _cyclists(self) -> None:
        """Let people ride near the kerb, most of them ahead of us."""
        rng = self.rng
        for _ in range(int(rng.choice((0, 1, 2, 5), p=(0.22, 0.3, 0.28, 0.2)))):
            towards = bool(rng.random() < 0.3)
            side = 1 if towards else -1
            across, speed = self.half - rng.uniform(0.6, 1.6), float(rng.uniform(3.5, 6))
            if self.parked[side] > 0:
                # Beside parked cars one rides in the lane, with the traffic.
                across, speed = self.half / 2 + rng.uniform(0.0, 0.6), self.speed
            along = float(5 + rng.beta(1.0, 2.4) * 70)
            if self._claim(along, side * across, 3.5, 0.9):
                self.things.append(draw_bicyclist(rng, along, float(side * across), towards,
                                                  speed))

    def _crossing_people(self) -> None:
        """Let someone cross the road, on foot or by bicycle."""
        rng = self.rng
        for _ in range(int(rng.choice((0, 1, 2), p=(0.65, 0.25, 0.1)))):
            along = float(rng.uniform(9, 60))
            across = float(rng.uniform(-self.half, self.half))
            if not self._claim(along, across, 3.0, 1.6):
                continue
            if rng.random() < 0.75:
                self.things.append(draw_pedestrian(rng, along, across, crossing=True,
                                                   limit=self.half + 1.0))
            else:
                turn = float(np.pi / 2 * rng.choice((-1, 1)))
                self.things.append(draw_bicyclist(rng, along, across, False, 0.0, turn))


def _box(start: float, end: float, left: float, right: float) -> np.ndarray:
    """Return the (4, 2) corners of a rectangle along the road."""
    return np.array([[start, left], [end, left], [end, right], [start, right]], np.float64)


def _arrow(along: float, across: float, color: Tuple[float, float, float]) -> Patch:
    """Return a painted arrow."""
    outline = np.array([[0, -0.12], [2.4, -0.12], [2.4, -0.45], [4.2, 0], [2.4, 0.45],
                        [2.4, 0.12], [0, 0.12]], np.float64)
    return Patch(outline + (along, across), color)

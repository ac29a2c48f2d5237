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

"""Whoever moves: where they are at a moment, and how they are painted there."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.ground import Shadows
from triplenet_ros.scenes.mesh import Shape
from triplenet_ros.scenes.people import Clothes, paint_bicyclist, paint_pedestrian
from triplenet_ros.scenes.road import Road
from triplenet_ros.scenes.vehicles import footprint, Paint, paint_vehicle


@dataclass(frozen=True)
class Mover:
    """
    Something that moves along the road.

    :param along: metres along the road at time 0
    :param across: lateral position at time 0
    :param speed: metres a second along the road; negative comes towards us
    :param drift: metres a second across the road
    :param turn: heading against the road's direction, radians
    :param limit: how far from the middle of the road it gets, metres
    """

    along: float
    across: float
    speed: float
    drift: float
    turn: float
    limit: float

    def position(self, now: float) -> float:
        """Return the distance along the road at a time in seconds."""
        return self.along + self.speed * now

    def order(self, now: float) -> float:
        """Return how far along the road it must be painted."""
        return self.position(now)

    def reach(self, now: float) -> Tuple[float, float]:
        """Return where it begins and ends along the road."""
        return self.position(now) - 6.0, self.position(now) + 6.0

    def place(self, road: Road, now: float) -> np.ndarray:
        """Return the (3,) world point of its footprint's middle."""
        across = min(self.limit, max(-self.limit, self.across + self.drift * now))
        return road.point(self.position(now), across)

    def heading(self, road: Road, now: float) -> float:
        """Return its direction in radians to the right of the world's y axis."""
        return road.heading(self.position(now)) + self.turn


@dataclass(frozen=True)
class Vehicle(Mover):
    """A car, van, bus or lorry of a shape and a finish."""

    shape: Shape
    finish: Paint

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint it."""
        paint_vehicle(canvas, self.shape, self.finish, self.place(road, now),
                      self.heading(road, now))

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw its shadow and darken the road below it."""
        place, heading = self.place(road, now), self.heading(road, now)
        shadows.solid(footprint(self.shape, place, heading, -0.1), self.shape.height * 0.85)
        shadows.touch(footprint(self.shape, place, heading, 0.12), 0.72)


@dataclass(frozen=True)
class Pedestrian(Mover):
    """Someone on foot; ``phase`` is the gait's at time 0, radians."""

    clothes: Clothes
    phase: float

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint them in stride."""
        pace = float(np.hypot(self.speed, self.drift))
        paint_pedestrian(canvas, self.clothes, self.place(road, now), self.heading(road, now),
                         self.phase + now * pace * 4.2, min(1.0, pace / 1.2))

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw a shadow as wide as the shoulders."""
        _cast_person(shadows, self.place(road, now), self.clothes.height)


@dataclass(frozen=True)
class Bicyclist(Mover):
    """Someone on a bicycle; ``phase`` is the pedals' at time 0, radians."""

    clothes: Clothes
    frame: Tuple[float, float, float]
    phase: float

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint them pedalling."""
        paint_bicyclist(canvas, self.clothes, self.frame, self.place(road, now),
                        self.heading(road, now), self.phase + now * abs(self.speed) * 1.6)

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw the shadow of rider and wheels."""
        place = self.place(road, now)
        _cast_person(shadows, place, 1.75)
        shadows.cast(place + np.array([[0, -0.8, 0], [0, 0.8, 0], [0, 0.8, 0.6], [0, -0.8, 0.6]]),
                     0.5)


def _cast_person(shadows: Shadows, place: np.ndarray, height: float) -> None:
    """Throw the shadow of someone upright."""
    shadows.cast(place + np.array([[-0.2, 0, 0], [0.2, 0, 0], [0.22, 0, height * 0.85],
                                   [0.1, 0, height], [-0.1, 0, height],
                                   [-0.22, 0, height * 0.85]]), 0.9)
    foot = np.array([[-0.28, -0.2, 0], [0.28, -0.2, 0], [0.28, 0.25, 0], [-0.28, 0.25, 0]])
    shadows.touch(place + foot, 0.5)

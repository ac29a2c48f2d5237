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

"""Chance for whoever takes part in traffic: models, colours, clothes."""

from functools import lru_cache
from typing import Tuple

import numpy as np

from triplenet_ros.scenes.mesh import Shape, SHAPES
from triplenet_ros.scenes.people import Clothes
from triplenet_ros.scenes.traffic import Bicyclist, Pedestrian, Vehicle
from triplenet_ros.scenes.vehicles import Paint

_CAR_COLORS = ((182, 186, 190), (128, 132, 138), (30, 31, 34), (214, 216, 216), (36, 52, 98),
               (136, 26, 30), (64, 70, 78), (44, 80, 64), (92, 112, 140), (150, 140, 120),
               (190, 30, 34), (60, 62, 66))
_COLOR_ODDS = np.array((0.18, 0.12, 0.16, 0.15, 0.09, 0.08, 0.07, 0.02, 0.04, 0.03, 0.04, 0.02))
_DARK = ((32, 34, 40), (46, 48, 58), (26, 26, 28), (58, 54, 50), (40, 50, 72), (70, 72, 76))
_GAY = ((150, 34, 36), (190, 180, 160), (210, 210, 206), (60, 96, 140), (66, 100, 66),
        (206, 180, 60), (120, 80, 110), (205, 225, 60))
_SKIN = ((214, 170, 146), (196, 150, 126), (226, 186, 164), (142, 98, 76), (92, 64, 50))
_HAIR = ((44, 34, 28), (82, 60, 42), (30, 28, 28), (150, 124, 88), (140, 138, 136), (26, 26, 30))
_UK = ('hatchback', 'saloon', 'estate', 'mpv', 'offroad', 'coupe', 'van', 'bus', 'doubledecker',
       'lorry')
_UK_ODDS = np.array((0.36, 0.17, 0.13, 0.09, 0.06, 0.03, 0.10, 0.02, 0.025, 0.015))
_US_ODDS = np.array((0.10, 0.36, 0.06, 0.12, 0.22, 0.04, 0.05, 0.01, 0.0, 0.04))


@lru_cache(maxsize=None)
def _shape(name: str, variant: int) -> Shape:
    """Return one of the builds, a little larger or smaller; few enough to keep their meshes."""
    base = SHAPES[name]
    long, wide, high = np.random.default_rng([5, variant]).uniform(0.94, 1.06, 3)
    return Shape(base.length * long, base.width * wide, base.height * high, base.belt * high,
                 base.nose * high, base.cabin, base.roof, base.wheel, base.glazed)


def draw_vehicle(rng: np.random.Generator, along: float, across: float, speed: float, *,
                 american: bool, dusk: float, towards: bool = False,
                 parked: bool = False) -> Vehicle:
    """Return a vehicle of some make at a place; ``towards`` turns it to face us."""
    odds = (_US_ODDS if american else _UK_ODDS).copy()
    if parked:
        odds[7:] = 0
    name = str(rng.choice(_UK, p=odds / odds.sum()))
    color = np.array(_CAR_COLORS[rng.choice(len(_CAR_COLORS), p=_COLOR_ODDS / _COLOR_ODDS.sum())])
    if name in ('van', 'lorry') and rng.random() < 0.6:
        color = np.array((214, 214, 210))
    if name in ('bus', 'doubledecker'):
        color = np.array(((150, 30, 32), (220, 218, 210), (44, 74, 130), (40, 90, 70))[
            rng.integers(4)])
    plate = (224, 224, 220) if american else (214, 178, 40)
    lit = not parked and rng.random() < dusk * 1.5
    finish = Paint(tuple(color * rng.uniform(0.85, 1.15)), plate, bool(lit),
                   bool(not parked and rng.random() < 0.2))
    turn = (np.pi if towards else 0.0) + rng.normal(0, 0.015)
    return Vehicle(along, across, speed, 0.0, float(turn), np.inf,
                   _shape(name, int(rng.integers(6))), finish)


def _clothes(rng: np.random.Generator) -> Clothes:
    """Return what somebody wears; mostly dark."""
    def pick(colors: Tuple[Tuple[int, int, int], ...]) -> Tuple[float, float, float]:
        return tuple(np.array(colors[rng.integers(len(colors))]) * rng.uniform(0.75, 1.2))
    top = pick(_DARK if rng.random() < 0.62 else _GAY)
    return Clothes(top=top, legs=pick(_DARK), skin=pick(_SKIN), hair=pick(_HAIR),
                   shoes=(24, 22, 22), bag=pick(_DARK if rng.random() < 0.6 else _GAY),
                   height=float(np.clip(rng.normal(1.71, 0.1), 1.1, 1.95)),
                   coat=bool(rng.random() < 0.4), carries=bool(rng.random() < 0.4))


def draw_pedestrian(rng: np.random.Generator, along: float, across: float,
                    crossing: bool = False, limit: float = np.inf) -> Pedestrian:
    """Return someone on foot who walks along, or across up to a limit, or stands."""
    pace = 0.0 if rng.random() < 0.2 else rng.uniform(0.9, 1.6)
    away = 1.0 if rng.random() < 0.5 else -1.0
    turn = (0.0 if away > 0 else np.pi) + rng.normal(0, 0.25)
    speed, drift = away * pace, 0.0
    if crossing:
        speed, drift, turn = 0.0, away * pace, away * np.pi / 2 + rng.normal(0, 0.15)
    return Pedestrian(along, across, speed, drift, float(turn), float(limit), _clothes(rng),
                      float(rng.uniform(0, 2 * np.pi)))


def draw_bicyclist(rng: np.random.Generator, along: float, across: float, towards: bool,
                   speed: float, turn: float = 0.0) -> Bicyclist:
    """Return someone on a bicycle; ``turn`` adds to the direction, radians."""
    heading = (np.pi if towards else 0.0) + turn + rng.normal(0, 0.06)
    colors = _DARK if rng.random() < 0.5 else _GAY
    frame = np.array(colors[rng.integers(len(colors))])
    return Bicyclist(along, across, -speed if towards else speed, 0.0, float(heading),
                     np.inf, _clothes(rng), tuple(frame), float(rng.uniform(0, 2 * np.pi)))

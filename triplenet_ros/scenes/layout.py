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

"""Which kind of road a scene shows, and from where it is seen."""

from typing import Tuple

import numpy as np

from triplenet_ros.scenes.camera import Camera
from triplenet_ros.scenes.highway import country, Highway
from triplenet_ros.scenes.street import Street
from triplenet_ros.scenes.weather import draw_weather, Weather
from triplenet_ros.scenes.world import World

STYLES = ('town', 'highway', 'residential', 'country')
_ODDS = (0.52, 0.26, 0.14, 0.08)


def draw_world(rng: np.random.Generator, length: float) -> Tuple[World, Weather]:
    """
    Draw a road of some style with everything on it, and its weather.

    :param rng: where chance comes from
    :param length: metres of road ahead that can be driven
    """
    style = str(rng.choice(STYLES, p=_ODDS))
    weather = draw_weather(rng, style)
    dusk = weather.light.dusk
    if style == 'highway':
        return Highway(rng, length + 220, dusk).world(), weather
    if style == 'country':
        return country(rng, length + 160, dusk), weather
    return Street(rng, length + 120, dusk, style == 'residential').world(), weather


class Mount:
    """How a camera is fixed in the car: the same for all frames of a drive."""

    def __init__(self, rng: np.random.Generator, style: str, height: int, width: int) -> None:
        """
        Draw a camera.

        :param rng: where chance comes from
        :param style: of the road; highway cameras have a narrower view
        :param height: rows of the picture
        :param width: columns of the picture
        """
        self.size = height, width
        view = rng.uniform(42, 62) if style == 'highway' else rng.uniform(46, 68)
        # Wide pictures come from wide lenses: keep what is seen upwards alike.
        share = width / max(height, 1) / (4 / 3)
        self.view = float(2 * np.arctan(np.tan(np.radians(view) / 2)
                                        * np.clip(share ** 0.6, 0.5, 2.0)))
        self.up = float(rng.uniform(1.15, 1.65))
        self.pitch = float(rng.normal(0.0, 0.03)) + (0.02 if style == 'highway' else 0.0)
        self.roll = float(rng.normal(0, 0.012))
        self.yaw = float(rng.normal(0, 0.02 if style == 'highway' else 0.06))
        self.bonnet = bool(rng.random() < 0.11)
        self.shade = float(rng.uniform(20, 170))

    def camera(self, world: World, along: float, shake: Tuple[float, float]) -> Camera:
        """Return the camera at a place along the road; ``shake`` adds pitch and roll."""
        height, width = self.size
        return Camera.looking(
            height=height, width=width, field_of_view=self.view,
            position=world.road.point(along, world.across, self.up),
            yaw=world.road.heading(along) + self.yaw, pitch=self.pitch + shake[0],
            roll=self.roll + shake[1])

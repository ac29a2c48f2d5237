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

"""Time of day and weather, drawn at random: light, sky, rain, and how the camera takes it."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from triplenet_ros.scenes.light import Light
from triplenet_ros.scenes.sky import Sky


@dataclass(frozen=True)
class Weather:
    """
    Everything about a scene that comes from above or from the lens.

    :param light: sun, sky light and haze
    :param sky: what the sky looks like
    :param rain: 0 dry to 1 heavy
    :param wet: 0 dry road to 1 mirror
    :param gamma: exponent of the exposure: above 1 darkens all but the brightest
    :param gain: factor after it
    :param cast: (3,) colour factors of the white balance
    :param glare: strength of the sun in the lens, 0 to 1
    :param blur: standard deviation of defocus, pixels of a picture 480 wide
    :param noise: standard deviation of sensor noise, 0..255
    :param vignette: how much darker the corners are, 0 to 1
    :param jpeg: quality, 0 is none
    """

    light: Light
    sky: Sky
    rain: float
    wet: float
    gamma: float
    gain: float
    cast: Tuple[float, float, float]
    glare: float
    blur: float
    noise: float
    vignette: float
    jpeg: int


def draw_weather(rng: np.random.Generator, style: str) -> Weather:
    """
    Draw a scene's weather.

    :param rng: where chance comes from
    :param style: town, highway, residential or country
    """
    kinds = ('sun', 'bright', 'overcast', 'dusk', 'rain')
    chances = (0.62, 0.10, 0.12, 0.08, 0.08) if style in ('highway', 'country') else (
        0.14, 0.56, 0.15, 0.09, 0.06)
    kind = str(rng.choice(kinds, p=chances))
    light, sky = _DRAW[kind](rng)
    exposure = {'sun': (0.75, 1.1), 'bright': (0.75, 1.3), 'overcast': (0.85, 1.5),
                'dusk': (0.9, 1.5), 'rain': (0.8, 1.3)}[kind]
    cast = 1.0 + rng.normal(0, 0.025, 3)
    rain = float(rng.uniform(0.3, 1.0)) if kind == 'rain' else 0.0
    damp = kind in ('overcast', 'dusk') and rng.random() < 0.3
    wet = float(rng.uniform(0.3, 0.9)) if rain or damp else 0.0
    return Weather(
        light=light, sky=sky, rain=rain, wet=wet, gamma=float(rng.uniform(*exposure)),
        gain=float(rng.uniform(0.9, 1.08)), cast=(cast[0], cast[1], cast[2]),
        glare=float(rng.uniform(0.2, 0.9)) if kind in ('sun', 'bright') and rng.random() < 0.3
        else 0.0,
        blur=float(max(0.0, rng.normal(0.25, 0.3))),
        noise=float(rng.uniform(1.0, 4.0) * (1.8 if kind == 'dusk' else 1.0)),
        vignette=float(max(0.0, rng.uniform(-0.1, 0.2))),
        jpeg=int(rng.integers(55, 97)) if rng.random() < 0.4 else 0)


def _direction(rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Return a unit vector to the sun between two heights in degrees."""
    up, around = np.radians(rng.uniform(low, high)), rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up)])


def _sky(rng: np.random.Generator, zenith: np.ndarray, horizon: np.ndarray, clouds: float,
         cloud: np.ndarray, hills: Tuple[float, float, float]) -> Sky:
    """Return a sky; hills take the colour of far haze."""
    return Sky(zenith=tuple(zenith), horizon=tuple(horizon), clouds=clouds, cloud=tuple(cloud),
               seed=int(rng.integers(1000)),
               hills=float(rng.uniform(0.008, 0.05)) if rng.random() < 0.75 else 0.0, land=hills)


def _sun(rng: np.random.Generator) -> Tuple[Light, Sky]:
    """Draw a blue sky and hard shadows."""
    strength = rng.uniform(0.55, 0.85)
    warm = np.array((1.05, 1.0, 0.92)) * strength
    horizon = np.array((188, 212, 236)) * rng.uniform(0.85, 1.08)
    deep = rng.uniform(0.0, 1.0)
    zenith = np.array((96, 146, 208)) * deep + np.array((130, 172, 222)) * (1 - deep)
    light = Light(direction=_direction(rng, 25, 65), sun=warm,
                  ambient=np.array((0.42, 0.46, 0.54)) * rng.uniform(0.85, 1.15),
                  haze=horizon * 0.92, visibility=float(rng.uniform(600, 2500)), dusk=0.0)
    hills = tuple(np.array((96, 116, 118)) * rng.uniform(0.8, 1.2) + horizon * 0.1)
    return light, _sky(rng, zenith, horizon, float(rng.choice((0.0, 0.1, 0.3, 0.5))),
                       np.array((244, 246, 250)), hills)


def _bright(rng: np.random.Generator) -> Tuple[Light, Sky]:
    """Draw a low winter sun: an overexposed sky, long shadows over most of the street."""
    horizon = np.array((240, 248, 252)) * rng.uniform(0.94, 1.03)
    zenith = horizon * np.array((0.86, 0.95, 1.0)) if rng.random() < 0.6 else horizon
    light = Light(direction=_direction(rng, 10, 28), sun=np.array((1.05, 0.98, 0.86))
                  * rng.uniform(0.6, 1.6), ambient=np.array((0.50, 0.53, 0.57))
                  * rng.uniform(0.85, 1.25), haze=horizon * 0.8,
                  visibility=float(rng.uniform(300, 1200)), dusk=0.0)
    return light, _sky(rng, zenith, horizon, float(rng.uniform(0, 0.45)),
                       np.array((252, 253, 254)), (130, 140, 142))


def _overcast(rng: np.random.Generator) -> Tuple[Light, Sky]:
    """Draw a grey or white sky without shadows."""
    level = rng.uniform(170, 250)
    horizon = np.array((0.98, 1.0, 1.02)) * level
    light = Light(direction=_direction(rng, 40, 80), sun=np.full(3, rng.uniform(0.0, 0.15)),
                  ambient=np.array((0.74, 0.77, 0.81)) * rng.uniform(0.8, 1.2),
                  haze=horizon * 0.8, visibility=float(rng.uniform(180, 900)), dusk=0.0)
    return light, _sky(rng, horizon * rng.uniform(0.75, 1.0), horizon,
                       float(rng.uniform(0.3, 0.9)), horizon * rng.uniform(0.7, 1.05),
                       tuple(horizon * 0.6))


def _rain(rng: np.random.Generator) -> Tuple[Light, Sky]:
    """Draw a low grey sky and little to see far away."""
    light, sky = _overcast(rng)
    dim = Light(direction=light.direction, sun=light.sun * 0.2, ambient=light.ambient * 0.8,
                haze=light.haze, visibility=float(rng.uniform(90, 350)),
                dusk=float(rng.uniform(0.1, 0.6)))
    return dim, sky


def _dusk(rng: np.random.Generator) -> Tuple[Light, Sky]:
    """Draw the time after sunset, when lamps are lit."""
    glow = np.array((226, 178, 140)) if rng.random() < 0.4 else np.array((168, 178, 196))
    level = rng.uniform(0.55, 1.0)
    horizon, zenith = glow * level, np.array((88, 104, 138)) * level
    light = Light(direction=_direction(rng, 4, 12), sun=np.array((0.2, 0.13, 0.08))
                  * rng.uniform(0, 1), ambient=np.array((0.44, 0.47, 0.56))
                  * rng.uniform(0.7, 1.25), haze=horizon * 0.6,
                  visibility=float(rng.uniform(250, 900)), dusk=float(rng.uniform(0.6, 1.0)))
    return light, _sky(rng, zenith, horizon, float(rng.uniform(0, 0.7)), zenith * 0.9,
                       tuple(zenith * 0.4))


_DRAW = {'sun': _sun, 'bright': _bright, 'overcast': _overcast, 'rain': _rain, 'dusk': _dusk}

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

"""The sky, its clouds, and the hills at the horizon."""

from dataclasses import dataclass
from typing import Sequence, Tuple

import cv2
import numpy as np

from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.textures import mixed_noise

SKY, TREE = 0, 5


@dataclass(frozen=True)
class Sky:
    """
    How the sky looks.

    :param zenith: RGB 0..255 high up
    :param horizon: RGB low down
    :param clouds: 0 clear to 1 overcast
    :param cloud: RGB of the clouds
    :param seed: which clouds
    :param hills: height of the hills at the horizon, radians; 0 is none
    :param land: RGB of the hills
    """

    zenith: Tuple[float, float, float]
    horizon: Tuple[float, float, float]
    clouds: float
    cloud: Tuple[float, float, float]
    seed: int
    hills: float
    land: Tuple[float, float, float]


def paint_sky(canvas: Canvas, sky: Sky) -> None:
    """Paint the sky over the whole picture, as far things do not move with the camera."""
    camera = canvas.camera
    horizon = camera.horizon()
    bottom = int(np.clip(horizon + camera.width * 0.12 + 8, 1, camera.height))
    rows = (horizon - np.arange(bottom)) / camera.focal
    up = np.clip(rows / 0.7, 0, 1)[:, None] ** 0.7
    column = np.array(sky.horizon) * (1 - up) + np.array(sky.zenith) * up
    if sky.clouds > 0.03:
        cover = _clouds(canvas, sky, bottom)
        layers = [low[:, None] + (np.float32(cloud) - low[:, None]) * cover
                  for low, cloud in zip(column.T.astype(np.float32), sky.cloud)]
        canvas.image[:bottom] = cv2.convertScaleAbs(cv2.merge(layers))
    else:
        canvas.image[:bottom] = np.clip(column, 0, 255).astype(np.uint8)[:, None]
    canvas.marks[:bottom] = SKY
    if sky.hills > 0:
        _hills(canvas, sky)


def _yaw(canvas: Canvas) -> float:
    """Return the direction the camera looks in, radians."""
    forward = canvas.camera.rotation[2]
    return float(np.arctan2(forward[0], forward[1]))


def _clouds(canvas: Canvas, sky: Sky, bottom: int) -> np.ndarray:
    """Return (bottom, width) float32 cloud cover 0..1 on a layer high above the ground."""
    camera = canvas.camera
    # A layer that is much larger than the picture's pixels: a quarter of them is enough.
    small_x = np.arange(0, camera.width + 4, 4, dtype=np.float32)
    small_y = np.arange(0, bottom + 4, 4, dtype=np.float32)[:, None]
    climb = np.maximum((np.float32(camera.horizon()) - small_y) / camera.focal, 0.03)
    far = 1.0 / (climb + 0.12)
    side = (small_x - camera.width / 2) / camera.focal + _yaw(canvas)
    x = np.mod(side * far * 40 + sky.seed * 37 + 0 * climb, 256).astype(np.float32)
    y = np.mod(far * 45 + sky.seed * 11 + 0 * side, 256).astype(np.float32)
    field = cv2.remap(mixed_noise(sky.seed % 5), x, y, cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_WRAP)
    field = cv2.GaussianBlur(field, (5, 5), 0)
    cover = np.clip((field + sky.clouds * 4.0 - 2.2) * 0.55, 0, 1)
    whole = cv2.resize(cover, (small_x.size * 4, small_y.size * 4))
    return whole[:bottom, :camera.width].astype(np.float32)


def _hills(canvas: Canvas, sky: Sky) -> None:
    """Paint a smooth ridge at the horizon, and mostly a ragged belt of trees before it."""
    land = np.array(sky.land)
    _ridge(canvas, sky.seed, sky.hills, (2.1, 4.7, 9.1, 17.3, 31.0), land)
    if sky.seed % 4:
        green = land * 0.45 + canvas.light.on(np.array([0.0, -0.8, 0.6])) * (22, 30, 16)
        tall = 0.008 + 0.004 * (sky.seed % 5)
        _ridge(canvas, sky.seed + 9, tall, (3.3, 8.9, 29.0, 71.0, 163.0, 211.0), green)


def _ridge(canvas: Canvas, seed: int, height: float, rates: Sequence[float],
           color: np.ndarray) -> None:
    """Paint a ridge as high as ``height`` radians, a sum of waves along the bearing."""
    camera = canvas.camera
    columns = np.linspace(0, camera.width, 120)
    bearing = np.arctan((columns - camera.width / 2) / camera.focal) + _yaw(canvas)
    waves = sum(np.sin(bearing * rate + seed + 1.7 * index) / (index + 2)
                for index, rate in enumerate(rates))
    tall = np.maximum(0.15, 0.6 + 0.7 * waves) * height
    base = camera.horizon() + (columns - camera.width / 2) * camera.rotation[0, 2]
    ridge = np.stack([columns, base - tall * camera.focal], axis=1)
    below = camera.horizon() + 0.1 * camera.width
    canvas.fill(np.concatenate([ridge, [[camera.width, below], [0, below]]]), color, TREE)

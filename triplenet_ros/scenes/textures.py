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

"""Tileable noise, made once for all scenes."""

from functools import lru_cache
from typing import List, Tuple

import cv2
import numpy as np

SIZE = 256
"""Edge of a noise tile in pixels."""


@lru_cache(maxsize=None)
def noise(grain: int, seed: int = 0) -> np.ndarray:
    """
    Return tileable noise.

    :param grain: pixels over which neighbouring values are alike, 1 to 64
    :param seed: which one of many
    :return: (256, 256) float32, mean 0, standard deviation 1; shared, do not write to it
    """
    rough = np.random.default_rng([grain, seed]).standard_normal((SIZE, SIZE))
    wrapped = np.pad(rough.astype(np.float32), SIZE // 2, mode='wrap')
    soft = cv2.GaussianBlur(wrapped, (0, 0), max(grain / 2.0, 0.01)) if grain > 1 else wrapped
    tile = soft[SIZE // 2:-SIZE // 2, SIZE // 2:-SIZE // 2]
    return np.ascontiguousarray((tile - tile.mean()) / tile.std())


@lru_cache(maxsize=None)
def mixed_noise(seed: int = 0) -> np.ndarray:
    """Return a tile of all grains at once, (256, 256) float32, mean 0, standard deviation 1."""
    tile = sum(noise(grain, seed) * weight
               for grain, weight in ((1, 0.5), (3, 0.6), (8, 0.8), (24, 1.0), (60, 1.0)))
    return (tile - tile.mean()) / tile.std()


@lru_cache(maxsize=None)
def sensor_noise() -> Tuple[np.ndarray, np.ndarray]:
    """Return what noise, standard deviation 16, adds and takes: (1024, 1024, 3) uint8 each."""
    grain = np.random.default_rng(17).standard_normal((1024, 1024, 3)) * 16
    return (np.round(np.clip(grain, 0, 255)).astype(np.uint8),
            np.round(np.clip(-grain, 0, 255)).astype(np.uint8))


def pyramid(picture: np.ndarray) -> List[np.ndarray]:
    """Return the picture, its half, its quarter, ... down to about 8 pixels."""
    levels = [picture]
    while min(levels[-1].shape[:2]) >= 16:
        high, wide = levels[-1].shape[:2]
        levels.append(cv2.resize(levels[-1], (wide // 2, high // 2),
                                 interpolation=cv2.INTER_AREA))
    return levels

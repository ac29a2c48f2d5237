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

"""Fronts of houses, shops and offices, walls and fences as textures, drawn once and kept."""

from functools import lru_cache
from typing import List, Tuple

import cv2
import numpy as np

from triplenet_ros.scenes.textures import mixed_noise, noise, pyramid

SCALE = 24
"""Texture pixels to the metre."""
FACADES = 72
"""How many different fronts there are."""

_BRICKS = ((176, 152, 112), (148, 100, 80), (132, 86, 72), (184, 168, 134), (126, 112, 100))
_PLAIN = ((222, 218, 205), (205, 196, 175), (186, 178, 165), (230, 228, 222), (168, 160, 150))
_FASCIAS = ((150, 30, 35), (30, 50, 120), (25, 80, 50), (25, 25, 28), (200, 180, 60),
            (70, 60, 110), (210, 210, 205))


@lru_cache(maxsize=FACADES)
def facade(index: int) -> Tuple[float, float, List[np.ndarray]]:
    """
    Return one front.

    :param index: 0 to FACADES - 1
    :return: width and height in metres, and the (h, w, 3) uint8 RGB texture in falling sizes
    """
    rng = np.random.default_rng([101, index])
    kind = ('house', 'house', 'shop', 'shop', 'office', 'house')[index % 6]
    bays = int(rng.integers(2, 4 if kind == 'house' else 6))
    floors = int(rng.integers(2, 4 if kind != 'office' else 6))
    bay, storey = rng.uniform(2.2, 3.4), rng.uniform(2.7, 3.3)
    width, height = bays * bay, floors * storey + rng.uniform(0.3, 1.0)
    picture = _wall(rng, int(width * SCALE), int(height * SCALE), kind)
    ground = height - storey * 1.05
    for floor in range(floors - 1):
        _windows(picture, rng, kind, ground - storey * (floor + 1) + 0.1, storey, bays, bay)
    if kind == 'shop':
        _shop(picture, rng, ground, height, width)
    else:
        _windows(picture, rng, kind, ground, storey, bays, bay, door=kind == 'house')
    return width, height, pyramid(_weathered(picture, index))


@lru_cache(maxsize=None)
def wall(kind: str) -> List[np.ndarray]:
    """
    Return 16 m of a boundary in falling sizes, RGB and opacity.

    :param kind: brick, stone, boards, rails, mesh, concrete or hedge
    """
    rng = np.random.default_rng([7, len(kind), ord(kind[0])])
    tall, wide = 32, 16 * SCALE
    picture = np.zeros((tall, wide, 4), np.uint8)
    picture[..., 3] = 255
    if kind in ('brick', 'stone', 'concrete'):
        base = {'brick': (124, 84, 66), 'stone': (150, 142, 124), 'concrete': (165, 163, 158)}
        picture[..., :3] = base[kind]
        if kind != 'concrete':
            _courses(picture, rng, 5, 14, 0.12)
        picture[:3, :, :3] = np.array(base[kind]) * 1.15
    elif kind == 'boards':
        for x in range(0, wide, 5):
            picture[:, x:x + 5, :3] = np.array((132, 108, 82)) * rng.uniform(0.75, 1.1)
            picture[:, x, :3] = (60, 48, 38)
    elif kind == 'hedge':
        picture[..., :3] = (64, 80, 44)
    else:
        _bars(picture, kind)
    grain = np.tile(mixed_noise(3), (1, 2))[:tall, :wide] * (14 if kind != 'hedge' else 26)
    picture[..., :3] = np.clip(picture[..., :3] + grain[..., None], 0, 255)
    return pyramid(picture)


@lru_cache(maxsize=None)
def end_wall(index: int) -> List[np.ndarray]:
    """Return the (h, w, 3) uint8 texture of a wall without doors in falling sizes, of 8."""
    rng = np.random.default_rng([103, index])
    picture = _wall(rng, 10 * SCALE, 8 * SCALE, 'house')
    for _ in range(int(rng.integers(0, 4))):
        x, y = rng.uniform(1, 8), rng.uniform(1, 6)
        _rect(picture, x - 0.06, y - 0.06, 0.92, 1.22, (214, 212, 205))
        _glass(picture, rng, x, y, 0.8, 1.1)
    return pyramid(_weathered(picture, index))


def _bars(picture: np.ndarray, kind: str) -> None:
    """Draw what one can look through: iron rails or wire mesh."""
    picture[..., 3] = 40 if kind == 'rails' else 110
    color = (38, 40, 40, 255) if kind == 'rails' else (128, 126, 118, 255)
    step = 4 if kind == 'rails' else 48
    for x in range(0, picture.shape[1], step):
        picture[:, x:x + (2 if kind == 'rails' else 3)] = color
    picture[2:4] = color
    picture[-5:-3] = color
    if kind == 'mesh':
        picture[..., :3] = color[:3]


def _wall(rng: np.random.Generator, wide: int, high: int, kind: str) -> np.ndarray:
    """Draw the bare wall of a front."""
    brick = rng.random() < (0.65 if kind == 'house' else 0.5)
    palette = _BRICKS if brick else _PLAIN
    base = np.array(palette[rng.integers(len(palette))]) * rng.uniform(0.8, 1.05)
    picture = np.empty((high, wide, 3), np.uint8)
    picture[...] = np.clip(base, 0, 255)
    if brick:
        _courses(picture, rng, 3, 7, 0.10)
    picture[:max(3, SCALE // 3)] = np.clip(base * rng.uniform(0.6, 1.15), 0, 255)
    if rng.random() < 0.4:
        row = int(high * 0.62)
        picture[row:row + 3] = np.clip(base * 1.2, 0, 255)
    return picture


def _courses(picture: np.ndarray, rng: np.random.Generator, tall: int, wide: int,
             spread: float) -> None:
    """Give every brick its own shade."""
    rows, columns = picture.shape[0] // tall + 2, picture.shape[1] // wide + 2
    shades = 1 + rng.standard_normal((rows, columns)) * spread
    y, x = np.mgrid[:picture.shape[0], :picture.shape[1]]
    row = y // tall
    factor = shades[row, (x + (row % 2) * (wide // 2)) // wide]
    factor *= np.where(y % tall == 0, 0.9, 1.0)
    picture[..., :3] = np.clip(picture[..., :3] * factor[..., None], 0, 255)


def _rect(picture: np.ndarray, x: float, y: float, wide: float, high: float,
          color: Tuple[float, ...]) -> None:
    """Fill a rectangle given in metres from the top left."""
    x1, y1 = int(round(x * SCALE)), int(round(y * SCALE))
    x2, y2 = int(round((x + wide) * SCALE)), int(round((y + high) * SCALE))
    picture[max(0, y1):max(0, y2), max(0, x1):max(0, x2)] = np.clip(color, 0, 255)


def _glass(picture: np.ndarray, rng: np.random.Generator, x: float, y: float, wide: float,
           high: float) -> None:
    """Draw a pane that is dark inside and mirrors some sky."""
    sky = rng.uniform(25, 130) if rng.random() < 0.35 else rng.uniform(18, 60)
    _rect(picture, x, y, wide, high, (sky * 0.92, sky * 0.98, sky * 1.08))
    _rect(picture, x, y + high * 0.5, wide, high * 0.5, (sky * 0.6, sky * 0.64, sky * 0.7))
    if rng.random() < 0.35:
        curtain = rng.uniform(90, 190)
        _rect(picture, x, y, wide * rng.uniform(0.1, 0.3), high, (curtain,) * 3)
        _rect(picture, x + wide * 0.8, y, wide * 0.2, high, (curtain,) * 3)


def _windows(picture: np.ndarray, rng: np.random.Generator, kind: str, top: float, storey: float,
             bays: int, bay: float, door: bool = False) -> None:
    """Draw one floor's windows and perhaps a door."""
    share = 0.85 if kind == 'office' else rng.uniform(0.38, 0.58)
    high = storey * (0.6 if kind == 'office' else 0.52)
    frame = (225, 225, 220) if rng.random() < 0.7 else (60, 50, 45)
    door_bay = int(rng.integers(bays)) if door else -1
    for index in range(bays):
        wide = bay * share
        x, y = index * bay + (bay - wide) / 2, top + storey * 0.25
        if index == door_bay:
            _door(picture, rng, index * bay + bay / 2 - 0.5, top + storey - 2.1)
            continue
        _rect(picture, x - 0.1, y - 0.22, wide + 0.2, 0.16, (190, 184, 168))
        _rect(picture, x - 0.05, y - 0.05, wide + 0.1, high + 0.1, frame)
        _glass(picture, rng, x + 0.04, y + 0.04, wide - 0.08, high - 0.08)
        _rect(picture, x, y + high * 0.48, wide, 0.06, frame)
        if rng.random() < 0.6:
            _rect(picture, x + wide / 2 - 0.03, y, 0.06, high, frame)
        _rect(picture, x - 0.1, y + high + 0.05, wide + 0.2, 0.1, (180, 176, 166))


def _door(picture: np.ndarray, rng: np.random.Generator, x: float, y: float) -> None:
    """Draw a front door with its frame and fanlight."""
    color = rng.uniform(20, 150, 3)
    _rect(picture, x - 0.12, y - 0.5, 1.24, 2.6, (215, 212, 205))
    _rect(picture, x, y - 0.4, 1.0, 0.3, (40, 42, 46))
    _rect(picture, x, y, 1.0, 2.1, tuple(color))
    _rect(picture, x + 0.15, y + 0.2, 0.7, 0.7, tuple(color * 0.7))


def _shop(picture: np.ndarray, rng: np.random.Generator, top: float, height: float,
          width: float) -> None:
    """Draw a shop front: fascia with lettering, panes, a door, a stall riser."""
    color = np.array(_FASCIAS[rng.integers(len(_FASCIAS))], float) * rng.uniform(0.7, 1.1)
    storey = height - top
    _rect(picture, 0, top, width, storey, tuple(color * 0.6))
    _rect(picture, 0, top + 0.05, width, storey * 0.22, tuple(color))
    letters = tuple(255 - color) if rng.random() < 0.4 else (235, 232, 220)
    x = width * rng.uniform(0.1, 0.3)
    while x < width * rng.uniform(0.65, 0.9):
        wide = rng.uniform(0.08, 0.3)
        _rect(picture, x, top + storey * 0.07, wide, storey * rng.uniform(0.07, 0.11), letters)
        x += wide + 0.08
    panes = max(2, int(width / rng.uniform(1.3, 2.2)))
    for index in range(panes):
        pane = width / panes
        low = 2.0 if index == panes // 2 else rng.uniform(1.5, 1.8)
        _shop_pane(picture, rng, index * pane + 0.07, top + storey * 0.27, pane - 0.14, low)


def _shop_pane(picture: np.ndarray, rng: np.random.Generator, x: float, y: float, wide: float,
               high: float) -> None:
    """Draw one pane of a shop window with goods behind it."""
    _glass(picture, rng, x, y, wide, high)
    for _ in range(int(rng.integers(0, 7))):
        goods = rng.uniform(30, 200) * rng.uniform(0.5, 1.0, 3)
        _rect(picture, x + rng.uniform(0, wide * 0.7), y + high * rng.uniform(0.3, 0.85),
              wide * rng.uniform(0.05, 0.3), high * rng.uniform(0.05, 0.25), tuple(goods))


def _weathered(picture: np.ndarray, index: int) -> np.ndarray:
    """Add grain and stains."""
    high, wide = picture.shape[:2]
    repeat = (high // 256 + 1, wide // 256 + 1)
    stains = np.tile(mixed_noise(index % 5), repeat)[:high, :wide] * 0.06
    grain = np.tile(noise(1, 1), repeat)[:high, :wide] * 0.05
    soft = cv2.GaussianBlur(picture, (3, 3), 0.6)
    return np.clip(soft * (1 + stains + grain)[..., None], 0, 255).astype(np.uint8)

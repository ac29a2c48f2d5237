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

"""Trees and bushes as cut-outs, grown once and kept."""

from functools import lru_cache
from typing import List, Tuple

import cv2
import numpy as np

from triplenet_ros.scenes.textures import mixed_noise, pyramid

SIZE = 256
"""Edge of a cut-out in pixels; the trunk stands in the middle of the lower edge."""
VARIANTS = 14
"""How many different plants there are of each kind."""


@lru_cache(maxsize=None)
def plant(kind: str, index: int) -> List[Tuple[np.ndarray, np.ndarray]]:
    """
    Return a plant.

    :param kind: leafy, bare, conifer or bush
    :param index: 0 to VARIANTS - 1
    :return: in falling sizes: (256, 256, 4) uint8 RGB and opacity, and (256, 256) uint8, 255
        where it is labelled; shared, do not write
    """
    rng = np.random.default_rng([31, index, ord(kind[0]), len(kind)])
    grow = {'leafy': _leafy, 'bare': _bare, 'conifer': _conifer, 'bush': _bush}[kind]
    colors, opacity = grow(rng)
    # Labels of real crowns close the gaps between twigs and leaves.
    gap = 9 if kind == 'bare' else 5
    closed = cv2.GaussianBlur(opacity, (0, 0), gap / 2.0)
    labelled = np.where((closed > (34 if kind == 'bare' else 70)) | (opacity > 160), 255, 0)
    return list(zip(pyramid(np.dstack([colors, opacity])), pyramid(labelled.astype(np.uint8))))


def _empty() -> Tuple[np.ndarray, np.ndarray]:
    """Return an empty (256, 256, 3) picture and its (256, 256) opacity."""
    return np.zeros((SIZE, SIZE, 3), np.uint8), np.zeros((SIZE, SIZE), np.uint8)


def _bark(rng: np.random.Generator) -> np.ndarray:
    """Return a colour of bark."""
    return np.array((92, 82, 70)) * rng.uniform(0.6, 1.15)


def _bare(rng: np.random.Generator) -> Tuple[np.ndarray, np.ndarray]:
    """Grow a tree in winter: a trunk that forks down to twigs."""
    colors, opacity = _empty()
    bark = _bark(rng)
    colors[...] = bark
    spread = rng.uniform(0.38, 0.62)
    reach = rng.uniform(0.17, 0.23)
    tips: List[Tuple[float, float, float, float, float]] = [
        (SIZE / 2, SIZE - 1.0, np.pi / 2, SIZE * reach, rng.uniform(4.5, 7.5))]
    for level in range(9):
        following = []
        for x, y, angle, length, thick in tips:
            end = (x + np.cos(angle) * length, y - np.sin(angle) * length)
            _limb(opacity, (x, y), end, thick)
            for _ in range(int(rng.integers(2, 5 if level < 5 else 4))):
                turn = angle + rng.normal(0, spread)
                turn += 0.15 * (np.pi / 2 - turn)
                following.append((*end, turn, length * rng.uniform(0.62, 0.9), thick * 0.6))
        rng.shuffle(following)
        tips = following[:420]
    shade = 1 + 0.25 * mixed_noise(int(rng.integers(5)))[:SIZE, :SIZE]
    return np.clip(colors * shade[..., None], 0, 255).astype(np.uint8), opacity


def _limb(opacity: np.ndarray, start: Tuple[float, float], end: Tuple[float, float],
          thick: float) -> None:
    """Draw one branch; thinner than a pixel means fainter."""
    first = (int(start[0] * 16), int(start[1] * 16))
    last = (int(end[0] * 16), int(end[1] * 16))
    value = int(255 * min(1.0, max(thick, 0.38)))
    layer = max(1, int(round(thick)))
    cv2.line(opacity, first, last, value, layer, cv2.LINE_AA, 4)


def _crown(rng: np.random.Generator, colors: np.ndarray, opacity: np.ndarray,
           blobs: np.ndarray, green: np.ndarray, leaf: float) -> None:
    """Cover (N, 3) blobs, x y radius, with leaves: dark ones first, those in the sun last."""
    count = int(260 * len(blobs) ** 0.6)
    which = rng.integers(len(blobs), size=count)
    angle, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.uniform(0, 1, count))
    x = blobs[which, 0] + np.cos(angle) * reach * blobs[which, 2]
    y = blobs[which, 1] + np.sin(angle) * reach * blobs[which, 2]
    lit = -np.sin(angle) * reach * 0.5 + rng.normal(0, 0.35, count) - (y - SIZE / 2) / SIZE
    order = np.argsort(lit)
    shades = 0.28 + 0.85 * np.linspace(0, 1, count)
    for rank, place in enumerate(order):
        color = green * shades[rank] * (1 + rng.normal(0, 0.08))
        center = (int(x[place] * 16), int(y[place] * 16))
        axes = (int(leaf * 16 * rng.uniform(0.5, 1.3)), int(leaf * 16 * rng.uniform(0.4, 0.9)))
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(colors, center, axes, turn, 0, 360, tuple(np.clip(color, 0, 255)), -1,
                    cv2.LINE_8, 4)
        cv2.ellipse(opacity, center, axes, turn, 0, 360, 255, -1, cv2.LINE_8, 4)


def _green(rng: np.random.Generator) -> np.ndarray:
    """Return a colour of leaves, from blue green over olive to autumn."""
    base = np.array(((74, 98, 46), (92, 104, 52), (66, 88, 58), (104, 100, 56), (60, 84, 44)))
    return base[rng.integers(len(base))] * rng.uniform(0.85, 1.25)


def _leafy(rng: np.random.Generator) -> Tuple[np.ndarray, np.ndarray]:
    """Grow a tree in summer: a trunk and a crown of several lumps."""
    colors, opacity = _empty()
    bark = tuple(_bark(rng) * 0.8)
    for target in (opacity, colors):
        cv2.line(target, (128, 255), (128, 120), 255 if target is opacity else bark,
                 int(rng.integers(6, 12)), cv2.LINE_8)
    lumps = int(rng.integers(5, 11))
    middle = rng.uniform(90, 120)
    blobs = np.stack([rng.normal(128, 34, lumps), rng.normal(middle, 32, lumps),
                      rng.uniform(26, 50, lumps)], axis=1)
    blobs[0] = 128, middle, 60
    _crown(rng, colors, opacity, blobs, _green(rng), rng.uniform(4.5, 8.0))
    return _finished(colors, opacity)


def _conifer(rng: np.random.Generator) -> Tuple[np.ndarray, np.ndarray]:
    """Grow a dark tree with a pointed top."""
    colors, opacity = _empty()
    cv2.line(opacity, (128, 255), (128, 60), 255, 5)
    cv2.line(colors, (128, 255), (128, 60), (50, 42, 34), 5)
    rows = np.linspace(20, 228, 16)
    wide = rng.uniform(0.22, 0.42)
    blobs = np.concatenate([np.stack([
        rng.normal(128, 1 + row * wide * 0.45, 4), np.full(4, row),
        np.full(4, 7 + row * 0.09)], axis=1) for row in rows])
    _crown(rng, colors, opacity, blobs, np.array((48, 66, 42)) * rng.uniform(0.8, 1.2), 5.0)
    return _finished(colors, opacity)


def _bush(rng: np.random.Generator) -> Tuple[np.ndarray, np.ndarray]:
    """Grow a bush that reaches down to the ground over the whole width."""
    colors, opacity = _empty()
    lumps = int(rng.integers(8, 14))
    x = np.linspace(34, 222, lumps)
    radius = rng.uniform(28, 52, lumps)
    blobs = np.stack([x, rng.uniform(90, 160, lumps), radius], axis=1)
    low = np.stack([x, np.full(lumps, 215.0), np.full(lumps, 44.0)], axis=1)
    _crown(rng, colors, opacity, np.concatenate([blobs, low]), _green(rng), 7.5)
    return _finished(colors, opacity)


def _finished(colors: np.ndarray, opacity: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Spread the colours a little past the edge so that shrinking does not darken it."""
    around = cv2.dilate(colors, np.ones((5, 5), np.uint8))
    filled = np.where((opacity > 0)[..., None], colors, around)
    return filled, cv2.GaussianBlur(opacity, (3, 3), 0.7)

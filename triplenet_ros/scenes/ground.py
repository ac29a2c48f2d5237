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

"""The ground: strips of road, pavement and verge, what is painted on it, grain and shadows."""

from typing import List, Tuple

import cv2
import numpy as np

from triplenet_ros.scenes.camera import clip_near
from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.road import Band, Line, Patch, Road
from triplenet_ros.scenes.textures import mixed_noise, noise, SIZE

ROAD, PAVEMENT, GRASS = 3, 4, 5
_STEPS = np.concatenate([np.arange(-4.0, 20, 2), np.arange(20, 60, 5), np.arange(60, 160, 12),
                         np.arange(160, 420, 40), np.arange(420, 1400, 160)])
_UP = np.array([0.0, 0.0, 1.0])


def paint_ground(canvas: Canvas, road: Road, along: float, around: Tuple[float, float, float],
                 wear: int) -> None:
    """
    Paint the road and everything flat.

    :param canvas: what is painted on
    :param road: the road
    :param along: where on the road the camera is, metres
    :param around: RGB of the land beside the road
    :param wear: which pattern of patches and tracks the road has
    """
    top = int(np.clip(np.floor(canvas.camera.horizon()) - 12, 0, canvas.camera.height))
    _paint_land(canvas, around)
    for band in road.bands:
        _paint_band(canvas, road, along, band)
    for patch in road.patches:
        _paint_patch(canvas, road, along, patch)
    for line in road.lines:
        _paint_line(canvas, road, along, line)
    if top < canvas.camera.height:
        _grain(canvas, road, top, wear)


def _paint_land(canvas: Canvas, color: Tuple[float, float, float]) -> None:
    """Paint everything below the horizon."""
    camera = canvas.camera
    # The horizon is a straight line, tilted by the camera's roll.
    tilt = camera.rotation[0, 2] * camera.width / 2 / max(0.2, np.hypot(*camera.rotation[2, :2]))
    row, bottom = camera.horizon(), camera.height + camera.width
    land = np.array([[0, row - tilt], [camera.width, row + tilt], [camera.width, bottom],
                     [0, bottom]], np.float64)
    canvas.fill(land, _shade(canvas, color), GRASS)


def _shade(canvas: Canvas, color: Tuple[float, float, float]) -> np.ndarray:
    """Return the colour of level ground in this light, without haze."""
    return canvas.light.shade(np.array(color), _UP, 0.0)


def _strip(road: Road, start: float, end: float, left: float, right: float) -> np.ndarray:
    """Return the outline, (N, 3) world metres, of a strip along the road."""
    steps = np.array([start, end])
    if end - start > 12.0:
        steps = np.linspace(start, end, 3 + int((end - start) / 8))
    return _between(road, steps, left, right)


def _between(road: Road, steps: np.ndarray, left: float, right: float) -> np.ndarray:
    """Return the outline of a strip through given distances along the road."""
    middle = road.middle(steps)
    zero = np.zeros_like(steps)
    outline = np.stack([middle + left, steps, zero], axis=1)
    back = np.stack([middle + right, steps, zero], axis=1)[::-1]
    return np.concatenate([outline, back])


def _paint_band(canvas: Canvas, road: Road, along: float, band: Band) -> None:
    """Paint one strip from behind the camera to the horizon."""
    outline = _between(road, along + _STEPS, band.left, band.right)
    canvas.polygon(outline, _shade(canvas, band.color), band.label)


def _paint_patch(canvas: Canvas, road: Road, along: float, patch: Patch) -> None:
    """Paint one flat area if it is near enough to be seen."""
    if patch.corners[:, 0].max() < along - 2 or patch.corners[:, 0].min() > along + 120:
        return
    mark = None if patch.label < 0 else patch.label
    canvas.polygon(road.points(patch.corners), _shade(canvas, patch.color), mark)


def _paint_line(canvas: Canvas, road: Road, along: float, line: Line) -> None:
    """Paint one line; its dashes are where they are on the road, wherever the camera is."""
    color = _shade(canvas, line.color)
    left, right = line.across - line.width / 2, line.across + line.width / 2
    if not line.dash:
        canvas.polygon(_between(road, along + _STEPS, left, right), color)
        return
    period = line.dash + line.gap
    first = int(np.floor((along - 4.0) / period))
    for index in range(first, first + int(140.0 / period) + 2):
        start = index * period
        canvas.polygon(_strip(road, start, start + line.dash, left, right), color)


def _grain(canvas: Canvas, road: Road, top: int, wear: int) -> None:
    """Roughen the ground and fade it with distance; both anchored in the world."""
    east, north, reach = canvas.camera.ground(top)
    across = east - road.middle(north).astype(np.float32)
    # The camera hardly rolls: one distance for a whole row is near enough for what fades.
    row = reach[:, reach.shape[1] // 2, None]
    fine, coarse = np.minimum(9 / row, 1), np.minimum(30 / row, 1)
    labels = canvas.marks[top:]
    grass = labels == GRASS
    factor = fine * 0.05 * _sample(noise(1, wear % 3), across * 70, north * 40)
    factor += coarse * 0.05 * _sample(noise(24, wear % 5), across * 13, north * 7 + wear * 31)
    # Tyres polish and drip oil along the lanes: stretched noise.
    factor += coarse * 0.03 * _sample(noise(8, wear % 4), across * 26, north * 0.7 + wear * 17)
    factor += 1.0
    x, y, near = across[grass], north[grass], np.minimum(9 / reach[grass], 1)
    meadow = 1.0 + 0.13 * _sample(mixed_noise(4), x * 14, y * 6)
    factor[grass] = meadow + near * 0.16 * _sample(noise(3, 2), x * 60, y * 25)
    _joints(factor, labels, across, north, reach)
    # Land that faded all the way would look like a lake below the hills.
    clear = np.exp(np.minimum(row, 200) * np.float32(-1.0 / canvas.light.visibility))
    ground = grass | (labels == ROAD) | (labels == PAVEMENT)
    # Whole numbers are much faster to multiply: 128 stands for 1.
    weight = np.where(ground, np.minimum(factor * (clear * 128), 255), 128).astype(np.uint8)
    haze = ((1 - clear) * np.minimum(canvas.light.haze, 255)).astype(np.uint8)
    area = canvas.image[top:]
    rough = cv2.multiply(area, cv2.merge([weight] * 3), scale=1 / 128)
    area[...] = cv2.add(rough, haze[:, None] * ground[..., None].astype(np.uint8))


def _joints(factor: np.ndarray, labels: np.ndarray, across: np.ndarray, north: np.ndarray,
            reach: np.ndarray) -> None:
    """Darken the joints between paving slabs where they are near enough to be seen."""
    near = int(np.argmax(reach[:, reach.shape[1] // 2] < 14))
    x, y, far = across[near:], north[near:], reach[near:]
    paved = labels[near:] == PAVEMENT
    x, y, far = x[paved] * np.float32(1 / 0.6), y[paved] * np.float32(1 / 0.9), far[paved]
    lines = (x - np.floor(x) < 0.08) | (y - np.floor(y) < 0.06)
    factor[near:][paved] -= lines * np.minimum(np.float32(1.3) / far, np.float32(0.12))


def _sample(tile: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Look up a noise tile that repeats in both directions."""
    index = y.astype(np.int32)
    index &= SIZE - 1
    index *= SIZE
    column = x.astype(np.int32)
    column &= SIZE - 1
    index += column
    return tile.ravel().take(index)


class Shadows:
    """What keeps the sun and the sky from the ground."""

    def __init__(self, canvas: Canvas) -> None:
        """Start without any shadow."""
        self._canvas = canvas
        shape = canvas.image.shape[:2]
        self._sun = np.zeros(shape, np.uint8)
        self._sky = np.zeros(shape, np.uint8)
        direction = canvas.light.direction
        self._sunny = float(np.max(canvas.light.sun)) > 0.06
        self._lean = -direction[:2] / max(direction[2], 0.18)

    def cast(self, points: np.ndarray, weight: float = 1.0) -> None:
        """Let a flat thing, (N, 3) world metres, throw its shadow on the ground."""
        self._fill(self._sun, self.fall(points), weight)

    def fall(self, points: np.ndarray) -> np.ndarray:
        """Return where on the ground the shadows of (N, 3) points lie."""
        ground = points.astype(np.float64).copy()
        ground[:, :2] += points[:, 2:3] * self._lean
        ground[:, 2] = 0.0
        return ground

    def solid(self, corners: np.ndarray, height: float) -> None:
        """Let an upright block over (N, 3) corners on the ground throw its shadow."""
        if not self._sunny:
            return
        top = self.fall(corners + (0.0, 0.0, height))
        both = np.concatenate([corners, top])[:, :2].astype(np.float32)
        hull = cv2.convexHull(both)[:, 0]
        flat = np.concatenate([hull, np.zeros((len(hull), 1), np.float32)], axis=1)
        self._fill(self._sun, flat.astype(np.float64), 1.0)

    def touch(self, points: np.ndarray, weight: float = 0.75) -> None:
        """Keep the sky from the ground right below a thing."""
        self._fill(self._sky, points, weight)

    def apply(self) -> None:
        """Darken the ground painted so far."""
        canvas = self._canvas
        top = int(np.clip(canvas.camera.horizon(), 0, canvas.camera.height - 1))
        light = canvas.light
        lit = light.on(_UP)
        dark = (lit - np.maximum(light.direction[2], 0.0) * light.sun) / lit
        soft = cv2.GaussianBlur(self._sun[top:], (3, 3), 0) * np.float32(1 / 255)
        below = 1 - cv2.GaussianBlur(self._sky[top:], (7, 5), 0) * np.float32(1 / 255)
        below *= 255
        factor = cv2.merge([(below - below * soft * np.float32(1 - level)).astype(np.uint8)
                            for level in dark])
        area = canvas.image[top:]
        area[...] = cv2.multiply(area, factor, scale=1 / 255)

    def _fill(self, layer: np.ndarray, points: np.ndarray, weight: float) -> None:
        """Fill one flat shadow."""
        if layer is self._sun and not self._sunny:
            return
        seen = clip_near(self._canvas.camera.to_camera(points))
        if len(seen) < 3:
            return
        pixels = self._canvas.camera.project(seen)
        corners: List[np.ndarray] = [np.clip(pixels * 16, -1e7, 1e7).astype(np.int32)]
        cv2.fillPoly(layer, corners, int(255 * weight), cv2.LINE_8, 4)

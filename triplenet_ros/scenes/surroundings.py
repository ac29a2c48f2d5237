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

"""What stands beside the road: buildings, plants and boundaries."""

from dataclasses import dataclass
from typing import List, Tuple

import numpy as np

from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.facades import end_wall, facade, wall
from triplenet_ros.scenes.foliage import plant
from triplenet_ros.scenes.ground import Shadows
from triplenet_ros.scenes.road import Road

BUILDING, TREE, FENCE = 1, 5, 7


@dataclass(frozen=True)
class Building:
    """
    A house along the road.

    :param along: where its front begins, metres
    :param across: lateral position of its front; the sign says on which side
    :param front: which facade
    :param scale: how much larger than the facade's own size
    :param depth: metres from front to back
    :param roof: height of the ridge above the eaves, metres; 0 is flat
    :param tint: (3,) colour factors
    :param slate: RGB of the roof
    :param chimney: whether it has chimneys
    :param covered: whether a neighbour hides the wall that looks back along the road
    """

    along: float
    across: float
    front: int
    scale: float
    depth: float
    roof: float
    tint: Tuple[float, float, float]
    slate: Tuple[float, float, float]
    chimney: bool
    covered: bool

    @property
    def size(self) -> Tuple[float, float]:
        """Length along the road and height of the eaves, metres."""
        width, height, _ = facade(self.front)
        return width * self.scale, height * self.scale

    def order(self, now: float) -> float:
        """Return how far along the road it must be painted: at its far end."""
        return self.along + self.size[0] + abs(self.across) * 0.02

    def reach(self, now: float) -> Tuple[float, float]:
        """Return where it begins and ends along the road."""
        return self.along, self.along + self.size[0]

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint roof, chimneys, the end wall one sees, and the front."""
        length, height = self.size
        side = np.sign(self.across)
        near = road.point(self.along, self.across)
        far = road.point(self.along + length, self.across)
        away = np.array([side * self.depth, 0.0, 0.0])
        up = np.array([0.0, 0.0, height])
        distance = max(1.0, canvas.camera.distance((near + far) / 2))
        if self.roof > 0:
            self._paint_roof(canvas, near + up, far + up, away, distance)
        if not self.covered:
            self._paint_end(canvas, near, away, up, distance)
        left, right = (far, near) if side > 0 else (near, far)
        corners = np.array([left + up, right + up, right, left])
        self._paint_wall(canvas, facade(self.front)[2], corners, np.array([-side, 0.0, 0.0]),
                         distance)

    def _paint_end(self, canvas: Canvas, near: np.ndarray, away: np.ndarray, up: np.ndarray,
                   distance: float) -> None:
        """Paint the wall that looks back along the road, with its gable."""
        normal, tint = np.array([0.0, -1.0, 0.0]), np.array(self.tint)
        if self.roof > 0:
            levels = end_wall(self.front % 8)
            plain = canvas.light.shade(levels[-1].mean(axis=(0, 1)) * tint, normal, distance)
            canvas.polygon(np.array([near + up, near + away + up,
                                     near + away / 2 + up + (0, 0, self.roof)]), plain, BUILDING)
        left, right = (near, near + away) if away[0] > 0 else (near + away, near)
        corners = np.array([left + up, right + up, right, left])
        self._paint_wall(canvas, end_wall(self.front % 8), corners, normal, distance)

    def _paint_wall(self, canvas: Canvas, levels: List[np.ndarray], corners: np.ndarray,
                    normal: np.ndarray, distance: float) -> None:
        """Paint a wall: a texture, or in the distance its mean colour."""
        if distance > 85:
            plain = levels[-1].mean(axis=(0, 1)) * self.tint
            canvas.polygon(corners, canvas.light.shade(plain, normal, distance), BUILDING)
            return
        table = canvas.light.table(normal, distance, np.array(self.tint))
        canvas.texture(levels, corners, table, BUILDING)

    def _paint_roof(self, canvas: Canvas, near: np.ndarray, far: np.ndarray, away: np.ndarray,
                    distance: float) -> None:
        """Paint the slope one sees and the chimneys on the ridge."""
        ridge = np.array([0.0, 0.0, self.roof])
        side = np.sign(away[0])
        normal = np.array([-side * self.roof, 0.0, self.depth / 2])
        shade = canvas.light.shade(np.array(self.slate), normal / np.linalg.norm(normal),
                                   distance)
        if self.chimney and distance < 100:
            self._paint_chimney(canvas, far + away / 2 + ridge, distance)
        canvas.polygon(np.array([near, far, far + away / 2 + ridge, near + away / 2 + ridge]),
                       shade, BUILDING)

    def _paint_chimney(self, canvas: Canvas, top: np.ndarray, distance: float) -> None:
        """Paint a chimney's two visible sides."""
        brick = np.array((112, 84, 70))
        side = -np.sign(self.across)
        low, high = top - (0, 0, 0.6), top + (0, 0, 1.3)
        wide = np.array([0.9, 0, 0.0])
        end = canvas.light.shade(brick, np.array([0.0, -1.0, 0.0]), distance)
        canvas.polygon(np.array([low - wide, low + wide, high + wide, high - wide]), end, BUILDING)
        front = canvas.light.shade(brick, np.array([side, 0.0, 0.0]), distance)
        edge, deep = wide * side, np.array([0.0, 0.6, 0.0])
        canvas.polygon(np.array([low + edge, low + edge + deep, high + edge + deep, high + edge]),
                       front, BUILDING)

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw the building's shadow."""
        length, height = self.size
        side = np.sign(self.across)
        near = road.point(self.along, self.across)
        far = road.point(self.along + length, self.across)
        away = np.array([side * self.depth, 0.0, 0.0])
        shadows.solid(np.array([near, far, far + away, near + away]), height + self.roof * 0.4)


@dataclass(frozen=True)
class Plant:
    """
    A tree or a bush.

    :param along: metres along the road
    :param across: lateral position
    :param kind: leafy, bare, conifer or bush
    :param index: which plant of its kind
    :param height: metres
    :param spread: width over height
    :param tint: (3,) colour factors
    """

    along: float
    across: float
    kind: str
    index: int
    height: float
    spread: float
    tint: Tuple[float, float, float]

    def order(self, now: float) -> float:
        """Return how far along the road it must be painted."""
        return self.along

    def reach(self, now: float) -> Tuple[float, float]:
        """Return where it begins and ends along the road."""
        return self.along - self.height / 2, self.along + self.height / 2

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint the cut-out upright on its root."""
        root = road.point(self.along, self.across)
        distance = canvas.camera.distance(root)
        if distance < 2.0:
            return
        x, y = canvas.camera.pixels(root[None])[0]
        tall = self.height * canvas.camera.focal / distance
        half = tall * self.spread / 2
        normal = np.array([0.0, -0.6, 0.8])
        table = canvas.light.table(normal, distance, np.array(self.tint))
        canvas.sprite(plant(self.kind, self.index), np.array([x - half, y - tall, x + half, y]),
                      table, TREE)

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw the shadow of the trunk and the crown."""
        root = road.point(self.along, self.across)
        turn = np.linspace(0, 2 * np.pi, 13)[:-1]
        wide = self.height * self.spread * (0.5 if self.kind == 'conifer' else 0.36)
        ragged = 1 + 0.18 * np.sin(turn * 5 + self.index) + 0.12 * np.sin(turn * 9)
        low = 0.55 if self.kind in ('leafy', 'bare') else 0.4
        crown = np.stack([np.cos(turn) * wide * ragged, np.sin(turn) * wide * 0.7 * ragged,
                          np.full(12, self.height * low)], axis=1)
        shadows.cast(root + crown, 0.35 if self.kind == 'bare' else 0.95)
        trunk = np.array([[-0.2, 0, 0], [0.2, 0, 0], [0.15, 0, self.height * 0.6],
                          [-0.15, 0, self.height * 0.6]])
        shadows.cast(root + trunk)


@dataclass(frozen=True)
class Boundary:
    """
    A piece of wall, fence, hedge or guard rail along the road.

    :param along: where it begins, metres
    :param length: metres
    :param across: lateral position
    :param kind: a kind of ``facades.wall``, or rail
    :param height: metres
    """

    along: float
    length: float
    across: float
    kind: str
    height: float

    def order(self, now: float) -> float:
        """Return how far along the road it must be painted: at its far end."""
        return self.along + self.length + abs(self.across) * 0.02

    def reach(self, now: float) -> Tuple[float, float]:
        """Return where it begins and ends along the road."""
        return self.along, self.along + self.length

    def paint(self, canvas: Canvas, road: Road, now: float) -> None:
        """Paint the side that looks at the road."""
        near = road.point(self.along, self.across)
        far = road.point(self.along + self.length, self.across)
        if self.kind == 'rail':
            self._paint_rail(canvas, near, far)
            return
        distance = max(1.0, canvas.camera.distance((near + far) / 2))
        left, right = (near, far) if self.across < 0 else (far, near)
        up = np.array([0.0, 0.0, self.height])
        normal = np.array([-np.sign(self.across), 0.0, 0.0])
        corners = np.array([left + up, right + up, right, left])
        mark, levels = TREE if self.kind == 'hedge' else FENCE, wall(self.kind)
        if distance > 80:
            plain = levels[-1][..., :3].mean(axis=(0, 1))
            canvas.polygon(corners, canvas.light.shade(plain, normal, distance), mark)
            return
        canvas.texture(levels, corners, canvas.light.table(normal, distance, np.ones(3)), mark)

    def _paint_rail(self, canvas: Canvas, near: np.ndarray, far: np.ndarray) -> None:
        """Paint a guard rail: posts, and a beam with a fold."""
        light = canvas.light
        distance = max(1.0, canvas.camera.distance((near + far) / 2))
        side = -np.sign(self.across)
        post = light.shade(np.array((96, 94, 90)), np.array([0.0, -1.0, 0.0]), distance)
        posts = max(2, int(self.length / 2.5)) if distance < 60 else 1
        for share in np.linspace(0, 1, posts)[:-1]:
            foot = near + (far - near) * share
            wide = np.array([0.08, 0, 0])
            tall = np.array([0, 0, self.height])
            canvas.polygon(np.array([foot - wide, foot + wide, foot + wide + tall,
                                     foot - wide + tall]), post, FENCE)
        folds = ((0.55, 0.7, -0.5), (0.7, 0.8, 0.5), (0.8, 0.9, -0.4), (0.9, 1.0, 0.6))
        for low, high, tilt in folds if distance < 60 else ((0.55, 1.0, 0.1),):
            normal = np.array([side, 0, tilt]) / np.hypot(1, tilt)
            shade = light.shade(np.array((158, 158, 154)), normal, distance)
            bottom, top = (0, 0, self.height * low), (0, 0, self.height * high)
            canvas.polygon(np.array([near + bottom, far + bottom, far + top, near + top]), shade,
                           FENCE)

    def cast(self, shadows: Shadows, road: Road, now: float) -> None:
        """Throw the shadow of the whole piece."""
        near = road.point(self.along, self.across)
        far = road.point(self.along + self.length, self.across)
        up = np.array([0.0, 0.0, self.height])
        weight = 0.5 if self.kind in ('rails', 'mesh') else 1.0
        shadows.cast(np.array([near, far, far + up, near + up]), weight)

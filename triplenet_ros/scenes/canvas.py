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

"""The picture and its truth, painted together from far to near."""

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

import cv2
import numpy as np

from triplenet_ros.scenes.camera import Camera, clip_near, NEAR
from triplenet_ros.scenes.light import Light

_SHIFT = 4
_UNIT = 1 << _SHIFT
_FIRST_OBJECT = 1000


@dataclass
class Instance:
    """
    One object on the canvas.

    :param label: its segmentation label
    :param outline: x1 y1 x2 y2 of the whole object, also outside the picture
    :param painted: pixels it covered inside the picture before nearer things hid some
    """

    label: int
    outline: List[float]
    painted: int

    def widen(self, left: float, top: float, right: float, bottom: float) -> None:
        """Let the outline take in a rectangle."""
        old = self.outline
        self.outline = [min(old[0], left), min(old[1], top), max(old[2], right),
                        max(old[3], bottom)]


class Canvas:
    """
    An RGB picture and a map of marks that every call paints alike.

    A mark below 256 is a segmentation label; larger ones stand for one object each, given out by
    ``begin``. The colour edges are smoothed, the marks' are not.
    """

    def __init__(self, camera: Camera, light: Light) -> None:
        """Start with a black picture, unlabelled everywhere."""
        self.camera = camera
        self.light = light
        self.image = np.zeros((camera.height, camera.width, 3), np.uint8)
        self.marks = np.full((camera.height, camera.width), 255, np.uint16)
        self.instances: List[Instance] = []
        self.lamps: List[Tuple[np.ndarray, float, Tuple[int, int, int]]] = []

    def begin(self, label: int) -> int:
        """Return the mark of a new object."""
        self.instances.append(Instance(label, [np.inf, np.inf, -np.inf, -np.inf], 0))
        return _FIRST_OBJECT + len(self.instances) - 1

    def end(self, mark: int) -> None:
        """Note how much an object covers, before anything nearer is painted."""
        instance = self.instances[mark - _FIRST_OBJECT]
        x1, y1, x2, y2 = self.inside(instance.outline)
        if x1 < x2 and y1 < y2:
            instance.painted = int(np.count_nonzero(self.marks[y1:y2, x1:x2] == mark))

    def fill(self, pixels: np.ndarray, color: Optional[Sequence[float]],
             mark: Optional[int] = None) -> None:
        """
        Paint a polygon given in pixels.

        :param pixels: (N, 2) corners, pixel positions with (0, 0) at the picture's corner
        :param color: RGB 0..255; None leaves the picture and sets the mark only
        :param mark: label or object; None leaves the marks
        """
        if len(pixels) < 3:
            return
        # cv2 puts whole numbers at pixel centres, we put them at pixel corners.
        corners = ((pixels - 0.5) * _UNIT).clip(-1e7, 1e7).astype(np.int32)[None]
        left, top, wide, high = cv2.boundingRect(corners)
        if mark is not None and mark >= _FIRST_OBJECT:
            self.instances[mark - _FIRST_OBJECT].widen(left / _UNIT, top / _UNIT,
                                                       (left + wide) / _UNIT + 0.5,
                                                       (top + high) / _UNIT + 0.5)
        if (left + wide < 0 or top + high < 0 or left > self.camera.width * _UNIT
                or top > self.camera.height * _UNIT):
            return
        if color is not None:
            plain = color.tolist() if isinstance(color, np.ndarray) else color
            cv2.fillPoly(self.image, corners, plain, cv2.LINE_AA, _SHIFT)
        if mark is not None:
            cv2.fillPoly(self.marks, corners, int(mark), cv2.LINE_8, _SHIFT)

    def fill_all(self, pixels: np.ndarray, colors: np.ndarray, owned: np.ndarray,
                 mark: int) -> None:
        """
        Paint many polygons of one object, in order.

        :param pixels: (F, N, 2) corners in pixels
        :param colors: (F, 3) RGB 0..255
        :param owned: (F,) bool, whether a polygon sets the marks too
        :param mark: the object
        """
        corners = np.clip((pixels - 0.5) * _UNIT, -1e7, 1e7).astype(np.int32)
        outer = corners[owned]
        if len(outer):
            low, high = outer.min(axis=(0, 1)) / _UNIT, outer.max(axis=(0, 1)) / _UNIT + 0.5
            self.instances[mark - _FIRST_OBJECT].widen(*low.tolist(), *high.tolist())
        for outline, color, own in zip(corners[:, None], colors.tolist(), owned.tolist()):
            cv2.fillPoly(self.image, outline, color, cv2.LINE_AA, _SHIFT)
            if own:
                cv2.fillPoly(self.marks, outline, mark, cv2.LINE_8, _SHIFT)

    def polygon(self, points: np.ndarray, color: Optional[Sequence[float]],
                mark: Optional[int] = None) -> None:
        """Paint a flat polygon, (N, 3) in world metres; parts behind the camera are cut off."""
        self.cut(self.camera.to_camera(points), color, mark)

    def cut(self, points: np.ndarray, color: Optional[Sequence[float]],
            mark: Optional[int] = None) -> None:
        """Paint a flat polygon, (N, 3) in camera axes; parts behind the camera are cut off."""
        seen = clip_near(points)
        if len(seen) >= 3:
            self.fill(self.camera.project(seen), color, mark)

    def texture(self, levels: Sequence[np.ndarray], corners: np.ndarray, table: np.ndarray,
                mark: int) -> None:
        """
        Paint a textured upright or lying rectangle.

        :param levels: (h, w, 3) or (h, w, 4) uint8 textures, each half the size of the one before
        :param corners: (4, 3) world points of the texture's top left, top right, bottom right and
            bottom left
        :param table: (1, 256, 3) uint8, what each texture value looks like in this light
        :param mark: label or object; also where a fourth channel makes the texture transparent
        """
        seen, start, end = _cut_sideways(self.camera.to_camera(corners))
        if seen is None:
            return
        target = self.camera.project(seen)
        x1, y1, x2, y2 = self.inside(np.concatenate([target.min(axis=0), target.max(axis=0)]))
        if x1 >= x2 or y1 >= y2:
            return
        picture = _level(levels, target)
        high, wide = picture.shape[:2]
        source = np.array([[start * wide, 0], [end * wide, 0], [end * wide, high],
                           [start * wide, high]], np.float32)
        corner = np.array([x1, y1], np.float64)
        matrix = cv2.getPerspectiveTransform(source - 0.5, (target - corner - 0.5)
                                             .astype(np.float32))
        warped = cv2.warpPerspective(picture, matrix, (x2 - x1, y2 - y1), flags=cv2.INTER_LINEAR,
                                     borderMode=cv2.BORDER_REPLICATE)
        inside = np.zeros(warped.shape[:2], np.uint8)
        shifted = ((target - corner - 0.5) * 16).clip(-1e7, 1e7).astype(np.int32)
        cv2.fillPoly(inside, shifted[None], 255, cv2.LINE_8, _SHIFT)
        self._lay(x1, y1, warped, inside, inside, table, mark)

    def sprite(self, levels: Sequence[Tuple[np.ndarray, np.ndarray]], box: np.ndarray,
               table: np.ndarray, mark: int) -> None:
        """
        Paint an upright cut-out that always faces the camera.

        :param levels: pairs of (h, w, 4) uint8 RGB and opacity, and (h, w) uint8, 255 where the
            marks go, each half the size of the one before
        :param box: (4,) x1 y1 x2 y2 in pixels, may reach outside the picture
        :param table: (1, 256, 3) uint8, what each colour looks like in this light
        :param mark: label or object
        """
        x1, y1, x2, y2 = self.inside(box)
        wide, high = box[2] - box[0], box[3] - box[1]
        if x1 >= x2 or y1 >= y2 or wide < 1 or high < 1:
            return
        ratio = np.log2(max(1.0, levels[0][1].shape[0] / max(high, wide)))
        picture, where = levels[int(min(ratio, len(levels) - 1))]
        scale_x, scale_y = picture.shape[1] / wide, picture.shape[0] / high
        # Cut out first what can be seen: a tree close by may be much larger than the picture.
        left, top = int(max(0, x1 - box[0]) * scale_x), int(max(0, y1 - box[1]) * scale_y)
        right = max(left + 1, int(np.ceil((x2 - box[0]) * scale_x)))
        bottom = max(top + 1, int(np.ceil((y2 - box[1]) * scale_y)))
        if not (left < picture.shape[1] and top < picture.shape[0]):
            return
        size = (x2 - x1, y2 - y1)
        part = cv2.resize(picture[top:bottom, left:right], size, interpolation=cv2.INTER_LINEAR)
        marked = cv2.resize(where[top:bottom, left:right], size, interpolation=cv2.INTER_NEAREST)
        full = np.full(marked.shape, 255, np.uint8)
        self._lay(x1, y1, part, full, marked, table, mark)

    def lamp(self, point: np.ndarray, radius: float, color: Tuple[int, int, int]) -> None:
        """Remember a lamp at a (3,) world point; it glows once everything is painted."""
        seen = self.camera.to_camera(point[None])
        if seen[0, 2] < NEAR:
            return
        x, y = self.camera.project(seen)[0]
        column, row = int(x), int(y)
        if 0 <= column < self.camera.width and 0 <= row < self.camera.height:
            size = max(1.5, radius * self.camera.focal / seen[0, 2])
            owner = int(self.marks[row, column])
            self.lamps.append((np.array([x, y, owner]), size, color))

    def inside(self, box: np.ndarray) -> Tuple[int, int, int, int]:
        """Return the pixels of the picture that a box touches."""
        if not np.isfinite(box).all():
            return 0, 0, 0, 0
        return (max(0, int(np.floor(box[0])) - 1), max(0, int(np.floor(box[1])) - 1),
                min(self.camera.width, int(np.ceil(box[2])) + 1),
                min(self.camera.height, int(np.ceil(box[3])) + 1))

    def _lay(self, x: int, y: int, colors: np.ndarray, opacity: np.ndarray, where: np.ndarray,
             table: np.ndarray, mark: int) -> None:
        """Lay a shaded rectangle of colours over the picture."""
        high, wide = colors.shape[:2]
        area = self.image[y:y + high, x:x + wide]
        if colors.shape[2] == 4:
            opacity = cv2.min(opacity, cv2.extractChannel(colors, 3))
            colors = cv2.cvtColor(colors, cv2.COLOR_RGBA2RGB)
        shaded = cv2.LUT(colors, table)
        if opacity is where:
            cv2.copyTo(shaded, opacity, area)
        else:
            weight = cv2.merge([opacity] * 3)
            light = cv2.multiply(shaded, weight, scale=1 / 255.0)
            area[...] = cv2.add(light, cv2.multiply(area, 255 - weight, scale=1 / 255.0))
        self.marks[y:y + high, x:x + wide][where > 127] = mark


def _cut_sideways(seen: np.ndarray) -> Tuple[Optional[np.ndarray], float, float]:
    """Cut the left or right end of a rectangle, (4, 3) in camera axes, that is too near."""
    left, right = min(seen[0, 2], seen[3, 2]), min(seen[1, 2], seen[2, 2])
    if max(left, right) < NEAR:
        return None, 0.0, 0.0
    start = 0.0 if left >= NEAR else (NEAR - left) / (right - left) + 1e-4
    end = 1.0 if right >= NEAR else (NEAR - left) / (right - left) - 1e-4
    top, bottom = seen[1] - seen[0], seen[2] - seen[3]
    cut = np.stack([seen[0] + top * start, seen[0] + top * end,
                    seen[3] + bottom * end, seen[3] + bottom * start])
    if cut[:, 2].min() <= NEAR / 2:
        return None, 0.0, 0.0
    return cut, start, end


def _level(levels: Sequence[np.ndarray], target: np.ndarray) -> np.ndarray:
    """Return the texture whose pixels are closest to the picture's, to keep it from flickering."""
    tall = max(abs(target[3, 1] - target[0, 1]), abs(target[2, 1] - target[1, 1]), 1.0)
    wide = max(abs(target[1, 0] - target[0, 0]), 1.0)
    ratio = min(levels[0].shape[0] / tall, 2.0 * levels[0].shape[1] / wide)
    return levels[int(np.clip(np.round(np.log2(max(ratio, 1.0))), 0, len(levels) - 1))]

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

"""Cars, vans, buses and lorries as shaded solids."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from triplenet_ros.scenes.camera import NEAR
from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.mesh import (BODY, DARK, GLASS, HEAD, Mesh, PLAIN, PLATE, Shape,
                                       TAIL, TRIM, vehicle_mesh, wheel_circles)

CAR = 8
"""Segmentation label of everything on four wheels."""
_MIRROR = np.array([34.0, 120.0, 0.0, 10.0, 0.0, 20.0, 20.0, 6.0])


@dataclass(frozen=True)
class Paint:
    """
    How a vehicle is finished.

    :param body: RGB 0..255
    :param plate: RGB of the rear number plate
    :param lit: whether head and tail lamps are on
    :param braking: whether the brake lamps are on
    """

    body: Tuple[float, float, float]
    plate: Tuple[float, float, float]
    lit: bool = False
    braking: bool = False

    def colors(self) -> np.ndarray:
        """Return the (8, 3) colours of all materials."""
        table = np.empty((8, 3))
        table[BODY], table[PLATE] = self.body, self.plate
        table[GLASS], table[DARK], table[PLAIN] = (36, 40, 44), (20, 20, 21), (160, 162, 162)
        table[TRIM] = np.array(self.body) * 0.62
        table[HEAD] = (255, 250, 235) if self.lit else (212, 216, 216)
        table[TAIL] = (255, 70, 56) if self.braking or self.lit else (158, 26, 26)
        return table


def paint_vehicle(canvas: Canvas, shape: Shape, paint: Paint, place: np.ndarray,
                  heading: float) -> None:
    """
    Paint one vehicle as an object of its own.

    :param canvas: what is painted on
    :param shape: its build
    :param paint: its finish
    :param place: (3,) world position of the middle of its footprint
    :param heading: radians to the right of the world's y axis
    """
    turn = _turn(heading)
    eye = (canvas.camera.position - place) @ turn
    if _around(shape, eye) or not _ahead(canvas, shape, place, turn):
        return
    distance = max(0.5, canvas.camera.distance(place))
    small = shape.height * canvas.camera.focal / distance < 20.0
    mark = canvas.begin(CAR)
    mesh = vehicle_mesh(shape, small)
    shown = _shown(mesh, eye)
    shades = _shades(canvas, mesh, shown, paint, turn, distance)
    seen = canvas.camera.to_camera((mesh.corners[shown] @ turn.T + place).reshape(-1, 3))
    whole = seen[:, 2].min() > NEAR
    layers, owned = mesh.layer[shown], mesh.outer[shown]
    for late in (False, True):
        part = (layers == 3) == late
        if late and _side(shape, eye):
            _wheels(canvas, shape, paint, place, turn, _side(shape, eye), distance, mark)
        quads = seen.reshape(-1, 4, 3)[part]
        if whole:
            pixels = canvas.camera.project(quads.reshape(-1, 3)).reshape(-1, 4, 2)
            canvas.fill_all(pixels, shades[part], owned[part], mark)
            continue
        for quad, shade, own in zip(quads, shades[part], owned[part]):
            canvas.cut(quad, shade, mark if own else None)
    if paint.lit or paint.braking:
        _lamps(canvas, mesh, shown, turn, place, paint)
    canvas.end(mark)


def footprint(shape: Shape, place: np.ndarray, heading: float, grow: float = 0.0) -> np.ndarray:
    """Return the (4, 3) world corners of the ground below a vehicle."""
    x, y = shape.width / 2 + grow, shape.length / 2 + grow
    local = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0]])
    return local @ _turn(heading).T + place


def _turn(heading: float) -> np.ndarray:
    """Return the (3, 3) rotation from a vehicle's axes to the world's."""
    cos, sin = np.cos(heading), np.sin(heading)
    return np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _around(shape: Shape, eye: np.ndarray) -> bool:
    """Say whether the camera is inside the vehicle."""
    return bool(abs(eye[0]) < shape.width / 2 + 0.3 and abs(eye[1]) < shape.length / 2 + 0.6)


def _ahead(canvas: Canvas, shape: Shape, place: np.ndarray, turn: np.ndarray) -> bool:
    """Say whether any of the vehicle is in front of the camera."""
    reach = abs(turn.T @ canvas.camera.rotation[2]) @ (shape.width / 2, shape.length / 2, 0.0)
    return bool(canvas.camera.distance(place) + reach > 0.6)


def _side(shape: Shape, eye: np.ndarray) -> int:
    """Return which side one sees: 1 right, -1 left, 0 none."""
    return int(np.sign(eye[0])) if abs(eye[0]) > shape.width / 2 else 0


def _shown(mesh: Mesh, eye: np.ndarray) -> np.ndarray:
    """Return the faces that look at the camera: by layer, then the farthest first."""
    towards = eye - mesh.middles
    facing = np.einsum('ij,ij->i', mesh.normals, towards) > 0
    away = np.einsum('ij,ij->i', towards, towards)
    # Farthest first inside a layer; what is finer comes after, in the order it was built.
    key = np.where(mesh.layer == 3, 0.0, -away)
    order = np.lexsort((np.arange(len(key)), key, mesh.layer))
    return order[facing[order]]


def _shades(canvas: Canvas, mesh: Mesh, shown: np.ndarray, paint: Paint, turn: np.ndarray,
            distance: float) -> np.ndarray:
    """Return the (N, 3) colours of faces: varnish and glass mirror the sky where they look up."""
    normals = mesh.normals[shown] @ turn.T
    material = mesh.material[shown]
    shades = canvas.light.shade(paint.colors()[material], normals, distance)
    upward = np.maximum(normals[:, 2:3], 0.0) * _MIRROR[material][:, None]
    return shades + upward * canvas.light.ambient


def _wheels(canvas: Canvas, shape: Shape, paint: Paint, place: np.ndarray, turn: np.ndarray,
            side: int, distance: float, mark: int) -> None:
    """Paint arches, tyres and rims of one side."""
    small = shape.height * canvas.camera.focal / distance < 24.0
    colors = paint.colors()
    light = canvas.light.on(turn @ np.array([side, 0.0, 0.0]))
    for index, (circle, material) in enumerate(wheel_circles(shape, side)):
        if small and index % 4 != 1:
            continue
        owner = None if index % 4 == 0 else mark
        canvas.polygon(circle @ turn.T + place, colors[material] * light, owner)


def _lamps(canvas: Canvas, mesh: Mesh, shown: np.ndarray, turn: np.ndarray, place: np.ndarray,
           paint: Paint) -> None:
    """Let the lamps that one sees glow."""
    for index in shown:
        material = mesh.material[index]
        if material not in (HEAD, TAIL) or (material == HEAD and not paint.lit):
            continue
        point = turn @ mesh.corners[index].mean(axis=0) + place
        head = material == HEAD
        canvas.lamp(point, 0.22 if head else 0.14, (255, 244, 220) if head else (255, 40, 30))

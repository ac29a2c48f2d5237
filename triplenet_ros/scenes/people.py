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

"""People on foot and on bicycles: a skeleton in three dimensions, drawn as rounded limbs."""

from dataclasses import dataclass
from typing import List, Tuple

import numpy as np

from triplenet_ros.scenes.canvas import Canvas

PEDESTRIAN, BICYCLIST = 9, 10

_ARC = np.linspace(np.pi / 2, 3 * np.pi / 2, 6)
_WORN = {'face': 'skin'}
_TUBES = np.array([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (3, 4), (5, 3), (5, 6), (5, 7), (2, 8)])

Limb = Tuple[Tuple[float, float, float], Tuple[float, float, float], float, float, str]
"""Start and end (right, forward, up) in metres, radius at both, and what it wears."""


@dataclass(frozen=True)
class Clothes:
    """RGB 0..255 of everything one wears, and the body's height in metres."""

    top: Tuple[float, float, float]
    legs: Tuple[float, float, float]
    skin: Tuple[float, float, float]
    hair: Tuple[float, float, float]
    shoes: Tuple[float, float, float]
    bag: Tuple[float, float, float]
    height: float
    coat: bool
    carries: bool


def paint_pedestrian(canvas: Canvas, clothes: Clothes, place: np.ndarray, heading: float,
                     stride: float, pace: float) -> None:
    """
    Paint someone on foot as an object of its own.

    :param canvas: what is painted on
    :param clothes: looks and height
    :param place: (3,) world position of the feet
    :param heading: radians to the right of the world's y axis
    :param stride: phase of the gait, radians
    :param pace: 0 standing to 1 walking
    """
    mark = canvas.begin(PEDESTRIAN)
    _paint(canvas, _walker(clothes, stride, pace), clothes, place, heading, mark)
    canvas.end(mark)


def paint_bicyclist(canvas: Canvas, clothes: Clothes, frame: Tuple[float, float, float],
                    place: np.ndarray, heading: float, pedal: float) -> None:
    """
    Paint someone on a bicycle, both as one object.

    :param canvas: what is painted on
    :param clothes: looks and height
    :param frame: RGB of the bicycle's frame
    :param place: (3,) world position below the saddle
    :param heading: radians to the right of the world's y axis
    :param pedal: phase of the pedals, radians
    """
    if canvas.camera.distance(place) < 1.6:
        return
    mark = canvas.begin(BICYCLIST)
    _bicycle(canvas, frame, place, heading, mark)
    _paint(canvas, _rider(clothes, pedal), clothes, place, heading, mark)
    canvas.end(mark)


def _walker(clothes: Clothes, stride: float, pace: float) -> List[Limb]:
    """Return the limbs of someone on foot, 1.75 m tall, far ones not yet sorted."""
    swing = 0.42 * np.sin(stride) * pace
    limbs: List[Limb] = []
    for side, phase in ((-1, 1), (1, -1)):
        step = swing * phase
        hip, x = (side * 0.09, 0.0, 0.92), side * 0.1
        lift = 0.10 * max(0.0, np.cos(stride) * phase) * pace
        knee = (x, step * 0.55 + 0.10 * lift * 5, 0.50 + lift * 0.3)
        foot = (x, step - lift * 1.2, 0.09 + lift)
        limbs += [(hip, knee, 0.095, 0.07, 'legs'), (knee, foot, 0.07, 0.05, 'legs'),
                  (foot, (x, foot[1] + 0.16, foot[2] - 0.04), 0.05, 0.04, 'shoes')]
        shoulder, reach = (side * 0.19, 0.0, 1.42), -step * 0.8
        elbow = (side * 0.25, reach * 0.5 - 0.03, 1.15)
        hand = (side * 0.25, reach + 0.05, 0.90)
        limbs += [(shoulder, elbow, 0.065, 0.055, 'top'), (elbow, hand, 0.055, 0.042, 'top'),
                  (hand, (hand[0], hand[1], 0.84), 0.045, 0.04, 'skin')]
    hem = 0.72 if clothes.coat else 0.93
    limbs += [((0.0, 0.0, hem), (0.0, 0.0, 1.2), 0.165, 0.17, 'top'),
              ((-0.1, 0.0, 1.38), (0.1, 0.0, 1.38), 0.115, 0.115, 'top'),
              ((0.0, 0.0, 1.2), (0.0, 0.0, 1.40), 0.175, 0.15, 'top'),
              ((0.0, 0.0, 1.46), (0.0, 0.02, 1.54), 0.055, 0.055, 'skin'),
              ((0.0, 0.02, 1.60), (0.0, 0.03, 1.66), 0.088, 0.09, 'face'),
              ((0.0, -0.02, 1.64), (0.0, -0.01, 1.68), 0.098, 0.095, 'hair')]
    if clothes.carries:
        limbs.append(((0.0, -0.17, 1.05), (0.0, -0.17, 1.36), 0.13, 0.11, 'bag'))
    return limbs


def _rider(clothes: Clothes, pedal: float) -> List[Limb]:
    """Return the limbs of someone on a bicycle."""
    limbs: List[Limb] = []
    for side, phase in ((-1, 0.0), (1, np.pi)):
        x = side * 0.1
        foot = (x * 1.1, 0.12 + 0.17 * np.cos(pedal + phase), 0.30 + 0.17 * np.sin(pedal + phase))
        knee = (x * 1.2, 0.30 + 0.05 * np.cos(pedal + phase), 0.72 + 0.12 * np.sin(pedal + phase))
        limbs += [((side * 0.1, -0.16, 1.0), knee, 0.10, 0.075, 'legs'),
                  (knee, foot, 0.07, 0.05, 'legs'),
                  (foot, (foot[0], foot[1] + 0.14, foot[2] - 0.02), 0.05, 0.04, 'shoes')]
        elbow = (side * 0.27, 0.30, 1.20)
        limbs += [((side * 0.18, 0.10, 1.48), elbow, 0.065, 0.05, 'top'),
                  (elbow, (side * 0.24, 0.52, 1.05), 0.05, 0.045, 'top')]
    limbs += [((0.0, -0.2, 0.98), (0.0, -0.05, 1.2), 0.17, 0.17, 'top'),
              ((0.0, -0.05, 1.2), (0.0, 0.08, 1.44), 0.18, 0.17, 'top'),
              ((-0.1, 0.08, 1.46), (0.1, 0.08, 1.46), 0.11, 0.11, 'top'),
              ((0.0, 0.12, 1.52), (0.0, 0.15, 1.58), 0.055, 0.055, 'skin'),
              ((0.0, 0.18, 1.64), (0.0, 0.18, 1.70), 0.088, 0.09, 'face'),
              ((0.0, 0.14, 1.69), (0.0, 0.15, 1.73), 0.105, 0.098, 'hair')]
    if clothes.carries:
        limbs.append(((0.0, -0.2, 1.22), (0.0, -0.08, 1.46), 0.13, 0.12, 'bag'))
    return limbs


def _paint(canvas: Canvas, limbs: List[Limb], clothes: Clothes, place: np.ndarray,
           heading: float, mark: int) -> None:
    """Paint limbs as rounded bars, the farthest first."""
    scale = clothes.height / 1.75
    if canvas.camera.distance(place) * 16 > canvas.camera.focal:
        # Less than 28 pixels tall: hands and shoes are lost.
        limbs = [limb for limb in limbs if limb[4] not in ('skin', 'shoes')]
    ends = np.array([[limb[0], limb[1]] for limb in limbs]).reshape(-1, 3) * scale
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    seen = canvas.camera.to_camera(ends @ turn.T + place)
    if seen[:, 2].min() < 0.6:
        return
    pixels = canvas.camera.project(seen).reshape(-1, 2, 2)
    depth = seen[:, 2].reshape(-1, 2).mean(axis=1)
    size = canvas.camera.focal / depth * scale
    distance = float(depth.mean())
    sun = turn.T @ canvas.light.direction
    # What the sun reaches from the side that the camera sees; limbs are round.
    normal = np.array([0.0, -0.75, 0.25 + 0.3 * max(0.0, sun[2])])
    worn = np.array([getattr(clothes, _WORN.get(limb[4], limb[4])) for limb in limbs])
    shades = canvas.light.shade(worn, normal, distance)
    radii = np.maximum(np.array([limb[2:4] for limb in limbs]) * size[:, None], 0.5)
    bars = _bars(pixels, radii)
    order = np.argsort(-depth)
    bars, shades, owned = bars[order], shades[order], np.ones(len(order), bool)
    if radii.max() > 3.5:
        # The side of a limb that the sun does not reach is darker.
        across = canvas.camera.rotation[0] @ canvas.light.direction
        shift = np.zeros((len(order), 2, 2))
        shift[:, :, 0] = radii[order] * (-0.45 * np.sign(across))
        dark = _bars(pixels[order] + shift, radii[order] * 0.5)
        bars = np.stack([bars, dark], axis=1).reshape(-1, 12, 2)
        shades = np.stack([shades, shades * 0.78], axis=1).reshape(-1, 3)
        owned = np.tile([True, False], len(order))
    canvas.fill_all(bars, shades, owned, mark)


def _bars(ends: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Return (N, 12, 2) outlines of bars with round ends from (N, 2, 2) ends and (N, 2) radii."""
    along = np.arctan2(ends[:, 1, 1] - ends[:, 0, 1], ends[:, 1, 0] - ends[:, 0, 0])
    arc = along[:, None] + _ARC
    circle = np.stack([np.cos(arc), np.sin(arc)], axis=2)
    back = circle * radii[:, 0, None, None] + ends[:, 0, None]
    return np.concatenate([back, ends[:, 1, None] - circle * radii[:, 1, None, None]], axis=1)


def _bicycle(canvas: Canvas, frame: Tuple[float, float, float], place: np.ndarray,
             heading: float, mark: int) -> None:
    """Paint wheels, frame, fork and handlebar."""
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    size = canvas.camera.focal / canvas.camera.distance(place)
    light = canvas.light.shade(np.array(frame), np.array([0.0, -0.8, 0.3]), 10.0)
    rubber = canvas.light.shade(np.array((34, 34, 36)), np.array([0.0, -0.8, 0.3]), 10.0)
    around = np.linspace(0, 2 * np.pi, 17)
    for y in (-0.52, 0.52):
        rim = np.stack([np.zeros(17), y + 0.34 * np.cos(around), 0.34 + 0.34 * np.sin(around)], 1)
        pixels = canvas.camera.pixels(rim @ turn.T + place)
        canvas.fill(pixels, None, mark)
        spans = np.stack([pixels[:-1], pixels[1:]], axis=1)
        _strokes(canvas, spans, max(0.7, 0.028 * size), rubber, mark)
    joints = np.array([[0, -0.52, 0.34], [0, -0.08, 0.30], [0, -0.18, 0.82], [0, 0.36, 0.84],
                       [0, 0.52, 0.34], [0, 0.34, 1.0], [-0.26, 0.48, 1.03], [0.26, 0.48, 1.03],
                       [0, -0.22, 0.97]])
    pixels = canvas.camera.pixels(joints @ turn.T + place)
    _strokes(canvas, pixels[_TUBES], max(0.6, 0.022 * size), light, mark)


def _strokes(canvas: Canvas, segments: np.ndarray, radius: float, color: np.ndarray,
             mark: int) -> None:
    """Paint bars of one colour between (N, 2, 2) ends in pixels."""
    bars = _bars(segments, np.full((len(segments), 2), radius))
    canvas.fill_all(bars, np.tile(color, (len(bars), 1)), np.ones(len(bars), bool), mark)

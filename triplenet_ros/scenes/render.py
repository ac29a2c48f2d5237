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

"""From a world, a camera and a moment to a picture with its truth."""

from typing import Tuple

import cv2
import numpy as np

from triplenet_ros.classes import CAMVID
from triplenet_ros.sample import Sample
from triplenet_ros.scenes.camera import Camera
from triplenet_ros.scenes.canvas import Canvas
from triplenet_ros.scenes.ground import paint_ground, Shadows
from triplenet_ros.scenes.layout import Mount
from triplenet_ros.scenes.sensor import expose
from triplenet_ros.scenes.sky import paint_sky
from triplenet_ros.scenes.surroundings import Boundary, Building, Plant
from triplenet_ros.scenes.traffic import Vehicle
from triplenet_ros.scenes.truth import read_truth
from triplenet_ros.scenes.weather import Weather
from triplenet_ros.scenes.world import World

_LARGE = (Building, Plant, Boundary)
_FAR = 300.0
_FAR_VEHICLES = 130.0
_FAR_SMALL = 95.0


def render(name: str, world: World, weather: Weather, mount: Mount, along: float, now: float,
           rng: np.random.Generator, shake: Tuple[float, float] = (0.0, 0.0)) -> Sample:
    """
    Paint one picture.

    :param name: of the sample
    :param world: what there is
    :param weather: light and faults of the camera
    :param mount: how the camera is fixed
    :param along: where on the road the camera is, metres
    :param now: seconds since the world's beginning
    :param rng: where rain and sensor noise come from
    :param shake: radians of pitch and roll added to the mount's
    :return: a sample of ``CAMVID`` with boxes, classes and labels
    """
    camera = mount.camera(world, along, shake)
    canvas = Canvas(camera, weather.light)
    paint_sky(canvas, weather.sky)
    paint_ground(canvas, world.road, along, world.land, world.wear)
    things = [thing for thing in world.things if _visible(thing, along, now)]
    shadows = Shadows(canvas)
    for thing in things:
        if thing.reach(now)[0] < along + (75 if isinstance(thing, _LARGE) else 45):
            thing.cast(shadows, world.road, now)
    shadows.apply()
    for thing in sorted(things, key=lambda thing: -thing.order(now)):
        thing.paint(canvas, world.road, now)
    if mount.bonnet:
        _paint_bonnet(canvas, mount.shade)
    boxes, class_ids, labels = read_truth(canvas, CAMVID)
    return Sample(name=name, image=expose(canvas, weather, rng), boxes=boxes,
                  class_ids=class_ids, difficult=np.zeros(len(boxes), bool), label_map=labels)


def _visible(thing: object, along: float, now: float) -> bool:
    """Say whether a thing is between the camera and as far as one looks."""
    start, end = thing.reach(now)
    far = _FAR if isinstance(thing, _LARGE) else _FAR_SMALL
    if isinstance(thing, Vehicle):
        far = _FAR_VEHICLES
    return end > along - 4.0 and start < along + far


def _paint_bonnet(canvas: Canvas, shade: float) -> None:
    """Paint the own car's bonnet, which has no class, over the lower edge."""
    camera: Camera = canvas.camera
    x = np.linspace(0, camera.width, 25)
    sag = ((x - camera.width * 0.52) / camera.width) ** 2
    for share, factor in ((0.06, 0.7), (0.045, 1.0), (0.02, 0.8)):
        y = camera.height * (1 - share + sag * 0.12)
        outline = np.concatenate([np.stack([x, y], axis=1),
                                  [[camera.width, camera.height + 9], [0, camera.height + 9]]])
        color = canvas.light.shade(np.full(3, shade * factor), np.array([0.0, -0.2, 0.98]), 0.0)
        canvas.fill(outline, color, 255)
    cv2.GaussianBlur(canvas.image[-camera.height // 30:], (5, 5), 0,
                     dst=canvas.image[-camera.height // 30:])

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

"""The one pinhole camera that every scene is seen through."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

NEAR = 0.4
"""Metres in front of the camera at which polygons are cut off."""


@dataclass(frozen=True)
class Camera:
    """
    A pinhole camera above a flat ground.

    The world has x to the right, y forward along the road and z up, in metres, with the ground
    at z = 0. The camera's own axes are x right, y down, z forward.

    :param height: rows of the picture
    :param width: columns of the picture
    :param focal: focal length in pixels
    :param position: (3,) float64 world position of the optical centre
    :param rotation: (3, 3) float64, rows are the camera's axes in the world
    """

    height: int
    width: int
    focal: float
    position: np.ndarray
    rotation: np.ndarray

    @classmethod
    def looking(cls, *, height: int, width: int, field_of_view: float, position: np.ndarray,
                yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> 'Camera':
        """
        Make a camera from angles in radians.

        :param height: rows of the picture
        :param width: columns of the picture
        :param field_of_view: horizontal, radians
        :param position: (3,) world position in metres
        :param yaw: turn to the right, away from the world's y axis
        :param pitch: tilt down
        :param roll: turn of the picture, clockwise as seen by the camera
        """
        forward = np.array([np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch),
                            -np.sin(pitch)])
        level_right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
        level_down = np.cross(forward, level_right)
        right = np.cos(roll) * level_right + np.sin(roll) * level_down
        down = np.cos(roll) * level_down - np.sin(roll) * level_right
        return cls(height=height, width=width,
                   focal=width / (2.0 * np.tan(field_of_view / 2.0)),
                   position=np.asarray(position, np.float64),
                   rotation=np.stack([right, down, forward]))

    def to_camera(self, points: np.ndarray) -> np.ndarray:
        """Return (N, 3) world points in the camera's axes: x right, y down, z forward."""
        return (points - self.position) @ self.rotation.T

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return (N, 2) pixel positions of (N, 3) points in camera axes, all with z > 0."""
        pixels = points[:, :2] * (self.focal / points[:, 2:3])
        pixels += (self.width / 2.0, self.height / 2.0)
        return pixels

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Return (N, 2) pixel positions of (N, 3) world points in front of the camera."""
        return self.project(self.to_camera(points))

    def distance(self, point: np.ndarray) -> float:
        """Return the distance of a (3,) world point along the optical axis, in metres."""
        return float((np.asarray(point) - self.position) @ self.rotation[2])

    def horizon(self) -> float:
        """Return the row of the horizon in the middle column; may lie outside the picture."""
        level = self.rotation[2] * (1.0, 1.0, 0.0)
        direction = self.rotation @ (level / np.linalg.norm(level))
        return self.height / 2.0 + self.focal * direction[1] / direction[2]

    def ground(self, top: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """
        Intersect every pixel's ray from row ``top`` down with the ground.

        :return: three (height - top, width) float32 maps: world x, world y and distance along
            the optical axis; rays at or above the horizon are put 2 km away
        """
        across = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.focal
        down = (np.arange(top, self.height, dtype=np.float32) + 0.5 - self.height / 2)
        down = (down / self.focal)[:, None]
        axes = self.rotation.astype(np.float32)
        # Sums of a row and a column: one pass over the picture for each of the three axes.
        east, north, rise = (across * axes[0, axis] + (down * axes[1, axis] + axes[2, axis])
                             for axis in range(3))
        tall = np.float32(self.position[2])
        reach = tall / np.maximum(-rise, tall / np.float32(2000.0))
        east *= reach
        north *= reach
        east += np.float32(self.position[0])
        north += np.float32(self.position[1])
        return east, north, reach


def clip_near(points: np.ndarray, near: float = NEAR) -> np.ndarray:
    """Cut a polygon, (N, 3) in camera axes, at z = near; fewer than 3 points: nothing is left."""
    depth = points[:, 2]
    inside = depth >= near
    if inside.all():
        return points
    if not inside.any():
        return points[:0]
    following = np.roll(points, -1, axis=0)
    kept = []
    for start, end, start_in, end_in in zip(points, following, inside, np.roll(inside, -1)):
        if start_in:
            kept.append(start)
        if start_in != end_in:
            kept.append(start + (end - start) * ((near - start[2]) / (end[2] - start[2])))
    return np.asarray(kept)

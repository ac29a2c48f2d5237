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

"""Where a camera shows a point."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from triplenet_ros.cloud.distortion import Distortion
from triplenet_ros.errors import InputError


@dataclass(frozen=True)
class Lens:
    """
    Projects points into the image of a calibrated camera.

    :param focal: x y, pixels
    :param center: x y of the optical axis, pixels; 0 is the middle of the first pixel
    :param distortion: of the lens
    :param width: of the image, pixels
    :param height: of the image, pixels
    :param shift: x y, metres, from the frame to the camera; not 0 for the right camera of a
        rectified pair alone
    """

    focal: tuple[float, float]
    center: tuple[float, float]
    distortion: Distortion
    width: int
    height: int
    shift: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def from_camera_info(cls, info: Any, rectified: bool) -> 'Lens':
        """
        Return the lens of a sensor_msgs/CameraInfo.

        :param info: the message
        :param rectified: whether the images are: they have no distortion, and P in place of K
        :raises InputError: if the camera is not calibrated or its model is not known here
        """
        matrix = (np.reshape(info.p, (3, 4)) if rectified
                  else np.pad(np.reshape(info.k, (3, 3)), ((0, 0), (0, 1))))
        focal, center, shift = matrix.diagonal()[:2], matrix[:2, 2], matrix[:2, 3]
        if not (focal > 0).all():
            raise InputError('the camera is not calibrated: '
                             f'{"P" if rectified else "K"} has focal lengths of 0')
        # The calibration is of all pixels; the image may show a part of them, or groups of them.
        step = np.maximum((info.binning_x, info.binning_y), 1)
        center = (center - (info.roi.x_offset, info.roi.y_offset) + 0.5) / step - 0.5
        size = np.array([info.roi.width or info.width, info.roi.height or info.height])
        return cls(
            tuple((focal / step).tolist()), tuple(center.tolist()),
            Distortion(info.distortion_model, () if rectified else info.d),
            *(size // step).tolist(), tuple((shift / focal).tolist()))

    def project(self, points: np.ndarray) -> np.ndarray:
        """
        Return the pixels that show the points.

        :param points: (N, 3) float64, metres, camera frame: x right, y down, z forward
        :returns: (N, 2) float64 x y, 0 is the middle of the first pixel, also outside the image;
            NaN where no pixel could show the point, such as behind the camera
        """
        with np.errstate(all='ignore'):
            front = np.flatnonzero(points[:, 2] > 0)
            x, y, z = points.T[:, front]
            seen = self.distortion((x + self.shift[0]) / z, (y + self.shift[1]) / z)
            pixels = np.full((2, len(points)), np.nan)
            for axis in (0, 1):
                pixels[axis, front] = self.focal[axis] * seen[axis] + self.center[axis]
        return pixels.T

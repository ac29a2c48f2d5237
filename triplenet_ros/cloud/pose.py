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

"""Where one coordinate frame lies in another."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pose:
    """
    Takes points from one frame into another.

    :param rotation: (3, 3) float64
    :param translation: (3,) float64, metres
    """

    rotation: np.ndarray
    translation: np.ndarray

    @classmethod
    def from_quaternion(cls, x: float, y: float, z: float, w: float,
                        translation: tuple[float, float, float]) -> 'Pose':
        """Return the pose of a quaternion of any length but 0, and a translation in metres."""
        x, y, z, w = np.array([x, y, z, w]) / np.sqrt(x * x + y * y + z * z + w * w)
        rotation = np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
        return cls(rotation, np.array(translation, np.float64))

    def apply(self, points: np.ndarray) -> np.ndarray:
        """
        Return the points in the other frame.

        :param points: (N, 3) float, metres; what is not finite stays so
        :returns: (N, 3) float64
        """
        with np.errstate(invalid='ignore'):
            # Coordinates one after the other, as they are used: much faster than points.
            return (self.rotation @ points.T + self.translation[:, None]).T

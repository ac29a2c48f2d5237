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

"""Sun, sky light and haze: how bright and of what colour a surface looks."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

Color = Tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """
    The light of a scene; colours are RGB factors, 1 leaves a surface's own colour as it is.

    :param direction: (3,) unit vector towards the sun, world axes
    :param sun: (3,) what the sun adds to a surface that faces it
    :param ambient: (3,) what the sky gives to every surface
    :param haze: (3,) RGB 0..255, what far things fade into
    :param visibility: metres after which 63 % of a thing has faded
    :param dusk: 0 in daylight to 1 when lamps are lit
    """

    direction: np.ndarray
    sun: np.ndarray
    ambient: np.ndarray
    haze: np.ndarray
    visibility: float
    dusk: float

    def on(self, normals: np.ndarray) -> np.ndarray:
        """Return (..., 3) factors for surfaces with (..., 3) unit normals in world axes."""
        if normals.ndim == 1:
            facing = max(0.0, float(normals @ self.direction))
            return facing * self.sun + (0.80 + 0.20 * float(normals[2])) * self.ambient
        facing = np.maximum(normals @ self.direction, 0.0)[..., None]
        # The sky lights what looks up more than what looks at the ground.
        openness = (0.80 + 0.20 * normals[..., 2:3])
        return facing * self.sun + openness * self.ambient

    def shade(self, color: np.ndarray, normals: np.ndarray, distance: float) -> np.ndarray:
        """Return (..., 3) RGB 0..255 of surfaces of a colour seen from a distance in metres."""
        clear = np.exp(-distance / self.visibility)
        return np.asarray(color) * self.on(normals) * clear + self.haze * (1.0 - clear)

    def table(self, normal: np.ndarray, distance: float, tint: np.ndarray) -> np.ndarray:
        """Return a (1, 256, 3) uint8 cv2.LUT table that shades a whole texture at once."""
        clear = np.exp(-distance / self.visibility)
        factor = self.on(np.asarray(normal, np.float64)) * tint * clear
        values = np.arange(256.0)[:, None] * factor + self.haze * (1.0 - clear)
        return np.clip(values, 0, 255).astype(np.uint8)[None]

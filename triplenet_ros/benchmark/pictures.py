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

"""What the networks are shown: generated scenes."""

import numpy as np

from triplenet_ros.scenes import Scenes

_SCENES = 8
_SEED = 3


def camera_images(height: int, width: int, count: int = _SCENES) -> list[np.ndarray]:
    """
    Draw several different scenes.

    :param height: rows, at least 16
    :param width: columns, at least 16
    :param count: how many
    :return: each (H, W, 3) uint8 RGB
    :raises InputError: for a smaller size
    """
    scenes = Scenes(count=count, seed=_SEED, height=height, width=width)
    return [np.ascontiguousarray(scenes[index].image) for index in range(count)]

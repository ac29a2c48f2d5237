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

"""A moving drive through one generated world."""

from dataclasses import dataclass
from typing import Iterator

import numpy as np

from triplenet_ros.classes import CAMVID, ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample
from triplenet_ros.scenes.checks import check_count, check_size
from triplenet_ros.scenes.layout import draw_world, Mount
from triplenet_ros.scenes.render import render


@dataclass(frozen=True)
class DriveFrame:
    """
    One picture of a drive.

    :param time_ns: nanoseconds since the drive's start
    :param sample: the picture with its truth
    """

    time_ns: int
    sample: Sample


class Drive:
    """
    Pictures of one world while the camera drives through it and everybody else moves on.

    Iterating again gives the same bytes again. ``classes`` is ``CAMVID``.
    """

    classes: ClassSet = CAMVID

    def __init__(self, *, seed: int = 0, frames: int = 150, fps: float = 10.0, height: int = 540,
                 width: int = 960) -> None:
        """
        Describe the drive; nothing is drawn yet.

        :param seed: 0 or larger; other seeds give other worlds
        :param frames: how many pictures
        :param fps: pictures a second, above 0
        :param height: rows of every picture, at least 16
        :param width: columns of every picture, at least 16
        :raises InputError: for numbers outside these ranges
        """
        check_count('seed', seed)
        check_count('frames', frames)
        check_size(height, width)
        if not 0 < fps <= 1000:
            raise InputError(f'fps of a drive is {fps}, allowed is above 0 up to 1000')
        self._seed, self._frames, self._fps = seed, frames, fps
        self._height, self._width = height, width

    def __len__(self) -> int:
        """Return how many frames there are."""
        return self._frames

    def __iter__(self) -> Iterator[DriveFrame]:
        """Draw the frames in order."""
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, 1 << 31])))
        seconds = self._frames / self._fps
        world, weather = draw_world(rng, seconds * 31.0)
        mount = Mount(rng, world.style, self._height, self._width)
        phase = rng.uniform(0, 2 * np.pi, 2)
        for index in range(self._frames):
            now = index / self._fps
            # A car nods a little on its springs.
            shake = (0.0025 * np.sin(now * 7.5 + phase[0]), 0.002 * np.sin(now * 4.1 + phase[1]))
            noise = np.random.Generator(np.random.PCG64(
                np.random.SeedSequence([self._seed, 1 << 31, index])))
            sample = render(f'drive-{self._seed}-{index:06d}', world, weather, mount,
                            world.speed * now, now, noise, shake)
            yield DriveFrame(time_ns=round(index * 1e9 / self._fps), sample=sample)

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

"""Generated road scenes as a data set."""

import numpy as np

from triplenet_ros.classes import CAMVID, ClassSet
from triplenet_ros.sample import Sample
from triplenet_ros.scenes.checks import check_count, check_size
from triplenet_ros.scenes.layout import draw_world, Mount
from triplenet_ros.scenes.render import render


class Scenes:
    """
    A map-style data set of pictures that are drawn when they are asked for.

    Sample ``i`` depends on the seed, ``i`` and the size alone: it has the same bytes in every
    run, whatever was asked for before. ``classes`` is ``CAMVID``.
    """

    classes: ClassSet = CAMVID

    def __init__(self, *, count: int, seed: int = 0, height: int = 360, width: int = 480) -> None:
        """
        Describe the set; nothing is drawn yet.

        :param count: how many samples there are
        :param seed: 0 or larger; other seeds give other pictures
        :param height: rows of every picture, at least 16
        :param width: columns of every picture, at least 16
        :raises InputError: for numbers outside these ranges
        """
        check_count('count', count)
        check_count('seed', seed)
        check_size(height, width)
        self._count, self._seed, self._height, self._width = count, seed, height, width

    def __len__(self) -> int:
        """Return how many samples there are."""
        return self._count

    def __getitem__(self, index: int) -> Sample:
        """Draw one sample: image, boxes, class ids and labels."""
        if not -self._count <= index < self._count:
            raise IndexError(f'sample {index} of {self._count}')
        index = int(index) % self._count
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, index])))
        world, weather = draw_world(rng, 0.0)
        mount = Mount(rng, world.style, self._height, self._width)
        return render(f'scene-{self._seed}-{index:06d}', world, weather, mount, 0.0, 0.0, rng)

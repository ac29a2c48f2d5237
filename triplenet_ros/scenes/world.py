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

"""The description of a scene: what there is and where."""

from dataclasses import dataclass
from typing import List, Tuple, Union

from triplenet_ros.scenes.furniture import Pole
from triplenet_ros.scenes.road import Road
from triplenet_ros.scenes.surroundings import Boundary, Building, Plant
from triplenet_ros.scenes.traffic import Bicyclist, Pedestrian, Vehicle

Thing = Union[Building, Plant, Boundary, Pole, Vehicle, Pedestrian, Bicyclist]


@dataclass(frozen=True)
class World:
    """
    A road with everything on it and beside it.

    :param style: town, residential, highway or country
    :param road: the road
    :param things: everything else, in no order
    :param land: RGB of the ground beyond the road
    :param wear: which pattern of wear the road has
    :param across: lateral position of the camera, metres
    :param speed: of the camera, metres a second
    """

    style: str
    road: Road
    things: List[Thing]
    land: Tuple[float, float, float]
    wear: int
    across: float
    speed: float

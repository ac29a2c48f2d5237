"""The description of a scene: what there is and where."""

from dataclasses import dataclass
from typing import List, Tuple, Union

from triplenet_ros.data.scenes.furniture import Pole
from triplenet_ros.data.scenes.road import Road
from triplenet_ros.data.scenes.surroundings import Boundary, Building, Plant
from triplenet_ros.data.scenes.traffic import Bicyclist, Pedestrian, Vehicle

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

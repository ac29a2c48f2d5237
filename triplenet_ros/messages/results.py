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

"""ROS messages -> boxes and labels as arrays, whoever published them: the reverse of encode."""

from dataclasses import dataclass
import json
from typing import Any, Mapping, Optional

import numpy as np

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.errors import InputError


@dataclass(frozen=True)
class BoxMessage:
    """
    The boxes of a Detection2DArray, best score first.

    :param boxes: (N, 4) float32 x1 y1 x2 y2, pixels of the image
    :param scores: (N,) float32
    :param class_ids: N class ids as they stand in the message
    :param distances: (N,) float32 metres from the camera by the pose of the hypothesis; nan where
        it has none
    :param turned: how many boxes stood at an angle; of them the upright box around is taken
    :param nameless: how many detections had no hypothesis, and are left out
    """

    boxes: np.ndarray
    scores: np.ndarray
    class_ids: tuple[str, ...]
    distances: np.ndarray
    turned: int = 0
    nameless: int = 0


def read_boxes(message: Any) -> BoxMessage:
    """
    Return the boxes of a Detection2DArray, of each the hypothesis with the best score.

    :param message: of rosbags or of rclpy
    :raises InputError: if a number in it is not finite, or a size negative
    """
    named = [one for one in message.detections if len(one.results)]
    best = [max(one.results, key=lambda result: result.hypothesis.score) for one in named]
    places = np.array([_place(one.bbox) for one in named], np.float64).reshape(-1, 5)
    scores = np.array([one.hypothesis.score for one in best], np.float64)
    _check(places, scores)
    order = np.argsort(-scores, kind='stable')
    return BoxMessage(
        boxes=_corners(places)[order], scores=scores[order].astype(np.float32),
        class_ids=tuple(best[index].hypothesis.class_id for index in order),
        distances=np.array([_distance(one.pose.pose.position) for one in best],
                           np.float32)[order],
        turned=int(np.count_nonzero(places[:, 4])), nameless=len(message.detections) - len(named))


def _place(box: Any) -> tuple:
    centre = box.center
    return (centre.position.x, centre.position.y, box.size_x, box.size_y, centre.theta)


def _check(places: np.ndarray, scores: np.ndarray) -> None:
    if not (np.isfinite(places).all() and np.isfinite(scores).all()):
        raise InputError('a box or score is not a finite number')
    if (places[:, 2:4] < 0).any():
        raise InputError(f'a box has the size {places[:, 2:4].min()}, at least 0 is needed')


def _corners(places: np.ndarray) -> np.ndarray:
    """Return (N, 4) float32 upright boxes around (N, 5) centre, size and angle."""
    centre, size, angle = places[:, :2], places[:, 2:4], places[:, 4:]
    cos, sin = np.abs(np.cos(angle)), np.abs(np.sin(angle))
    half = np.where(angle == 0, size, size * cos + size[:, ::-1] * sin) / 2
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def _distance(position: Any) -> float:
    distance = float(np.linalg.norm((position.x, position.y, position.z)))
    # The pose as ROS initialises it: nobody said where the object is.
    return distance if distance > 0 else float('nan')


def read_label_image(message: Any) -> np.ndarray:
    """
    Return the labels of an Image ``mono8`` (or ``8UC1``).

    :param message: of rosbags or of rclpy
    :returns: (H, W) uint8; a view into the message where it can be one
    :raises InputError: if it is another kind of image, or contradicts itself
    """
    height, width, step = message.height, message.width, message.step
    if message.encoding not in ('mono8', '8UC1'):
        raise InputError(f'label image has the encoding {message.encoding!r}, needed is mono8')
    data = np.frombuffer(message.data, np.uint8)
    if not height or not width or step < width or len(data) < step * height:
        raise InputError(f'label image of {width}x{height} pixels has {len(data)} bytes and a '
                         f'step of {step}')
    return data[:step * height].reshape(height, step)[:, :width]


def names_of_label_info(message: Any) -> dict[int, str]:
    """
    Return label -> name of a LabelInfo; 255 is unlabelled whatever it is called.

    :param message: of rosbags or of rclpy
    """
    return {int(one.class_id): one.class_name for one in message.class_map
            if 0 <= one.class_id < UNLABELLED}


def names_of_vision_info(message: Any) -> Optional[dict[str, str]]:
    """
    Return class_id -> name of a VisionInfo whose database is JSON in place, else None.

    The JSON is an object of ids to names, or a list of names from 0 on.

    :param message: of rosbags or of rclpy
    """
    try:
        content = json.loads(message.database_location)
    except ValueError:
        return None
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, Mapping) or not all(
            isinstance(name, str) for name in content.values()):
        return None
    return {str(class_id): name for class_id, name in content.items()}

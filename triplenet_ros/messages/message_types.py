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

"""The message classes that the message code fills: rosbags' in a replay, rclpy's in the node."""

from array import array
from dataclasses import dataclass, fields
from functools import lru_cache
from types import ModuleType
from typing import Any, Callable, Mapping

import numpy as np

from triplenet_ros.messages.vision_definitions import VISION_MSGS

ByteField = Callable[[np.ndarray], Any]

_PACKAGES = {
    'Time': 'builtin_interfaces',
    'Header': 'std_msgs',
    'Point': 'geometry_msgs',
    'Quaternion': 'geometry_msgs',
    'Pose': 'geometry_msgs',
    'PoseWithCovariance': 'geometry_msgs',
    'Image': 'sensor_msgs',
    'CompressedImage': 'sensor_msgs',
    'Point2D': 'vision_msgs',
    'Pose2D': 'vision_msgs',
    'BoundingBox2D': 'vision_msgs',
    'ObjectHypothesis': 'vision_msgs',
    'ObjectHypothesisWithPose': 'vision_msgs',
    'Detection2D': 'vision_msgs',
    'Detection2DArray': 'vision_msgs',
    'VisionClass': 'vision_msgs',
    'LabelInfo': 'vision_msgs',
    'VisionInfo': 'vision_msgs',
}


@dataclass(frozen=True)
class MessageTypes:
    """
    Message classes of one place, each built with keyword arguments for all of its fields.

    :param byte_field: turns a C-contiguous uint8 array into what a ``uint8[]`` field of these
        classes takes fastest
    """

    Time: type
    Header: type
    Point: type
    Quaternion: type
    Pose: type
    PoseWithCovariance: type
    Image: type
    CompressedImage: type
    Point2D: type
    Pose2D: type
    BoundingBox2D: type
    ObjectHypothesis: type
    ObjectHypothesisWithPose: type
    Detection2D: type
    Detection2DArray: type
    VisionClass: type
    LabelInfo: type
    VisionInfo: type
    byte_field: ByteField

    def header(self, stamp_ns: int, frame_id: str) -> Any:
        """Return a Header of a time in nanoseconds and a coordinate frame."""
        sec, nanosec = divmod(int(stamp_ns), 1_000_000_000)
        return self.Header(stamp=self.Time(sec=sec, nanosec=nanosec), frame_id=frame_id)

    def name_of(self, message: Any) -> str:
        """Return the full type name of a message, such as ``sensor_msgs/msg/Image``."""
        for field in fields(self):
            if type(message) is getattr(self, field.name):
                return full_name(field.name)
        raise TypeError(f'{type(message).__name__} is not one of the message types')


def full_name(name: str) -> str:
    """Return the full type name of one of the classes of MessageTypes."""
    return f'{_PACKAGES[name]}/msg/{name}'


@lru_cache(maxsize=None)
def rosbags_typestore() -> Any:
    """
    Return the rosbags type store that (de)serialises what a replay reads and writes.

    The image and header types are the same on the wire in every ROS 2 release; with them come
    all other types of Humble and the vision_msgs ones.
    """
    from rosbags.typesys import get_types_from_msg, get_typestore, Stores

    store = get_typestore(Stores.ROS2_HUMBLE)
    for name, definition in VISION_MSGS.items():
        store.register(get_types_from_msg(definition, name))
    return store


@lru_cache(maxsize=None)
def rosbags_types() -> MessageTypes:
    """Return rosbags' message classes, whose byte fields are numpy arrays."""
    store = rosbags_typestore()
    classes = {name: store.types[full_name(name)] for name in _PACKAGES}
    return MessageTypes(byte_field=np.ravel, **classes)


def ros_types(packages: Mapping[str, ModuleType]) -> MessageTypes:
    """
    Return the message classes of the given ROS 2 packages.

    :param packages: package name -> its ``msg`` module, such as
        ``{'sensor_msgs': sensor_msgs.msg}``, for builtin_interfaces, std_msgs, geometry_msgs,
        sensor_msgs and vision_msgs
    """
    classes = {name: getattr(packages[package], name) for name, package in _PACKAGES.items()}
    return MessageTypes(byte_field=byte_array, **classes)


def byte_array(values: np.ndarray) -> array:
    """
    Return a C-contiguous uint8 array of any shape as ``array('B')``.

    It is the one type that the setters of rclpy's messages take without looking at every byte.
    """
    result = array('B')
    result.frombytes(memoryview(values).cast('B'))
    return result

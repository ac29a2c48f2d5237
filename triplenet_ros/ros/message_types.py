"""The message classes of rclpy, for the code that fills messages."""

from functools import lru_cache

import builtin_interfaces.msg
import geometry_msgs.msg
import sensor_msgs.msg
import std_msgs.msg
from triplenet_ros.messages.message_types import MessageTypes, ros_types
import vision_msgs.msg


@lru_cache(maxsize=None)
def rclpy_types() -> MessageTypes:
    """Return rclpy's message classes, whose byte fields are ``array('B')``."""
    packages = (builtin_interfaces, geometry_msgs, sensor_msgs, std_msgs, vision_msgs)
    return ros_types({package.__name__: package.msg for package in packages})

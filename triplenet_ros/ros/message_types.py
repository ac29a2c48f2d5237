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

"""The message classes of rclpy, for the code that fills messages."""

from functools import lru_cache
from types import ModuleType
from typing import Optional

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


@lru_cache(maxsize=None)
def foxglove_messages() -> Optional[ModuleType]:
    """Return ``foxglove_msgs.msg``; None where it is not installed."""
    try:
        import foxglove_msgs.msg
    except ImportError:
        return None
    return foxglove_msgs.msg

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

"""What the header of a message says of its time."""

import struct
from typing import Any

from triplenet_ros.errors import InputError

_SECOND = 1_000_000_000


def stamp_of(data: bytes) -> int:
    """
    Return the stamp of a message that begins with a std_msgs/Header, in nanoseconds.

    :param data: CDR bytes
    :raises InputError: if they are too few
    """
    if len(data) < 12:
        raise InputError(f'message of {len(data)} bytes has no header')
    order = '<' if data[1] & 1 else '>'
    seconds, nanoseconds = struct.unpack_from(f'{order}iI', data, 4)
    return seconds * _SECOND + nanoseconds


def in_nanoseconds(stamp: Any) -> int:
    """Return a builtin_interfaces/Time, of rosbags or rclpy, in nanoseconds."""
    return stamp.sec * _SECOND + stamp.nanosec

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

"""Where one frame lies in another, from /tf and /tf_static."""

import time
from typing import Any

from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time
from tf2_ros import Buffer, TransformException, TransformListener

from triplenet_ros.cloud.pose import Pose
from triplenet_ros.errors import InputError, one_line

# What tells of a moving frame may come a little later than what was measured in it.
_PATIENCE = 0.1
_POLL = 0.01


class Transforms:
    """
    Listens to transforms until it is stopped.

    :param node: that subscribes
    """

    def __init__(self, node: Node) -> None:
        """Subscribe."""
        self._buffer = Buffer()
        self._listener = TransformListener(self._buffer, node)
        # The buffer refuses what is older than what it has: a recording may start anew.
        self._jump = node.get_clock().create_jump_callback(
            JumpThreshold(min_forward=None, min_backward=Duration(nanoseconds=-1),
                          on_clock_change=True),
            post_callback=lambda _jump: self._buffer.clear())

    def stop(self) -> None:
        """Listen no more."""
        self._listener.unregister()
        self._jump.unregister()

    def find(self, target: str, source: str, stamp: Any) -> Pose:
        """
        Return what takes points of the source frame into the target frame.

        :param stamp: builtin_interfaces/Time at which both are looked at
        :raises InputError: if it is not known after a moment
        """
        # Not the patience of tf2: by a clock that stands still it would wait for ever.
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return _pose(self._buffer.lookup_transform(
                    target, source, Time.from_msg(stamp)).transform)
            except TransformException as error:
                if time.monotonic() >= deadline:
                    raise InputError(f'no transform from {source!r} to {target!r}: '
                                     f'{one_line(error)}') from error
            time.sleep(_POLL)


def _pose(transform: Any) -> Pose:
    rotation, translation = transform.rotation, transform.translation
    return Pose.from_quaternion(rotation.x, rotation.y, rotation.z, rotation.w,
                                (translation.x, translation.y, translation.z))

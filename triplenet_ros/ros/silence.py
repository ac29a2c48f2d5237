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

"""A camera from which no image comes is the commonest fault: say so, and why it may be."""

import time
from typing import Any, Sequence

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from triplenet_ros.ros.camera import Camera
from triplenet_ros.ros.parameters import Parameters
from triplenet_ros.ros.throttle import Throttle

_LOOK_EVERY = 0.25
_REPEAT = 30.0


class SilenceWatch:
    """
    Warns of cameras from which no image has come for ``no_image_warning`` seconds.

    :param node: that logs
    :param parameters: read anew at every look
    :param cameras: to watch; they are subscribed
    """

    def __init__(self, node: Node, parameters: Parameters, cameras: Sequence[Camera]) -> None:
        """Begin to look."""
        self._node = node
        self._parameters = parameters
        self._cameras = cameras
        self._throttle = Throttle(_REPEAT)
        # A steady clock: simulated time stands still when nothing is played.
        self._timer: Any = node.create_timer(
            _LOOK_EVERY, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._last_look = time.monotonic()
        self.silent: dict[str, str] = {}
        """Name of each silent camera -> the warning."""

    def stop(self) -> None:
        """Look no more."""
        self._node.destroy_timer(self._timer)

    def _look(self) -> None:
        allowed = self._parameters.read().no_image_warning
        for camera in self._cameras:
            if allowed and camera.silence >= allowed:
                self._warn(camera)
            elif self.silent.pop(camera.name, None) and camera.last_image > self._last_look:
                self._node.get_logger().info(f'images come on {camera.topic} again')
        self._last_look = time.monotonic()

    def _warn(self, camera: Camera) -> None:
        text = (f'no image on {camera.topic} for {camera.silence:.0f} s; publishers: '
                f'{camera.describe_publishers()}')
        # The first of each silence is said at once, its repetitions now and then.
        due = self._throttle.is_due(camera.name)
        if due or camera.name not in self.silent:
            self._node.get_logger().warning(text)
        self.silent[camera.name] = text

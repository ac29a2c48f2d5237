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

"""An inference thread that hangs: it is told, replaced once, and then given up."""

from typing import Any, Callable, Optional

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from triplenet_ros.ros.parameters import Parameters
from triplenet_ros.ros.pipeline import Pipeline

_LOOK_EVERY = 0.25
_TOLD_AFTER = 1.0
_SLOWER_THAN_USUAL = 10.0


class Watchdog:
    """
    Looks how long the inference thread has been at one batch.

    After a second, or ten times what is usual where that is more, it is told; after
    ``stall_timeout`` another thread takes the place of the one that hangs, and of the second one
    none.

    :param node: that logs
    :param parameters: read anew at every look
    :param pipeline: to watch
    :param tell: called when there is something to tell, and when there is no more
    :param give_up: called with the cause when the second thread hangs too
    """

    def __init__(self, node: Node, parameters: Parameters, pipeline: Pipeline,
                 tell: Callable[[], None], give_up: Callable[[str], None]) -> None:
        """Begin to look."""
        self._node = node
        self._parameters = parameters
        self._pipeline = pipeline
        self._tell = tell
        self._give_up = give_up
        self._replaced = False
        self.stalled: Optional[str] = None
        """What is told while the thread hangs."""
        # A steady clock: simulated time may stand still.
        self._timer: Any = node.create_timer(
            _LOOK_EVERY, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def stop(self) -> None:
        """Look no more."""
        self._node.destroy_timer(self._timer)

    def _look(self) -> None:
        busy, slow = self._pipeline.busy, _SLOWER_THAN_USUAL * self._pipeline.usual
        before, self.stalled = self.stalled, (
            f'inference has been at one batch for {busy:.0f} s'
            if busy > max(_TOLD_AFTER, slow) else None)
        if (before is None) != (self.stalled is None):
            self._tell()
        timeout = self._parameters.read().stall_timeout
        if timeout and self.stalled and busy > max(timeout, slow):
            self._act(busy)

    def _act(self, busy: float) -> None:
        cause = f'inference hung at one batch for {busy:.0f} s'
        if self._replaced:
            self._give_up(f'{cause}, for the second time')
            return
        self._replaced = True
        self._pipeline.replace_worker(f'{cause}; another thread goes on')

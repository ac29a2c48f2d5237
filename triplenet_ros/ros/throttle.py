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

"""The same thing is not said again and again."""

import time
from typing import Callable, Hashable


class Throttle:
    """
    Lets each cause through once in a while.

    The throttling of rclpy's logger counts by line of code, not by what is said there.

    :param seconds: between two of the same cause
    :param clock: gives seconds that never jump
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing has been said yet."""
        self._seconds = seconds
        self._clock = clock
        self._last: dict = {}

    def is_due(self, cause: Hashable) -> bool:
        """Return whether to say it now, and if so count it as said."""
        now = self._clock()
        if now - self._last.get(cause, -float('inf')) < self._seconds:
            return False
        self._last[cause] = now
        return True

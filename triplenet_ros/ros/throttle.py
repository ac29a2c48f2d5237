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

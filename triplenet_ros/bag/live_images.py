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

"""Camera images that come by live, as few as the worst frames' pictures need."""

from dataclasses import replace
from typing import Any, Callable, Collection, Sequence

import numpy as np

from triplenet_ros.evaluation.worst import WorstFrame
from triplenet_ros.messages.decode import BadImage

MOST_BYTES = 128_000_000
"""Of the newest images together: twenty of 1080p. Truth that comes later finds its image gone."""


class LiveImages:
    """
    The newest image messages, not decoded, and those of frames that are wanted.

    :param most_bytes: of those that nobody wants yet, together
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Nothing has come."""
        self._most_bytes = most_bytes
        self._messages: dict[int, Any] = {}

    def take(self, stamp: int, message: Any, wanted: Collection[int]) -> None:
        """
        Take in an image, and let go of those that there is no room for.

        :param stamp: of its header, nanoseconds; of equal ones the first counts
        :param message: sensor_msgs Image or CompressedImage
        :param wanted: stamps of the images that are to stay
        """
        self._messages.setdefault(stamp, message)
        room = self._most_bytes
        for one in list(reversed(self._messages)):
            if one not in wanted:
                room -= memoryview(self._messages[one].data).nbytes
                if room < 0:
                    del self._messages[one]

    @property
    def stamps(self) -> set[int]:
        """Stamps of the images that are here, nanoseconds."""
        return set(self._messages)

    def shown(self, worst: Sequence[WorstFrame],
              decode: Callable[[Any], np.ndarray]) -> list[WorstFrame]:
        """
        Return frames with their images, as far as these are still there and can be read.

        :param worst: frames without images
        :param decode: message -> (H, W, 3) uint8 RGB
        """
        return [self._with_image(one, decode) for one in worst]

    def _with_image(self, worst: WorstFrame, decode: Callable[[Any], np.ndarray]) -> WorstFrame:
        message = self._messages.get(worst.frame.stamp_ns)
        if message is None:
            return worst
        try:
            return replace(worst, image=decode(message))
        except BadImage:
            return worst

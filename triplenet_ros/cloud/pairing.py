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

"""Clouds wait for the image nearest in time."""

from collections import deque
from threading import Lock
from typing import Any, Optional

# Two seconds of a usual lidar: as long as a slow network may take.
_CLOUDS = 20
_PREDICTIONS = 10


class Pairing:
    """
    Finds for each cloud the prediction whose image is nearest in time.

    A prediction comes later than its image, by what the network takes; the cloud waits for it. It
    is decided when a prediction as new as the cloud is known, or when the next cloud has come and
    a prediction is near enough. Of the clouds decided at once the newest is taken.

    :param limit: nanoseconds; a prediction further away is none
    """

    def __init__(self, limit: int) -> None:
        """Nothing has come."""
        self._limit = limit
        self._lock = Lock()
        self._clouds: deque = deque()
        self._seen: deque = deque(maxlen=_PREDICTIONS)
        self.skipped = 0
        """Clouds passed over for a newer one."""
        self.unpaired = 0
        """Clouds for which no image was near enough."""
        self._in_a_row = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether no image was near enough to any of the latest clouds."""
        return self._in_a_row > _CLOUDS

    def add_cloud(self, stamp: int, cloud: Any) -> Optional[tuple[Any, Any]]:
        """Take in a cloud of a time in nanoseconds; return cloud and prediction if two meet."""
        with self._lock:
            self._clouds.append((stamp, cloud))
            if len(self._clouds) > _CLOUDS:
                self._give_up()
            return self._meet()

    def add_prediction(self, stamp: int, prediction: Any) -> Optional[tuple[Any, Any]]:
        """Take in a prediction; return a cloud and the prediction nearest to it if two meet."""
        with self._lock:
            # Time runs back when a recording starts anew: what was seen then comes later now.
            if self._seen and stamp < self._seen[-1][0]:
                self._seen.clear()
            self._seen.append((stamp, prediction))
            return self._meet()

    def clear(self) -> None:
        """Forget what waits."""
        with self._lock:
            self._clouds.clear()
            self._seen.clear()

    def _meet(self) -> Optional[tuple[Any, Any]]:
        if not self._seen:
            return None
        pair = self._take_newest()
        newest = self._seen[-1][0]
        while self._clouds and self._clouds[0][0] < newest:
            # No later prediction can be nearer.
            self._give_up()
        return pair

    def _give_up(self) -> None:
        self._clouds.popleft()
        self.unpaired += 1
        # Before the first image there is nothing to be near to.
        self._in_a_row += bool(self._seen)

    def _take_newest(self) -> Optional[tuple[Any, Any]]:
        for index in reversed(range(len(self._clouds))):
            stamp, cloud = self._clouds[index]
            distance, prediction = min(
                ((abs(stamp - seen), prediction) for seen, prediction in self._seen),
                key=lambda both: both[0])
            decided = stamp <= self._seen[-1][0] or index + 1 < len(self._clouds)
            if decided and distance <= self._limit:
                for _ in range(index + 1):
                    self._clouds.popleft()
                self.skipped += index
                self._in_a_row = 0
                return cloud, prediction
        return None

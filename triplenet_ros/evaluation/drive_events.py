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

"""What befell a drive, on the axis of its frames' stamps."""

from typing import Iterable, Sequence

import numpy as np

from triplenet_ros.evaluation.scored_run import Event


class DriveEvents:
    """
    Events in the order of their time, handed out as the frames go by.

    :param events: in any order
    """

    def __init__(self, events: Iterable[Event]) -> None:
        """Sort them."""
        self.all = tuple(sorted(events, key=lambda event: event.stamp_ns))
        self._next = 0

    def until(self, stamp_ns: int) -> dict[str, int]:
        """Return kind -> how many came up to a stamp, those of earlier calls aside."""
        counts: dict[str, int] = {}
        while self._next < len(self.all) and self.all[self._next].stamp_ns <= stamp_ns:
            event = self.all[self._next]
            counts[event.kind] = counts.get(event.kind, 0) + event.count
            self._next += 1
        return counts


def gaps(images: np.ndarray, results: np.ndarray) -> list[Event]:
    """
    Return an event for each run of images without results.

    :param images: (I,) int64 stamps, nanoseconds
    :param results: (N,) int64 stamps
    """
    images = np.unique(images)
    missing = ~np.isin(images, results)
    # A run begins where the image before it has a result.
    begins = np.flatnonzero(missing & ~np.append(False, missing[:-1]))
    ends = np.flatnonzero(missing & ~np.append(missing[1:], False))
    return [Event(int(images[begin]), 'dropped', int(end - begin + 1),
                  f'{end - begin + 1} images without results')
            for begin, end in zip(begins, ends)]


def on_axis(events: Sequence[Event], received: np.ndarray, stamps: np.ndarray) -> list[Event]:
    """
    Return events whose times are a recorder's, on the axis of stamps.

    :param events: stamped with when they were recorded
    :param received: (N,) int64, when each result was recorded
    :param stamps: (N,) int64, their stamps
    """
    if not len(stamps):
        return list(events)
    order = np.argsort(received, kind='stable')
    received, stamps = received[order], stamps[order]
    places = np.searchsorted(received, [event.stamp_ns for event in events], side='right') - 1
    return [Event(int(stamps[max(place, 0)]), event.kind, event.count, event.text)
            for place, event in zip(places, events)]

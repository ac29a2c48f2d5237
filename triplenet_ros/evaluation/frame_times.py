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

"""How long each frame of a run took, stage by stage."""

from typing import Mapping, Sequence

import numpy as np

_RANKS = (50, 95, 99)


class FrameTimes:
    """
    Milliseconds of each stage of each frame, as numbers side by side: an hour of frames is long.

    :param stamps: (N,) int64 nanoseconds, one for each frame, in any order
    :param stages: stage -> (N,) milliseconds in the same order
    """

    def __init__(self, stamps: Sequence[int] = (),
                 stages: Mapping[str, Sequence[float]] = {}) -> None:
        """Sort by stamp."""
        order = np.argsort(np.asarray(stamps, np.int64), kind='stable')
        self._stamps = np.asarray(stamps, np.int64)[order]
        self._stages = {name: np.asarray(values, np.float32)[order]
                        for name, values in stages.items() if len(values) == len(order)}

    def __bool__(self) -> bool:
        """Return whether anything was measured."""
        return bool(self._stages)

    def of(self, stamp_ns: int) -> dict[str, float]:
        """Return stage -> milliseconds of a frame; empty where its stamp is not known."""
        place = int(np.searchsorted(self._stamps, stamp_ns))
        if place == len(self._stamps) or self._stamps[place] != stamp_ns:
            return {}
        return {name: round(float(values[place]), 3) for name, values in self._stages.items()}

    def percentiles(self) -> dict[str, dict[str, float]]:
        """Return stage -> p50, p95 and p99 of all frames."""
        return {name: {f'p{rank}': round(float(value), 3) for rank, value in zip(
                    _RANKS, np.percentile(values, _RANKS))}
                for name, values in self._stages.items() if len(values)}

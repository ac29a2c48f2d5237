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

"""Scales of charts: round numbers, and where they stand."""

from dataclasses import dataclass
import math
from typing import Callable

import numpy as np

_ROUND = (1, 2, 2.5, 5, 10)
_ROUND_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True)
class Axis:
    """
    From a value to a place, in percent of the chart's width or height.

    :param low: value at 0 %
    :param high: value at 100 %
    :param ticks: values that are written
    :param label: what is measured, with its unit
    :param text: writes a value
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    label: str
    text: Callable[[float], str]

    def percent(self, values: np.ndarray) -> np.ndarray:
        """Return where values stand, 0 .. 100; those beyond an end stand at it."""
        span = (self.high - self.low) or 1.0
        return np.clip(100 * (np.asarray(values, float) - self.low) / span, 0, 100)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Place and text of each tick."""
        return [(round(float(self.percent(tick)), 2), self.text(tick)) for tick in self.ticks]


def share_axis(label: str) -> Axis:
    """Return an axis of 0 .. 1."""
    return Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), label, lambda value: f'{value:g}')


def amount_axis(highest: float, label: str) -> Axis:
    """Return an axis from 0 to a round number not below the highest value."""
    highest = highest if highest > 0 else 1.0
    step = _round_step(highest / 4)
    count = math.ceil(round(highest / step, 6))
    return Axis(0.0, count * step, tuple(index * step for index in range(count + 1)), label,
                lambda value: f'{value:,.10g}')


def time_axis(seconds: float, label: str) -> Axis:
    """Return an axis of a drive of so many seconds."""
    seconds = seconds if seconds > 0 else 1.0
    step = next((step for step in _ROUND_SECONDS if seconds / step <= 6),
                3600 * math.ceil(seconds / 6 / 3600))
    return Axis(0.0, seconds, tuple(index * step for index in range(int(seconds / step) + 1)),
                label, clock_text)


def clock_text(seconds: float) -> str:
    """Return a time since the beginning, such as ``4.5 s``, ``12:05`` or ``1:02:05``."""
    if seconds < 60:
        return f'{seconds:.3g} s'
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02d}:{rest:02d}' if hours else f'{minutes}:{rest:02d}'


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in _ROUND if power * factor >= least * (1 - 1e-9))

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

"""What the frames of a run were like over time."""

from array import array
from dataclasses import dataclass
from typing import Iterable, Optional

import numpy as np

from triplenet_ros.evaluation.scored_frame import FrameDetection, ScoredFrame

MOST_POINTS = 500
"""More points than this cannot be told apart on a screen; they are put together."""
_GAP = 5
"""A line is broken where frames are missing for so many times their usual distance."""


@dataclass(frozen=True)
class Series:
    """
    Values at times.

    :param seconds: (N,) float64, since the first frame, rising
    :param values: (N,) float64, nan where nothing is known
    """

    seconds: np.ndarray
    values: np.ndarray

    @property
    def known(self) -> 'Series':
        """The part without unknown values."""
        good = np.isfinite(self.values)
        return Series(self.seconds[good], self.values[good])


@dataclass(frozen=True)
class Course:
    """
    A series with few enough points to draw: means, and the range of what they stand for.

    :param seconds: (N,) float64
    :param mean: (N,) float64
    :param low: (N,) float64
    :param high: (N,) float64
    :param breaks: (N,) bool, whether there is a gap before the point
    """

    seconds: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    breaks: np.ndarray


class FrameSeries:
    """
    Gathers scores and times of frames as they come, 8 bytes for each number.

    :param frames: in the order of their stamps
    """

    def __init__(self, frames: Iterable[ScoredFrame]) -> None:
        """Go through the frames once."""
        self._stamps = array('q')
        self._columns: dict[str, array] = {}
        for frame in frames:
            self._take(frame)

    def _take(self, frame: ScoredFrame) -> None:
        self._put('boxes', frame.detection and frame_f1(frame.detection))
        self._put('labels', frame.segmentation and frame.segmentation.mIoU)
        for stage, milliseconds in frame.latency_ms.items():
            self._put(f'ms {stage}', milliseconds)
        self._stamps.append(frame.stamp_ns)

    def _put(self, name: str, value: Optional[float]) -> None:
        column = self._columns.setdefault(name, array('d'))
        # A stage that nobody measured before this frame is unknown until here.
        column.extend([np.nan] * (len(self._stamps) - len(column)))
        column.append(np.nan if value is None else value)

    def __len__(self) -> int:
        """Return how many frames there are."""
        return len(self._stamps)

    @property
    def first_ns(self) -> int:
        """Stamp of the first frame, nanoseconds; 0 where there is none."""
        return min(self._stamps, default=0)

    @property
    def duration(self) -> float:
        """Seconds from the first to the last frame."""
        return self.seconds_of(max(self._stamps, default=0))

    @property
    def stages(self) -> list[str]:
        """Names of the stages that somebody measured, in the order of their work."""
        return [name[3:] for name in self._columns if name.startswith('ms ')]

    def seconds_of(self, stamp_ns: int) -> float:
        """Return a stamp on the axis of the series."""
        return (stamp_ns - self.first_ns) / 1e9

    def scores(self, task: str) -> Series:
        """
        Return F1 of the boxes, or mIoU of the labels, frame by frame.

        :param task: ``boxes`` or ``labels``
        """
        return self._series(task)

    def latency(self, stage: str) -> Series:
        """Return the milliseconds that a stage took, frame by frame."""
        return self._series(f'ms {stage}')

    def _series(self, name: str) -> Series:
        count = len(self._stamps)
        values = np.full(count, np.nan)
        column = self._columns.get(name, ())
        values[:len(column)] = column
        stamps = np.array(self._stamps, np.int64)
        order = np.argsort(stamps, kind='stable')
        return Series((stamps[order] - self.first_ns) / 1e9, values[order]).known


def frame_f1(detection: FrameDetection) -> Optional[float]:
    """Return F1 of one frame's boxes at the operating threshold; None where there is nothing."""
    boxes = 2 * detection.found + detection.wrong + detection.missed
    return 2 * detection.found / boxes if boxes else None


def course(series: Series, most: int = MOST_POINTS) -> Course:
    """
    Put neighbours together where there are more points than can be seen.

    :param series: without unknown values, at least one point
    :param most: points to return, about
    """
    seconds, values = series.seconds, series.values
    gaps = _gaps(seconds)
    if len(seconds) <= most:
        return Course(seconds, values, values, values, gaps)
    span = (seconds[-1] - seconds[0]) or 1.0
    places = np.minimum((seconds - seconds[0]) * (most / span), most - 1).astype(int)
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    counts = np.diff(np.append(starts, len(seconds)))
    return Course(
        seconds=np.add.reduceat(seconds, starts) / counts,
        mean=np.add.reduceat(values, starts) / counts,
        low=np.minimum.reduceat(values, starts), high=np.maximum.reduceat(values, starts),
        breaks=np.logical_or.reduceat(gaps, starts))


def _gaps(seconds: np.ndarray) -> np.ndarray:
    steps = np.diff(seconds)
    usual = np.median(steps) if len(steps) else 0.0
    return np.concatenate([[True], steps > _GAP * usual])

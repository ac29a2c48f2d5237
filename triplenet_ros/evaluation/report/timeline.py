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

"""Scores, times and events of a drive on one axis."""

from collections import Counter
from dataclasses import dataclass
from typing import Sequence

import numpy as np

from triplenet_ros.evaluation.report.axes import amount_axis, Axis, share_axis, time_axis
from triplenet_ros.evaluation.report.chart import band_path, Chart, line_path, Mark, Shape
from triplenet_ros.evaluation.report.series import course, FrameSeries, Series
from triplenet_ros.evaluation.report.wording import clock_text
from triplenet_ros.evaluation.scored_run import Event, EVENT_KINDS

_LANE_PLACES = 240
_SCORES = (('boxes', 'F1 of the boxes', 1), ('labels', 'mIoU of the labels', 2))
_TIME = 'time since the first frame'


@dataclass(frozen=True)
class Lane:
    """
    Events of a kind along the time.

    :param kind: of EVENT_KINDS
    :param total: how many there were
    :param marks: where, with what befell there
    :param color: as of Shape
    """

    kind: str
    total: int
    marks: tuple[Mark, ...]
    color: int


def score_chart(series: FrameSeries, worst: Sequence[int]) -> Chart:
    """
    Return F1 and mIoU over time, with the worst frames marked.

    :param worst: their stamps, nanoseconds
    """
    x, y = time_axis(series.duration, _TIME), share_axis('score')
    shapes, words = [], []
    for task, name, color in _SCORES:
        scores = series.scores(task)
        if len(scores.values):
            shapes += _course_shapes(x, y, scores, name, color)
            words.append(f'{name}: mean {scores.values.mean():.3f}, lowest '
                         f'{scores.values.min():.3f}')
    marks = tuple(Mark(_left(x, series.seconds_of(stamp)), f'worst frame {rank}', 100, 3,
                       f'#frame-{stamp}') for rank, stamp in enumerate(worst, 1))
    return Chart(x, y, tuple(shapes), marks, 'Scores', '; '.join(words))


def latency_chart(series: FrameSeries) -> Chart:
    """Return the milliseconds of each stage over time, the slowest frames with them."""
    stages = {stage: series.latency(stage) for stage in series.stages}
    x = time_axis(series.duration, _TIME)
    highest = max((float(one.values.max()) for one in stages.values() if len(one.values)),
                  default=1.0)
    y = amount_axis(highest, 'milliseconds')
    shapes = [shape for color, (stage, values) in enumerate(stages.items(), 1)
              if len(values.values) for shape in _course_shapes(x, y, values, stage, color)]
    return Chart(x, y, tuple(shapes), (), 'Time of each stage',
                 f'the slowest frame took {highest:.1f} ms')


def lanes(series: FrameSeries, events: Sequence[Event]) -> list[Lane]:
    """Return a lane for each kind of event that there was."""
    x = time_axis(series.duration, _TIME)
    found = Counter()
    for event in events:
        found[event.kind] += event.count
    return [Lane(kind, found[kind], _lane_marks(series, x, events, kind), color)
            for color, kind in enumerate(EVENT_KINDS, 3) if kind in found]


def _lane_marks(series: FrameSeries, x: Axis, events: Sequence[Event],
                kind: str) -> tuple[Mark, ...]:
    """Events at the same place of the screen share a mark."""
    places: dict[int, list[Event]] = {}
    for event in events:
        if event.kind == kind:
            left = float(x.percent(series.seconds_of(event.stamp_ns)))
            places.setdefault(round(left * _LANE_PLACES / 100), []).append(event)
    return tuple(Mark(round(place * 100 / _LANE_PLACES, 2), _lane_text(series, kind, met))
                 for place, met in sorted(places.items()))


def _lane_text(series: FrameSeries, kind: str, events: Sequence[Event]) -> str:
    when = clock_text(series.seconds_of(events[0].stamp_ns))
    text = f'{when}: {sum(event.count for event in events)} {kind}'
    return f'{text}, {events[0].text}' if events[0].text else text


def _course_shapes(x: Axis, y: Axis, series: Series, name: str, color: int) -> list[Shape]:
    drawn = course(series)
    line = Shape(line_path(x, y, drawn.seconds, drawn.mean, drawn.breaks), color, name)
    if np.array_equal(drawn.low, drawn.high):
        return [line]
    return [Shape(band_path(x, y, drawn), color, area=True), line]


def _left(x: Axis, seconds: float) -> float:
    return round(float(x.percent(seconds)), 2)

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

"""How long the stages took, as histograms."""

from typing import Mapping

import numpy as np

from triplenet_ros.evaluation.report.axes import amount_axis
from triplenet_ros.evaluation.report.chart import bars_path, Chart, Mark, Shape
from triplenet_ros.evaluation.report.series import FrameSeries

_BINS = 40


def histograms(series: FrameSeries, percentiles: Mapping[str, Mapping[str, float]]) -> list[Chart]:
    """
    Return a histogram of each stage that was measured frame by frame.

    :param percentiles: stage -> {p50, p95, p99}, milliseconds, marked in it
    """
    charts = []
    for color, stage in enumerate(series.stages, 1):
        values = series.latency(stage).values
        if len(values):
            charts.append(_histogram(stage, values, percentiles.get(stage, {}), color))
    return charts


def _histogram(stage: str, values: np.ndarray, percentiles: Mapping[str, float],
               color: int) -> Chart:
    # A single stall of seconds must not press all others into one bar.
    reach = max(1.3 * float(np.percentile(values, 99)), *percentiles.values(), 1e-3)
    x = amount_axis(reach, 'milliseconds')
    edges = np.linspace(0, x.high, _BINS + 1)
    heights, _ = np.histogram(np.minimum(values, x.high), edges)
    y = amount_axis(float(heights.max()), 'frames')
    marks = tuple(Mark(round(float(x.percent(value)), 2), name, color=0)
                  for name, value in percentiles.items())
    beyond = int((values > x.high).sum())
    summary = f'{len(values):,} frames, the slowest {values.max():,.1f} ms' + (
        f'; the last bar holds {beyond:,} beyond it' if beyond else '')
    return Chart(x, y, (Shape(bars_path(x, y, edges, heights), color, area=True),), marks, stage,
                 summary)

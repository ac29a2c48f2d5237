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

"""Scores and times of frames as series that can be drawn."""

import numpy as np

from triplenet_ros.evaluation.report.series import course, FrameSeries, Series
from triplenet_ros.evaluation.scored_frame import ScoredFrame


def frame(number, stamp_ns, latency_ms=None):
    return ScoredFrame(number=number, stamp_ns=stamp_ns, truth_stamp_ns=None, frame_id='',
                       score=None, latency_ms=latency_ms or {})


def test_series_have_the_scores_and_times_of_the_frames(scored_example):
    frames = scored_example.frames()
    series = FrameSeries(frames)
    assert series.duration == 5.9 and len(series) == 60
    assert series.scores('labels').values.tolist() == [one.segmentation.mIoU for one in frames]
    assert series.latency('forward').values.tolist() == [one.latency_ms['forward']
                                                         for one in frames]
    first = frames[0].detection
    f1 = 2 * first.found / (first.found + first.wrong + first.truths)
    assert series.scores('boxes').values[0] == f1


def test_a_stage_measured_in_some_frames_only_is_known_there_only():
    frames = [frame(0, 10**9), frame(1, 2 * 10**9, {'forward': 5.0}), frame(2, 3 * 10**9)]
    known = FrameSeries(frames).latency('forward')
    assert (known.seconds.tolist(), known.values.tolist()) == ([1.0], [5.0])


def test_frames_out_of_order_are_drawn_in_the_order_of_their_stamps():
    frames = [frame(0, 2 * 10**9, {'total': 2.0}), frame(1, 10**9, {'total': 1.0})]
    assert FrameSeries(frames).latency('total').values.tolist() == [1.0, 2.0]


def test_nothing_scored_is_an_empty_series():
    series = FrameSeries([])
    assert (len(series), series.duration, series.stages) == (0, 0.0, [])


def test_a_course_of_many_points_keeps_mean_and_extremes():
    seconds = np.arange(10_000) / 10
    values = np.ones(10_000)
    values[1234], values[7000] = 50.0, -3.0
    drawn = course(Series(seconds, values), most=100)
    assert len(drawn.mean) == 100
    assert drawn.high.max() == 50.0 and drawn.low.min() == -3.0
    assert np.isclose(drawn.mean.mean(), values.mean())
    assert drawn.breaks.tolist() == [True] + [False] * 99


def test_a_course_is_broken_where_frames_are_missing():
    seconds = np.concatenate([np.arange(50), np.arange(80, 130)]) / 10
    for most in (500, 20):
        assert course(Series(seconds, np.ones(100)), most).breaks.sum() == 2


def test_a_course_of_frames_with_one_stamp_is_drawn():
    drawn = course(Series(np.zeros(1000), np.ones(1000)), most=10)
    assert np.isfinite(drawn.mean).all()

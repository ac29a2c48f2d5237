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

"""Scales and shapes of charts."""

import numpy as np
import pytest

from triplenet_ros.evaluation.report.axes import amount_axis, share_axis, time_axis
from triplenet_ros.evaluation.report.chart import band_path, bars_path, line_path
from triplenet_ros.evaluation.report.series import Course


@pytest.mark.parametrize('highest', [0.0, 1e-4, 0.7, 1.0, 3.2, 99.0, 100.0, 12345.0])
def test_an_axis_of_amounts_holds_the_highest_with_few_round_ticks(highest):
    axis = amount_axis(highest, 'ms')
    assert axis.high >= highest and len(axis.ticks) <= 6
    assert axis.ticks[0] == 0 and axis.ticks[-1] == axis.high


@pytest.mark.parametrize('seconds', [0.0, 0.05, 5.9, 61.0, 3600.0, 86400.0])
def test_an_axis_of_time_has_at_most_seven_ticks_inside(seconds):
    axis = time_axis(seconds, 'time')
    assert 1 <= len(axis.ticks) <= 7 and max(axis.ticks) <= axis.high


def test_times_are_written_as_on_a_clock():
    assert [text for _, text in time_axis(3600, '').marks][:3] == ['0 s', '10:00', '20:00']


def test_a_line_goes_from_left_to_right_and_upwards():
    x, y = share_axis(''), share_axis('')
    path = line_path(x, y, np.array([0, 0.5, 1]), np.array([0, 0.25, 1]))
    assert path == 'M0 1000L0 1000L500 750L1000 0'


def test_a_line_begins_anew_after_a_gap():
    x, y = share_axis(''), share_axis('')
    breaks = np.array([True, False, True])
    assert line_path(x, y, np.zeros(3), np.zeros(3), breaks).count('M') == 2


def test_values_beyond_an_axis_stand_at_its_end():
    x, y = share_axis(''), share_axis('')
    assert line_path(x, y, np.array([2.0]), np.array([-1.0])) == 'M1000 1000L1000 1000'


def test_a_band_has_a_piece_for_each_part():
    drawn = Course(np.array([0, 0.1, 0.8, 0.9]), np.zeros(4), np.zeros(4), np.ones(4),
                   np.array([True, False, True, False]))
    path = band_path(share_axis(''), share_axis(''), drawn)
    assert path.count('Z') == 2 and path.startswith('M0 1000L100 1000L100 0L0 0Z')


def test_bars_stand_on_the_axis_and_empty_ones_are_left_out():
    path = bars_path(share_axis(''), share_axis(''), np.array([0, 0.5, 1]), np.array([0.5, 0]))
    assert path == 'M0 1000V500H500V1000Z'

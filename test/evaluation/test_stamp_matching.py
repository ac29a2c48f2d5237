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

"""Results find their truth by stamps, one to one."""

from hypothesis import given, strategies
import numpy as np
import pytest

from triplenet_ros.evaluation.stamp_matching import match_stamps


def matched(results, truth, tolerance=0):
    """Return the parts of a matching as lists."""
    matching = match_stamps(np.array(results, np.int64), np.array(truth, np.int64), tolerance)
    return [part.tolist() for part in (
        matching.pairs, matching.results, matching.truth, matching.doubled_results,
        matching.doubled_truth)]


def test_to_the_nanosecond_by_default():
    assert matched([10, 20, 30], [20, 31, 10]) == [[[0, 2], [1, 0]], [2], [1], [], []]


def test_within_the_tolerance_the_nearest_pair_comes_first():
    assert matched([10, 14], [12, 13], 5) == [[[0, 0], [1, 1]], [], [], [], []]
    assert matched([10, 14], [13], 5) == [[[1, 0]], [0], [], [], []]


def test_the_tolerance_is_inclusive():
    assert matched([10], [15], 5)[0] == [[0, 0]]
    assert matched([10], [16], 5)[0] == []


def test_of_a_doubled_stamp_the_first_counts():
    assert matched([10, 10, 20], [10, 20, 20]) == [[[0, 0], [2, 1]], [], [], [1], [2]]


@pytest.mark.parametrize('tolerance', [0, 5])
def test_empty_sides(tolerance):
    assert matched([], [1, 2], tolerance) == [[], [], [0, 1], [], []]
    assert matched([1, 2], [], tolerance) == [[], [0, 1], [], [], []]
    assert matched([], [], tolerance) == [[], [], [], [], []]


@given(strategies.lists(strategies.integers(0, 60)), strategies.lists(strategies.integers(0, 60)),
       strategies.integers(0, 9))
def test_every_frame_is_counted_once(results, truth, tolerance):
    pairs, lonely, missing, doubled, doubled_truth = matched(results, truth, tolerance)
    assert sorted([one for one, _ in pairs] + lonely + doubled) == list(range(len(results)))
    assert sorted([two for _, two in pairs] + missing + doubled_truth) == list(range(len(truth)))
    assert all(abs(results[one] - truth[two]) <= tolerance for one, two in pairs)
    if tolerance == 0:
        assert len(pairs) == len(set(results) & set(truth))

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

"""Confidences: how wrong they are, and the temperature and threshold that follow."""

import numpy as np
import pytest

from triplenet_ros.evaluation.calibration import best_threshold, Reliability


def said(*pairs):
    """Return what was said with a confidence how often, and how many of it were right."""
    reliability = Reliability()
    for confidence, count, right in pairs:
        reliability.add(np.full(count, confidence), np.arange(count) < right)
    return reliability


def test_who_is_right_as_often_as_he_says_has_no_error():
    assert said((0.2, 1000, 200), (0.8, 1000, 800)).error() == pytest.approx(0, abs=0.002)


def test_the_error_is_the_mean_distance_weighed_by_how_many():
    # 300 times 0.2 off and 100 times 0.4 off.
    assert said((0.6, 300, 240), (0.8, 100, 40)).error() == pytest.approx(0.25, abs=0.002)


def test_nothing_said_has_no_error_and_leaves_logits_alone():
    assert np.isnan(Reliability().error())
    assert Reliability().temperature() == 1


def test_bytes_and_floats_are_the_same_confidence():
    bytes_, floats = Reliability(), Reliability()
    bytes_.add(np.array([0, 128, 255], np.uint8), np.array([True, False, True]))
    floats.add(np.array([0, 128 / 255, 1]), np.array([True, False, True]))
    assert np.array_equal(bytes_.said, floats.said)
    assert np.array_equal(bytes_.right, floats.right)


@pytest.mark.parametrize('temperature', [0.5, 1.0, 2.0])
def test_the_temperature_makes_confidences_right(temperature):
    truth = np.linspace(0.05, 0.95, 19)
    logits = np.log(truth / (1 - truth)) * temperature
    pairs = [(1 / (1 + np.exp(-logit)), 10000, round(10000 * share))
             for logit, share in zip(logits, truth)]
    assert said(*pairs).temperature() == pytest.approx(temperature, rel=0.03)


def test_merged_counts_are_those_of_both():
    one, other, both = said((0.3, 10, 2)), said((0.9, 5, 5)), said((0.3, 10, 2), (0.9, 5, 5))
    one.merge(other)
    assert one.error() == both.error()


def test_the_best_threshold_is_that_of_the_largest_f1():
    scores = np.array([0.9, 0.4, 0.8, 0.2])
    found = np.array([True, True, False, False])
    best = best_threshold(scores, found, truths=2)
    assert best == {'score': 0.4, 'precision': pytest.approx(2 / 3), 'recall': 1,
                    'F1': pytest.approx(0.8)}


def test_without_truth_there_is_no_best_threshold():
    assert set(best_threshold(np.zeros(3), np.zeros(3, bool), 0).values()) == {None}

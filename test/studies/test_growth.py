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

"""A process that grows is told from one that does not, whatever its memory does for a while."""

import math
import os
from pathlib import Path

import pytest

HOUR = 3600.0


@pytest.fixture(scope='module')
def growth(load_script):
    """Return the script as a module."""
    return load_script(Path(__file__).parents[2] / 'studies' / 'growth.py')


@pytest.fixture
def samples():
    """Return a function that gives 200 samples of a run, which may grow by so much an hour."""
    def make(seconds=HOUR, **an_hour):
        at = [seconds * number / 200 for number in range(201)]
        return [{'seconds': second, 'rss_mb': 900 + 5 * math.sin(second), 'threads': 9.0,
                 'handles': 20.0 + number % 2, 'in_use_mb': 200 + math.sin(second / 3),
                 'python_blocks': 1e6 + 2000 * math.sin(second / 7),
                 **{name: 100 + slope * second / HOUR for name, slope in an_hour.items()}}
                for number, second in enumerate(at)]

    return make


@pytest.mark.parametrize('seconds', [10.0, 300.0, HOUR])
def test_memory_that_goes_up_and_down_does_not_grow(growth, samples, seconds):
    assert growth.judge_growth(samples(seconds))[1] == []


@pytest.mark.parametrize(('name', 'an_hour'), [
    ('in_use_mb', 8.0), ('python_blocks', 20_000.0), ('rss_mb', 60.0), ('threads', 4.0),
    ('handles', 4.0)])
def test_a_leak_is_found_in_an_hour(growth, samples, name, an_hour):
    figures, wrong = growth.judge_growth(samples(**{name: an_hour}))
    (told,) = wrong
    assert name in told and figures['per_hour'][name] == pytest.approx(an_hour)


def test_a_leak_of_a_kilobyte_for_each_image_is_found_in_five_minutes(growth, samples):
    _, wrong = growth.judge_growth(samples(300.0, in_use_mb=30 * HOUR / 1000))
    assert 'in_use_mb' in wrong[0]


def test_a_leak_that_is_known_to_be_others_is_taken_off(growth, samples):
    grown = samples(in_use_mb=8.0)
    assert growth.judge_growth(grown, {'in_use_mb': 8.0})[1] == []
    assert growth.judge_growth(grown, {'in_use_mb': 0.5})[1]


def test_what_comes_first_is_warm_up(growth, samples):
    warm = samples()
    for one in warm[:40]:
        one['in_use_mb'] -= 50
        one['threads'] -= 5
    assert growth.judge_growth(warm)[1] == []
    assert growth.judge_growth(samples(60.0, in_use_mb=1000.0))[1] == []


def test_memory_that_is_kept_is_in_use_and_what_is_collected_is_not(growth):
    before = growth.memory_in_use()
    if 'in_use_mb' not in before:
        pytest.skip('needs glibc')
    large, small = bytes(20_000_000), [object() for _ in range(100_000)]
    kept = growth.memory_in_use()
    assert kept['in_use_mb'] - before['in_use_mb'] > 19
    assert kept['python_blocks'] - before['python_blocks'] > 90_000
    small.append(small)
    del large, small
    after = growth.memory_in_use()
    assert after['in_use_mb'] - before['in_use_mb'] < 10
    assert after['python_blocks'] - before['python_blocks'] < 50_000


def test_resources_are_those_of_the_process(growth):
    found = growth.resources(os.getpid())
    assert found['rss_mb'] > 5 and found['threads'] >= 1 and found['handles'] >= 3

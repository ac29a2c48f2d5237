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

"""compare.html: differences with intervals, and the frames that got worse."""

from dataclasses import replace

import pytest

from triplenet_ros.evaluation.comparison import compare_runs
from triplenet_ros.evaluation.report.compare_page import compare_page, picture_name


@pytest.fixture
def comparison(scored_example, tmp_path):
    scored_example.write_example(tmp_path / 'a')
    scored_example.write_example(tmp_path / 'b', better=-0.2)
    return compare_runs(tmp_path / 'a', tmp_path / 'b', -0.01, block_seconds=1.0)


def test_differences_and_worse_frames_are_shown(comparison, tmp_path):
    text = compare_page(comparison, tmp_path)
    assert comparison.worse and comparison.failed
    for one in comparison.worse:
        assert f'id="frame-{one.stamp_ns}"' in text
    assert 'fell below the limit of -1 points for sure' in text
    assert text.count('class="reach') == len(comparison.difference)


def test_pictures_of_worse_frames_are_in_the_page(comparison, tmp_path):
    stamp = comparison.worse[0].stamp_ns
    for side in ('truth', 'a'):
        (tmp_path / picture_name(stamp, side)).write_bytes(b'jpeg')
    assert compare_page(comparison, tmp_path).count('data:image/jpeg') == 2


def test_an_interval_that_nobody_knows_is_a_dash(comparison, tmp_path):
    one = next(iter(comparison.difference.values()))
    bare = replace(comparison, difference={'mIoU': replace(one, low=None, high=None)}, worse=(),
                   limit=None)
    text = compare_page(bare, tmp_path)
    assert 'no interval' in text and 'None' not in text


def test_names_from_the_data_stay_text(comparison, tmp_path):
    evil = '<script>alert(1)</script>'
    one = next(iter(comparison.difference.values()))
    run = replace(comparison.a, run=replace(comparison.a.run, results=evil, command=evil))
    text = compare_page(replace(comparison, a=run, difference={f'IoU of {evil}': one},
                                notes=(evil,)), tmp_path)
    assert evil not in text and text.count('<script') == 1

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

"""Frames that the user leaves out are left out, and it is said."""

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.selection import Selection

SECOND = 1_000_000_000


@pytest.mark.parametrize(('options', 'kept', 'left_out'), [
    ({}, list(range(10)), {}),
    ({'first': 3}, [0, 1, 2], {'--first 3': 7}),
    ({'last': 3}, [7, 8, 9], {'--last 3': 7}),
    ({'every': 4}, [0, 4, 8], {'--every 4': 7}),
    ({'skip_first': 2, 'skip_last': 3}, [2, 3, 4, 5, 6],
     {'--skip-first 2': 2, '--skip-last 3': 3}),
    ({'skip_first': 2, 'first': 4, 'every': 2}, [2, 4],
     {'--skip-first 2': 2, '--first 4': 4, '--every 2': 2}),
    ({'first': 20}, list(range(10)), {}),
    ({'last': 20}, list(range(10)), {}),
    ({'skip_first': 20}, [], {'--skip-first 20': 10}),
    ({'skip_last': 20}, [], {'--skip-last 20': 10})])
def test_what_is_kept_and_what_each_option_left_out(options, kept, left_out):
    chosen, told = Selection(**options).of(10)
    assert chosen.tolist() == kept and told == left_out


def test_spans_are_stamps_or_seconds_after_the_first_result():
    first = 1_700_000_000 * SECOND
    assert Selection('+1.5', '+2').span(first) == (first + 1_500_000_000, first + 2 * SECOND)
    assert Selection('1700000003').span(first)[0] == first + 3 * SECOND
    begin, end = Selection().span(first)
    assert begin == 0 and end > 2 * first


@pytest.mark.parametrize(('options', 'text'), [
    ({'first': 0}, '--first 0'), ({'last': 0}, '--last 0'), ({'every': 0}, '--every 0'),
    ({'skip_first': -1}, '--skip-first -1'), ({'first': 1, 'last': 1}, 'exclude'),
    ({'begin': 'noon'}, "'noon'"), ({'end': '+x'}, "'x'")])
def test_what_selects_nothing_is_refused(options, text):
    with pytest.raises(InputError, match=text):
        Selection(**options)


def test_an_end_before_the_beginning_is_refused():
    with pytest.raises(InputError, match='--to'):
        Selection('+2', '+1').span(0)

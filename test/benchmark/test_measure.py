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

"""Times of subjects are taken fairly."""

import pytest

from triplenet_ros.benchmark.measure import BLOCK, measure


def test_every_round_gives_each_subject_one_turn(bench):
    subjects = [bench.subject(0.1, network=name) for name in 'abc']
    times = measure(subjects, 2 * BLOCK + 1, clock=bench.clock)
    turns = [subject.network for subject, _ in bench.calls]
    assert ''.join(turns) == (2 * ''.join(name * (1 + BLOCK) for name in 'abc')
                              + ''.join(name * 2 for name in 'abc'))
    assert [len(taken.total) for taken in times] == 3 * [2 * BLOCK + 1]


def test_a_machine_that_becomes_slower_does_so_for_all(bench):
    start = bench.clock()

    def drifting(_):
        return 0.1 if bench.clock() - start < 4 else 0.2

    first, last = measure([bench.subject(drifting), bench.subject(drifting)], 30,
                          clock=bench.clock)
    assert sum(first.total) == pytest.approx(sum(last.total), rel=0.1)
    assert min(last.total) < 0.15 < max(first.total)


def test_the_first_call_of_a_turn_is_not_timed(bench):
    cold = bench.subject(lambda call: 9.0 if call % (1 + BLOCK) == 0 else 0.1)
    [taken] = measure([cold], 3 * BLOCK, clock=bench.clock)
    assert max(taken.stages['forward']) == pytest.approx(0.1)
    assert max(taken.total) == pytest.approx(0.103)


def test_all_subjects_see_the_same_images_in_turn(bench):
    subjects = [bench.subject(0.1, network='a', batch=2), bench.subject(0.1, network='b', batch=2)]
    measure(subjects, 6, clock=bench.clock)
    seen = {name: [images for subject, images in bench.calls if subject.network == name]
            for name in 'ab'}
    assert seen['a'] == seen['b']
    assert seen['a'][1:4] == [[0, 1], [2, 3], [4, 0]]


def test_what_was_timed_is_kept_when_stopped(bench):
    subjects = [bench.subject(0.1, network='a'), bench.subject(0.1, network='b')]
    advanced = []
    times = measure(subjects, 30, clock=bench.clock, advance=lambda: advanced.append(1),
                    stopped=lambda: len(advanced) == BLOCK + 1)
    assert [len(taken.total) for taken in times] == [BLOCK, 1]

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

"""The soak finds nothing wrong in the worker, and finds what is wrong in a broken one."""

from pathlib import Path
import sys

import pytest

from triplenet_ros.worker import LatestFrameWorker

SECONDS = 8


@pytest.fixture(scope='module')
def soak(load_script):
    """Return the script as a module."""
    return load_script(Path(__file__).parents[2] / 'studies' / 'soak.py')


def test_faults_of_every_kind_leave_counters_order_and_handles_whole(soak, monkeypatch):
    monkeypatch.setattr(soak, 'ANSWER_LIMIT', 60.0)  # machines that run tests are busy
    figures = soak.Soak(seed=0).run(SECONDS)
    assert figures['wrong'] == []
    assert figures['received'] == sum(figures[name] for name in (
        'processed', 'dropped', 'stale', 'errors', 'waiting'))
    assert figures['outputs'] > 0 and figures['errors'] > 0 and figures['injected']


def test_a_worker_that_forgets_to_count_is_found(soak, monkeypatch):
    submit = LatestFrameWorker.submit

    def forgetful(worker, frame, camera=''):
        submit(worker, frame, camera)
        with worker._changed:
            worker._count(camera, received=1)

    monkeypatch.setattr(LatestFrameWorker, 'submit', forgetful)
    assert any('do not add up' in text for text in soak.Soak(seed=0).run(1)['wrong'])


def test_an_output_that_no_image_asked_for_or_that_comes_too_late_is_found(soak):
    outputs = soak.Outputs()
    outputs.announce('front', 2)
    outputs.put('front', 2)
    assert outputs.take_wrong() == []
    outputs.put('front', 2)
    outputs.put('front', 3)
    assert len(outputs.take_wrong()) == 2
    outputs.announce('left', 1)
    with outputs.silence():
        outputs.put('left', 1)
    assert 'while stopped' in outputs.take_wrong()[0]


def test_the_command_ends_with_one_where_something_was_wrong(soak, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['soak.py', '--minutes', '0.01'])
    monkeypatch.setattr(soak.Soak, '_check', lambda self: self.wrong.append('broken'))
    assert soak.main() == 1
    assert 'WRONG: broken' in capsys.readouterr().out

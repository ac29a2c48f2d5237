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

"""A training tells how far it is, on a terminal and elsewhere."""

import sys
from types import SimpleNamespace

import pytest

pytest.importorskip('lightning')

from triplenet_ros.training import progress as module  # noqa: E402
from triplenet_ros.training.progress import Progress  # noqa: E402


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that stands still unless it is moved."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module, 'perf_counter', lambda: clock.now)
    return clock


def train(progress, clock, steps, *, first=0, validate_after=None, is_first=True):
    """Let a trainer go through steps of two seconds and four images in two processes."""
    trainer = SimpleNamespace(global_step=first, max_steps=20, world_size=2, log_every_n_steps=2,
                              is_global_zero=is_first)
    progress.on_train_start(trainer, None)
    for _ in range(steps):
        trainer.global_step += 1
        clock.now += 2
        batch = SimpleNamespace(images=[None] * 4)
        progress.on_train_batch_end(trainer, None, {'loss': 1.5}, batch, 0)
        if trainer.global_step == validate_after:
            progress.on_validation_start(trainer, None)
            clock.now += 10
            progress.on_validation_end(trainer, None)
    progress.on_train_end(trainer, None)


def test_lines_tell_step_loss_rate_and_time_left(clock, capsys):
    train(Progress(), clock, 5)
    assert capsys.readouterr().err.splitlines() == [
        'step 2/20  loss 1.500  4.0 images/s  0:00:36 left',
        'step 4/20  loss 1.500  4.0 images/s  0:00:32 left']


def test_validation_counts_in_the_time_left_but_not_in_the_rate(clock, capsys):
    train(Progress(), clock, 4, validate_after=2)
    assert capsys.readouterr().err.splitlines()[-1] == (
        'step 4/20  loss 1.500  4.0 images/s  0:01:12 left')


def test_the_time_left_of_a_resumed_training_is_that_of_its_own_steps(clock, capsys):
    train(Progress(), clock, 2, first=10)
    assert capsys.readouterr().err == 'step 12/20  loss 1.500  4.0 images/s  0:00:16 left\n'


def test_one_process_of_several_tells(clock, capsys):
    train(Progress(), clock, 4, is_first=False)
    assert capsys.readouterr().err == ''


def test_a_terminal_gets_a_bar_of_all_steps(clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: True, raising=False)
    train(Progress(), clock, 4, first=10, validate_after=12)
    text = capsys.readouterr().err
    assert 'training' in text and 'validating' in text and '/20' in text
    assert 'loss 1.500, 4.0 images/s' in text
    assert 'step 12/20' not in text and 'Epoch' not in text

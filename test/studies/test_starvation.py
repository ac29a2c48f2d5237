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

"""Only what others had of the processor is taken off the time of an answer."""

import os
from pathlib import Path
import time

import pytest


@pytest.fixture(scope='module')
def starvation(load_script):
    """Return the script as a module."""
    return load_script(Path(__file__).parents[2] / 'studies' / 'starvation.py')


@pytest.mark.parametrize(('worked', 'waited', 'starved'), [
    (0.0, {'main': 0.0}, 0.0),               # it slept, or hung at a lock
    (10.0, {'main': 0.0}, 0.0),              # it had the processor
    (10.0, {'main': 9.0, 'other': 9.0}, 0.0),  # its threads stood behind each other
    (1.0, {'main': 9.0}, 9.0),               # others had it
    (1.0, {'main': 2.0, 'other': 3.0}, 5.0),
    (4.0, {'main': 9.0, 'other': 9.0}, 6.0),
    (25.0, {'main': 9.0}, 0.0)])             # it had several
def test_want_of_cpu_is_waiting_while_others_work(
        starvation, monkeypatch, worked, waited, starved):
    now = [(100.0, 50.0, dict.fromkeys(waited, 7.0)),
           (110.0, 50.0 + worked, {name: 7.0 + more for name, more in waited.items()})]
    for name, values in zip(('monotonic', '_worked', '_waited'), zip(*now)):
        values = iter(values)
        monkeypatch.setattr(starvation, name, lambda *_, values=values: next(values))
    assert starvation.Starvation(1).seconds() == pytest.approx(starved)


@pytest.mark.skipif(not Path('/proc/self/schedstat').exists(), reason='the kernel does not tell')
def test_what_the_kernel_tells_is_read(starvation):
    mine = (os.getpid(),)
    before, end = starvation._worked(mine), time.process_time() + 0.2
    while time.process_time() < end:
        pass
    assert starvation._worked(mine) - before > 0.1
    waited = starvation._waited(mine)
    assert str(os.getpid()) in waited and min(waited.values()) >= 0

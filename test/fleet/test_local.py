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

"""Recordings side by side in processes."""

from pathlib import Path
import sys

import pytest

from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.local import run_local
from triplenet_ros.fleet.threads import Share, share_of_machine, usable_cores

FAKE = '''
import os

from triplenet_ros.fleet.fleet_row import DONE, FleetRow


def run(job, cores):
    """Write down that it was done; the first time, or every time, die instead."""
    done = job.folder / job.name
    if job.name.startswith('dies') and not done.exists() or job.name == 'dies always':
        done.touch()
        os._exit(9)
    with done.open('a') as file:
        file.write('x')
    return FleetRow(job.name, '', DONE, replay={'cores': cores})
'''


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / 'fake_bag_jobs.py').write_text(FAKE)
    # Spawned processes look where this one does.
    monkeypatch.syspath_prepend(str(tmp_path))
    import fake_bag_jobs
    yield fake_bag_jobs.run
    sys.modules.pop('fake_bag_jobs')


def jobs(folder, *names):
    return [BagJob(name, Path(name), folder, '', {}) for name in names]


def test_a_process_that_dies_costs_no_recording_and_one_that_always_does_only_its_own(
        run, tmp_path):
    names = ('a', 'dies once', 'b', 'dies always', 'c')
    rows = list(run_local(jobs(tmp_path, *names), Share(2, 3), run))
    by_name = {row.name: row for row in rows}
    assert len(rows) == 5 and set(by_name) == set(names)
    assert {name for name, row in by_name.items() if not row.is_done} == {'dies always'}
    assert 'died 3 times' in by_name['dies always'].error
    assert {row.replay['cores'] for row in rows if row.is_done} == {3}


def test_a_cpu_is_divided_by_its_cores(monkeypatch):
    monkeypatch.setattr('triplenet_ros.fleet.threads.usable_cores', lambda: 8)
    monkeypatch.setattr('triplenet_ros.fleet.threads._memory_left', lambda: 1 << 40)
    assert share_of_machine(20, None, None, 0) == Share(8, 1)
    assert share_of_machine(20, None, 2, 0) == Share(4, 2)
    assert share_of_machine(2, None, None, 0) == Share(2, 4)
    assert share_of_machine(20, 3, None, 0) == Share(3, 2)


def test_memory_limits_the_workers(monkeypatch):
    monkeypatch.setattr('triplenet_ros.fleet.threads.usable_cores', lambda: 64)
    monkeypatch.setattr('triplenet_ros.fleet.threads._memory_left', lambda: 5_000_000_000)
    assert share_of_machine(20, None, None, 0).workers == 2


def test_each_gpu_takes_one_recording(monkeypatch):
    monkeypatch.setattr('triplenet_ros.fleet.threads.usable_cores', lambda: 16)
    assert share_of_machine(20, None, None, 4) == Share(4, 4, 4)


def test_there_is_at_least_one_core():
    assert usable_cores() >= 1

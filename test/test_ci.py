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

"""The workflow of a public forge builds and tests on what the package says it runs on."""

from pathlib import Path
import re

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PATH = ROOT / '.github' / 'workflows' / 'ci.yml'


@pytest.fixture(scope='module')
def jobs():
    """Return the jobs of the workflow."""
    return yaml.safe_load(PATH.read_text())['jobs']


def commands(job):
    """Return everything a job runs, as one text."""
    return '\n'.join(step.get('run', '') for step in job['steps'])


def test_each_distribution_is_built_and_tested_in_its_container(jobs):
    ros = jobs['ros']
    rows = ros['strategy']['matrix']['include']
    assert [row['distribution'] for row in rows] == ['humble', 'jazzy', 'lyrical']
    assert ros['container'] == 'ros:${{ matrix.distribution }}@${{ matrix.digest }}'
    for command in ('rosdep install', 'colcon build', 'colcon test ', 'colcon test-result'):
        assert command in commands(ros)


def test_oldest_and_newest_python_run_what_every_change_must_pass(jobs):
    python = jobs['python']
    versions = python['strategy']['matrix']['python']
    assert versions[0] == '3.10' and f'>={versions[0]}' in (ROOT / 'setup.py').read_text()
    first, again = filter(None, commands(python).splitlines())
    assert versions[-1] == '3.14' and (ROOT / first).is_file()
    assert again == "make test ARGS='-p randomly'"  # no test needs another before it


def test_nothing_secret_is_needed():
    text = PATH.read_text()
    assert 'secrets.' not in text
    assert yaml.safe_load(text)['permissions'] == {'contents': 'read'}
    hosts = set(re.findall(r'https?://([^/\s]+)', text))
    assert hosts == set()


def test_actions_are_named_by_their_commit_which_nobody_can_move(jobs):
    used = [step['uses'] for job in jobs.values() for step in job['steps'] if 'uses' in step]
    assert used and all(re.fullmatch(r'[\w-]+/[\w-]+@[0-9a-f]{40}', name) for name in used)


def test_images_are_named_by_digests_which_nobody_can_move(jobs):
    rows = jobs['ros']['strategy']['matrix']['include']
    assert all(re.fullmatch('sha256:[0-9a-f]{64}', row['digest']) for row in rows)
    assert len({row['digest'] for row in rows}) == len(rows)
    assert [name for name, job in jobs.items() if 'container' in job] == ['ros']

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

"""Growth is told from noise."""

import json
from pathlib import Path
import sys

import pytest


@pytest.fixture(scope='module')
def endurance(load_script):
    """Return the script as a module."""
    return load_script(Path(__file__).parents[2] / 'studies' / 'endurance.py')


def test_growth_is_the_share_from_first_to_last(endurance):
    assert endurance.growth_of([100, 102, 104, 106, 108]) == pytest.approx(0.08)
    assert endurance.growth_of([100.0]) == 0


def test_one_disturbed_stretch_is_no_growth(endurance):
    assert endurance.growth_of([100, 101, 99, 100, 101, 100, 99, 101, 100, 400]) < 0.02


def test_frames_and_memory_are_told_block_by_block(endurance, tmp_path, monkeypatch, capsys):
    target = tmp_path / 'figures.json'
    monkeypatch.setattr(sys, 'argv', [
        'endurance.py', '--weights', 'tiny', '--frames', '7', '--block', '3', '--warm-up', '1',
        '--image-size', '60', '80', '--json', str(target)])
    ended = endurance.main()
    figures = json.loads(target.read_text())
    assert [block['frames'] for block in figures['blocks']] == [3, 6, 7]
    assert all(block['frame_ms'] > 0 and block['rss_mb'] > 1 for block in figures['blocks'])
    assert ended == any(figures['grows'].values())
    assert capsys.readouterr().out.count('over the run') == len(figures['growth'])

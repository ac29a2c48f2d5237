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

"""What is finished and whole is not done again."""

import pytest

from triplenet_ros.fleet.finished import finished_row, write_row
from triplenet_ros.fleet.fleet_row import DONE, FleetRow
from triplenet_ros.outputs import replacing

ROW = FleetRow('drive', '/drive.mcap', DONE, replay={'frames': 3}, passed=False,
               missed=('AP50 at least 1: 0.5',), scores={'mAP50': 0.5, 'F1': None})


@pytest.fixture
def folder(tmp_path):
    with replacing(tmp_path / 'drive', overwrite=False, folder=True) as folder:
        folder.mkdir()
        (folder / 'results.mcap').write_bytes(b'results')
        write_row(folder, 'key', ROW)
    return tmp_path / 'drive'


def test_the_row_of_a_finished_recording_is_what_was_written(folder):
    assert finished_row(folder, 'key') == ROW


def test_a_recording_with_other_options_is_not_finished(folder):
    assert finished_row(folder, 'other') is None


@pytest.mark.parametrize('damage', [
    lambda folder: (folder / 'results.mcap').write_bytes(b'res'),
    lambda folder: (folder / 'results.mcap').unlink(),
    lambda folder: (folder / 'row.json').unlink(),
    lambda folder: (folder / '.triplenet_ros').unlink()])
def test_a_damaged_folder_is_not_finished(folder, damage):
    damage(folder)
    assert finished_row(folder, 'key') is None


def test_nothing_there_is_not_finished(tmp_path):
    assert finished_row(tmp_path / 'none', 'key') is None

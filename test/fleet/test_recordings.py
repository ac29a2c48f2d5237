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

"""Which recordings names stand for."""

import os

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.fleet.recordings import find_recordings, fingerprint, names_of


@pytest.fixture
def drives(tmp_path):
    for name in ('a.mcap', 'b.db3', 'notes.txt', 'day2/c.mcap', 'day2/rosbag/metadata.yaml',
                 'day2/rosbag/rosbag_0.mcap', 'clip.mp4'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def found(folder, *names):
    return [str(path.relative_to(folder)) for path in find_recordings(
        [str(folder / name) for name in names])]


def test_a_folder_stands_for_the_bags_below_it_and_a_rosbag2_folder_for_itself(drives):
    assert found(drives, '') == ['a.mcap', 'b.db3', 'day2/c.mcap', 'day2/rosbag']


def test_a_pattern_stands_for_what_it_matches(drives):
    assert found(drives, '*.mcap') == ['a.mcap']
    assert found(drives, '**/*.mcap') == ['a.mcap', 'day2/c.mcap', 'day2/rosbag/rosbag_0.mcap']


def test_a_video_is_taken_where_it_is_named(drives):
    assert found(drives, 'clip.mp4', 'a.mcap') == ['a.mcap', 'clip.mp4']


def test_a_recording_named_twice_counts_once(drives):
    (drives / 'link.mcap').symlink_to(drives / 'a.mcap')
    assert len(found(drives, 'a.mcap', 'a.mcap', '*.mcap')) == 1


def test_brackets_in_a_name_are_no_pattern(drives):
    (drives / 'drive[1].mcap').write_text('')
    assert found(drives, 'drive[1].mcap') == ['drive[1].mcap']


@pytest.mark.parametrize('name, said', [('no.mcap', 'does not exist'), ('*.bag', 'not match'),
                                        ('empty', 'holds no bags')])
def test_a_name_for_nothing_is_refused(drives, name, said):
    (drives / 'empty').mkdir()
    with pytest.raises(InputError, match=said):
        found(drives, name)


def test_names_are_unique_and_do_not_change_with_others(drives):
    (drives / 'day2/a.mcap').write_text('')
    alone = names_of([drives / 'b.db3'])
    names = names_of([drives / 'a.mcap', drives / 'day2/a.mcap', drives / 'b.db3'])
    assert len(set(names)) == 3 and names[2:] == alone == ['b']
    assert all(name.startswith('a-') for name in names[:2])


def test_a_fingerprint_changes_with_any_file_below(drives):
    before = fingerprint(drives / 'day2')
    assert before == fingerprint(drives / 'day2')
    os.utime(drives / 'day2/rosbag/rosbag_0.mcap', ns=(1, 1))
    assert before != fingerprint(drives / 'day2')

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

"""Outputs are whole or not there, and nothing the user made is lost."""

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_writable, replacing


def test_a_file_appears_when_the_block_succeeds(tmp_path):
    path = tmp_path / 'new' / 'figures.json'
    with replacing(path, overwrite=False) as temporary:
        temporary.write_text('1')
        assert not path.exists() and temporary.suffix == '.json'
    assert path.read_text() == '1'
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize('existing', [None, 'old'])
def test_a_failure_leaves_what_was_there(tmp_path, existing):
    path = tmp_path / 'figures.json'
    if existing:
        path.write_text(existing)
    with pytest.raises(ZeroDivisionError):
        with replacing(path, overwrite=True) as temporary:
            temporary.write_text('half')
            raise ZeroDivisionError
    assert [item.read_text() for item in tmp_path.iterdir()] == [existing] * bool(existing)


def test_an_existing_file_needs_overwrite(tmp_path):
    path = tmp_path / 'figures.json'
    path.write_text('old')
    with pytest.raises(InputError, match='--overwrite'):
        with replacing(path, overwrite=False):
            pass
    with replacing(path, overwrite=True) as temporary:
        temporary.write_text('new')
    assert path.read_text() == 'new'


def test_an_output_folder_is_replaced_whole(tmp_path):
    path = tmp_path / 'out'
    path.mkdir()
    (path / 'boxes.json').write_text('old')
    (path / 'stale.png').write_text('old')
    with replacing(path, overwrite=True) as temporary:
        temporary.mkdir()
        (temporary / 'boxes.json').write_text('new')
    assert [item.name for item in path.iterdir()] == ['boxes.json']
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    (tmp_path / 'thesis.tex').write_text('years of work')
    with pytest.raises(InputError, match='other things in it'):
        check_writable(tmp_path, overwrite=True)


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='cannot write into the folder'):
        check_writable(tmp_path / 'file' / 'out.json', overwrite=False)

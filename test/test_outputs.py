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

import os
import random
import select
import shutil
import subprocess
import sys

import pytest

from triplenet_ros import outputs
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_writable, filling, MARK, NotWritten, replacing


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


def written(path, **files):
    """Write an output folder."""
    with replacing(path, overwrite=True, folder=True) as temporary:
        (temporary / 'deep').mkdir(parents=True)
        for name, text in files.items():
            (temporary / 'deep' / name).write_text(text)


def test_an_output_folder_is_replaced_whole(tmp_path):
    path = tmp_path / 'out'
    written(path, old='old', stale='old')
    written(path, old='new')
    assert {file.name for file in path.rglob('*')} == {MARK, 'deep', 'old'}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize('swap', [True, False])
def test_a_folder_is_replaced_where_the_system_cannot_swap_too(tmp_path, monkeypatch, swap):
    if not swap:
        monkeypatch.setattr(outputs, '_exchange', lambda one, other: False)
    written(tmp_path / 'out', name='old')
    written(tmp_path / 'out', name='new')
    assert (tmp_path / 'out/deep/name').read_text() == 'new'
    assert [file.name for file in tmp_path.iterdir()] == ['out']


@pytest.mark.parametrize('name', ['thesis.tex', 'metadata.yaml', 'boxes.json', 'report.json'])
def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path, name):
    (tmp_path / name).write_text('years of work')
    with pytest.raises(InputError, match='other things in it'):
        check_writable(tmp_path, overwrite=True, folder=True)


def test_a_folder_of_ours_with_something_of_the_user_is_not_replaced(tmp_path):
    path = tmp_path / 'out'
    written(path, name='old')
    (path / 'deep/notes').write_text('mine')
    with pytest.raises(InputError, match='deep/notes, which was not written with the rest'):
        check_writable(path, overwrite=True, folder=True)
    (path / 'deep/notes').rename(path / 'deep/name')
    with pytest.raises(InputError, match='deep/name, which was changed since'):
        check_writable(path, overwrite=True, folder=True)
    (path / 'deep/name').unlink()
    written(path, name='new')


def test_a_mark_of_somebody_else_is_no_mark(tmp_path):
    for text in ('', '[]', '{"files": 3}', 'null'):
        (tmp_path / MARK).write_text(text)
        with pytest.raises(InputError, match='other things in it'):
            check_writable(tmp_path, overwrite=True, folder=True)


def test_a_file_is_no_folder_and_a_link_to_nothing_neither(tmp_path):
    (tmp_path / 'file').write_text('kept')
    (tmp_path / 'link').symlink_to('nothing')
    os.mkfifo(tmp_path / 'pipe')
    for name, folder, words in (('file', True, 'is a file, a folder'), ('.', False, 'is a folder'),
                                ('link', False, 'link to nothing'), ('link', True, 'link to'),
                                ('pipe', False, 'no ordinary file')):
        with pytest.raises(InputError, match=words):
            check_writable(tmp_path / name, overwrite=True, folder=folder)


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / 'big').mkdir()
    (tmp_path / 'big/file').write_text('old')
    (tmp_path / 'link').symlink_to('big/file')
    (tmp_path / 'folder').symlink_to('big/folder')
    (tmp_path / 'big/folder').mkdir()
    with replacing(tmp_path / 'link', overwrite=True) as temporary:
        temporary.write_text('new')
    written(tmp_path / 'folder', name='new')
    assert (tmp_path / 'link').is_symlink() and (tmp_path / 'big/file').read_text() == 'new'
    assert (tmp_path / 'folder').is_symlink()
    assert (tmp_path / 'big/folder/deep/name').read_text() == 'new'


def test_of_two_runs_with_the_same_output_the_second_is_refused(tmp_path):
    with replacing(tmp_path / 'out', overwrite=True) as temporary:
        with pytest.raises(InputError, match='being written by another process'):
            with replacing(tmp_path / 'out', overwrite=True):
                pass
        temporary.write_text('first')
    assert [file.read_text() for file in tmp_path.iterdir()] == ['first']


def test_what_appears_meanwhile_is_not_replaced(tmp_path):
    with pytest.raises(InputError, match='meanwhile'):
        with replacing(tmp_path / 'out', overwrite=False) as temporary:
            temporary.write_text('ours')
            (tmp_path / 'out').write_text('theirs')
    assert [file.read_text() for file in tmp_path.iterdir()] == ['theirs']


def test_what_a_killed_run_left_confuses_nobody(tmp_path):
    left = tmp_path / '.out.unfinished'
    (left / 'out/deep').mkdir(parents=True)
    (left / 'out/deep/half').write_text('half')
    written(tmp_path / 'out', name='new')
    assert [file.name for file in tmp_path.iterdir()] == ['out']
    assert {file.name for file in (tmp_path / 'out').rglob('*')} == {MARK, 'deep', 'name'}


def test_what_a_killed_run_moved_away_comes_back(tmp_path):
    written(tmp_path / 'out', name='old')
    (tmp_path / '.out.unfinished').mkdir()
    (tmp_path / 'out').rename(tmp_path / '.out.unfinished/out.old')
    with pytest.raises(InputError, match='deep'):
        with replacing(tmp_path / 'out', overwrite=True, folder=True):
            raise InputError('deep')
    assert (tmp_path / 'out/deep/name').read_text() == 'old'
    assert [file.name for file in tmp_path.iterdir()] == ['out']


def test_the_longest_name_there_can_be_is_written(tmp_path):
    path = tmp_path / ('\u00e9' * 125 + '.json')
    with replacing(path, overwrite=False) as temporary:
        temporary.write_text('1')
    assert list(tmp_path.iterdir()) == [path]


def test_a_refusal_makes_no_folders(tmp_path):
    check_writable(tmp_path / 'a/b/c.json', overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='cannot write into the folder'):
        check_writable(tmp_path / 'file' / 'out.json', overwrite=False)


def test_a_full_disk_is_told_of_the_output_and_leaves_what_was_there(little_room, tmp_path):
    (tmp_path / 'out.bin').write_text('old')
    with little_room(1000), pytest.raises(NotWritten) as caught:
        with replacing(tmp_path / 'out.bin', overwrite=True) as temporary:
            temporary.write_bytes(bytes(5000))
    assert str(caught.value) == f'{tmp_path}/out.bin cannot be written: File too large'
    assert [file.read_text() for file in tmp_path.iterdir()] == ['old']


def test_a_part_of_a_folder_that_cannot_be_written_is_told_by_its_place_there(
        little_room, tmp_path):
    with little_room(1000), pytest.raises(NotWritten) as caught:
        with replacing(tmp_path / 'out', overwrite=False, folder=True) as folder:
            with replacing(folder / 'deep/part', overwrite=False) as temporary:
                temporary.write_bytes(bytes(5000))
    assert str(caught.value).startswith(f'{tmp_path}/out/deep/part cannot be written')
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_not_said_of_the_output(tmp_path):
    with pytest.raises(FileNotFoundError, match='input'):
        with replacing(tmp_path / 'out', overwrite=False):
            (tmp_path / 'input').read_text()


@pytest.mark.parametrize('folder', [True, False])
def test_an_output_whose_folder_is_deleted_meanwhile_is_told_in_one_line(tmp_path, folder):
    (tmp_path / 'place').mkdir()
    with pytest.raises(NotWritten, match='place/out cannot be written'):
        with replacing(tmp_path / 'place/out', overwrite=False, folder=folder) as temporary:
            (temporary / 'x' if folder else temporary).parent.mkdir(exist_ok=True)
            shutil.rmtree(tmp_path / 'place')
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_filled_by_one_process_at_a_time(tmp_path):
    with filling(tmp_path / 'run'):
        with pytest.raises(InputError, match='being written by another process'):
            with filling(tmp_path / 'run'):
                pass
    with filling(tmp_path / 'run'):
        assert (tmp_path / 'run').is_dir()


KILLED = """
import os, sys
from pathlib import Path
from triplenet_ros import outputs
if sys.argv[2] == 'no swap':
    outputs._exchange = lambda one, other: False
letter = sys.argv[3]
while True:
    for target in ('folder', 'file'):
        with outputs.replacing(Path(sys.argv[1], target), True, target == 'folder') as temporary:
            if target == 'file':
                temporary.write_text(letter * 100_000)
                continue
            temporary.mkdir()
            for name in range(4):
                (temporary / str(name)).write_text(letter * 1000)
    letter = chr(ord('A') + (ord(letter) - ord('A') + 1) % 26)
    print(letter, flush=True)
"""


@pytest.mark.parametrize('swap', ['swap', 'no swap'])
def test_killed_at_any_moment_it_leaves_the_old_or_the_new(tmp_path, swap):
    moments = random.Random(7)
    for _ in range(15):
        process = subprocess.Popen([sys.executable, '-c', KILLED, str(tmp_path), swap, 'A'],
                                   stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline()
        process.stdout.readline() if moments.random() < 0.5 else None
        select.select([], [], [], moments.uniform(0, 0.004))  # anywhere in the next rounds
        process.kill()
        process.communicate(timeout=60)
        if swap == 'no swap':  # what was moved away comes back with the next run
            with pytest.raises(ZeroDivisionError), replacing(tmp_path / 'folder', True, True):
                raise ZeroDivisionError
        found = [(tmp_path / 'folder' / str(name)).read_text() for name in range(4)]
        assert len(set(found)) == 1 and len(found[0]) == 1000
        whole = (tmp_path / 'file').read_text()
        assert len(whole) == 100_000 and len(set(whole)) == 1
        check_writable(tmp_path / 'folder', overwrite=True, folder=True)
    written(tmp_path / 'folder', name='new')
    with replacing(tmp_path / 'file', overwrite=True) as temporary:
        temporary.write_text('new')
    assert sorted(file.name for file in tmp_path.iterdir()) == ['file', 'folder']

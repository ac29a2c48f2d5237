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

"""Recordings are known by what is in them, unpacked, and completed from their logs."""

import shutil
import sqlite3

import pytest

from triplenet_ros.bag.source import open_source
from triplenet_ros.bag.unpacking import zstd
from triplenet_ros.errors import InputError


def count(path):
    """Return the number of frames of a bag, and the notes."""
    with open_source(path) as source:
        frames = [source.decode(message) for message in source.messages()
                  if message.channel is source.image_channel]
        return len(frames), list(source.notes)


def storage(folder):
    """Return the storage file of a folder."""
    return next(path for path in folder.iterdir() if path.suffix in ('.mcap', '.db3'))


@pytest.fixture(params=['mcap', 'sqlite'])
def file(request, tmp_path, make):
    """Return a storage file of 3 frames, of either kind."""
    write = make.bag if request.param == 'mcap' else make.sqlite
    return storage(write(tmp_path / 'drive', make.camera(3)))


@pytest.mark.parametrize('name', [
    'A.MCAP', 'A.DB3', 'a.bag', 'a.mcap.active', 'a', 'a b?c#d%41.db3'])
def test_name_does_not_matter(file, tmp_path, name):
    path = tmp_path / name
    shutil.copy(file, path)
    assert count(path) == (3, [])


@pytest.mark.parametrize('end', ['.zstd', '.zst'])
def test_packed_file_opens_without_metadata(file, tmp_path, end):
    path = tmp_path / f'{file.name}{end}'
    path.write_bytes(zstd.compress(file.read_bytes()))
    assert count(path) == (3, [])
    (tmp_path / 'folder').mkdir()
    shutil.copy(path, tmp_path / 'folder')
    assert count(tmp_path / 'folder') == (3, [])


def test_folder_may_be_packed_or_unpacked_behind_the_back_of_its_metadata(file):
    packed = file.with_name(f'{file.name}.zstd')
    packed.write_bytes(zstd.compress(file.read_bytes()))
    file.unlink()
    assert count(file.parent) == (3, [])
    metadata = file.parent / 'metadata.yaml'
    metadata.write_text(metadata.read_text().replace(file.name, packed.name))
    assert count(file.parent) == (3, [])
    file.write_bytes(zstd.decompress(packed.read_bytes()))
    packed.unlink()
    assert count(file.parent) == (3, [])


def test_messages_packed_each_by_itself_are_unpacked_without_metadata(tmp_path, make):
    from dataclasses import replace
    messages = [replace(one, data=zstd.compress(bytes(one.data))) for one in make.camera(3)]
    for write in (make.bag, make.sqlite):
        folder = write(tmp_path / write.__name__, messages)
        (folder / 'metadata.yaml').unlink()
        assert count(folder) == (3, [])


def rest_in_log(folder, journal='WAL'):
    """Leave only a part of a database in its file, as a killed recorder does."""
    path, work = storage(folder), folder.parent / 'work.db3'
    shutil.copy(path, work)
    database = sqlite3.connect(work, isolation_level=None)
    database.execute(f'PRAGMA journal_mode = {journal}')
    if journal == 'WAL':
        database.execute('PRAGMA wal_autocheckpoint = 0')
        rows = database.execute('SELECT * FROM messages ORDER BY timestamp').fetchall()
        database.execute('DELETE FROM messages WHERE id > ?', (rows[0][0],))
        database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        marks = ','.join('?' * len(rows[0]))
        database.executemany(f'INSERT INTO messages VALUES ({marks})', rows[1:])
    else:
        database.execute('PRAGMA cache_size = 2')
        database.execute('PRAGMA cache_spill = ON')
        database.execute('BEGIN')
        database.execute('UPDATE messages SET data = zeroblob(9000)')
    for end in ('', '-wal', '-journal'):
        if work.with_name(f'{work.name}{end}').exists():
            shutil.copy(f'{work}{end}', f'{path}{end}')
    database.close()
    return path


@pytest.mark.parametrize('journal', ['WAL', 'DELETE'])
def test_log_of_a_killed_recorder_counts_and_is_not_touched(tmp_path, make, journal):
    folder = make.sqlite(tmp_path / 'drive', make.camera(3))
    path = rest_in_log(folder, journal)
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    log = '-wal' if journal == 'WAL' else '-journal'
    assert before[f'{path.name}{log}']
    for opened in (folder, path):
        assert count(opened)[0] == 3
    assert before == {one.name: one.read_bytes() for one in folder.iterdir()}


def test_copies_go_when_the_bag_is_closed(tmp_path, make, monkeypatch):
    scratch = tmp_path / 'scratch'
    scratch.mkdir()
    monkeypatch.setattr('tempfile.tempdir', str(scratch))
    path = rest_in_log(make.sqlite(tmp_path / 'drive', make.camera(3)))
    with open_source(path):
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())
    path.write_bytes(b'SQLite format 3\0' + bytes(100))
    with pytest.raises(InputError):
        open_source(path)
    assert not list(scratch.iterdir())


@pytest.mark.parametrize('name, content, words', [
    ('a.mcap', b'', 'a.mcap is empty'), ('a.db3', b'text', 'begins as none does'),
    ('a.bag', b'#ROSBAG V1.1\n', 'cannot be read as a bag'),
    ('a.mcap.zstd', b'\x28\xb5\x2f\xfdxx', 'cannot be unpacked'),
    ('a.bag.active', b'', 'is empty'), ('a.mcap.gz', b'\x1f\x8b' + bytes(9), r'archive \(gzip\)'),
    ('a.mcap', b'PK\3\4' + bytes(9), r'archive \(zip\): unpack it'),
    ('a.mcap', b'version https://git-lfs.github.com/spec/v1\n', 'git lfs pull'),
    ('a.bag', b'<!DOCTYPE html>', 'is a web page')])
def test_what_is_no_bag_is_refused_by_its_true_cause(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as told:
        open_source(path)
    assert str(path) in str(told.value) and '\n' not in str(told.value)

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
"""Engines are built once, found again, and rebuilt where something is wrong with them."""

import json
import os
from threading import Barrier, Thread

import pytest

from triplenet_ros.inference import engines
from triplenet_ros.inference.engines import cache_folder, find_engine

FACTS = {'weights': '123', 'device': 'abacus'}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Return where engines are kept, still empty."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    return tmp_path / 'triplenet_ros' / 'engines'


class Builder:
    """Writes one file, and counts how often it is asked to."""

    def __init__(self, size=100):
        self.built = 0
        self.size = size

    def __call__(self, folder):
        self.built += 1
        (folder / 'network.bin').write_bytes(bytes(self.size))
        return {'built': self.built}


def find(build, **facts):
    """Ask for an engine."""
    return find_engine('building an abacus', {**FACTS, **facts}, build)


def test_the_second_one_is_the_first_one():
    build = Builder()
    first, second = find(build), find(build)
    assert build.built == 1 and first.folder == second.folder
    assert first.notes == second.notes == {'built': 1}
    assert (first.folder / 'network.bin').read_bytes() == bytes(100)


@pytest.mark.parametrize('changed', [{'weights': '124'}, {'device': 'slide rule'}, {'new': ''}])
def test_any_other_fact_is_another_engine(changed):
    build = Builder()
    assert find(build).folder != find(build, **changed).folder and build.built == 2


def test_it_says_in_words_what_it_is_and_nothing_else_is_left(folder):
    found = find(Builder())
    assert list(folder.iterdir()) == [found.folder]
    about = json.loads((found.folder / 'about.json').read_text())
    assert about['what'] == 'building an abacus' and about['built_from'] == FACTS


def test_building_is_said_and_finding_is_not(told, folder):
    find(Builder())
    first, second = told.messages
    assert first.startswith('building an abacus, once; kept in ') and str(folder) in first
    assert second.startswith('done in ')
    told.clear()
    find(Builder())
    assert told.messages == []


@pytest.mark.parametrize('damage', [
    lambda folder: (folder / 'network.bin').unlink(),
    lambda folder: (folder / 'network.bin').write_bytes(bytes(99)),
    lambda folder: (folder / 'network.bin').write_bytes(bytes(99) + b'1'),
    lambda folder: (folder / 'about.json').write_text('{'),
    lambda folder: (folder / 'about.json').write_text('[]'),
    lambda folder: (folder / 'about.json').unlink()])
def test_a_damaged_one_is_rebuilt(damage, folder):
    build = Builder()
    damage(find(build).folder)
    assert find(build).notes == find(build).notes == {'built': 2}
    assert len(list(folder.iterdir())) == 1


def test_one_that_cannot_be_built_leaves_nothing(folder):
    def fail(_):
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        find(fail)
    assert list(folder.iterdir()) == []


def test_two_that_build_at_once_both_get_one(folder):
    barrier, build, found = Barrier(2), Builder(), []

    def slow(folder):
        notes = build(folder)
        barrier.wait(300)
        return notes
    threads = [Thread(target=lambda: found.append(find(slow))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert build.built == 2 and len(found) == 2
    assert found[0].folder == found[1].folder == folder / found[0].folder.name
    assert find(build).folder == found[0].folder and build.built == 2
    assert len(list(folder.iterdir())) == 1


def test_where_nothing_can_be_kept_it_is_built_all_the_same(monkeypatch, tmp_path, told):
    (tmp_path / 'file').write_text('in the way')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'file'))
    build = Builder()
    found = find(build)
    assert (found.folder / 'network.bin').read_bytes() == bytes(100)
    assert [record.levelname for record in told.records] == ['WARNING', 'INFO', 'INFO']
    assert 'cannot be kept' in told.text and str(tmp_path / 'file') in told.text
    kept = found.folder
    del found
    assert not kept.exists()


def test_those_not_used_for_longest_make_room(monkeypatch, folder):
    monkeypatch.setattr(engines, 'LIMIT_BYTES', 5000)
    old, used = (find(Builder(1500), number=number).folder for number in '12')
    for age, each in ((300, old), (200, used)):
        then = (each / 'about.json').stat().st_mtime - age
        os.utime(each / 'about.json', (then, then))
    find(Builder(1500), number='1')
    newest = find(Builder(1500), number='3').folder
    assert set(folder.iterdir()) == {old, newest}
    alone = find(Builder(9000), number='4').folder
    assert set(folder.iterdir()) == {alone}


def test_what_another_left_half_built_is_removed_a_day_later(folder):
    find(Builder(), number='1')
    fresh, stale = (folder / f'.building-{name}' for name in ('fresh', 'stale'))
    for each in (fresh, stale):
        each.mkdir()
    os.utime(stale, (0, 0))
    find(Builder(), number='2')
    assert fresh.exists() and not stale.exists()


@pytest.mark.parametrize('given', ['', 'relative/path', None])
def test_without_a_proper_place_it_is_in_the_home_folder(given, monkeypatch, tmp_path):
    monkeypatch.setenv('HOME', str(tmp_path))
    if given is None:
        monkeypatch.delenv('XDG_CACHE_HOME')
    else:
        monkeypatch.setenv('XDG_CACHE_HOME', given)
    assert cache_folder() == tmp_path / '.cache' / 'triplenet_ros'

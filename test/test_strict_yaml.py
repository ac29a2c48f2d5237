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

"""YAML from outside is plain data of bounded size, or one line that says why not."""

from time import process_time

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.strict_yaml import CHARACTERS, parse_yaml, read_yaml

LAUGHS = 'a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n' + ''.join(
    f'a{level}: &a{level} [{", ".join([f"*a{level - 1}"] * 10)}]\n' for level in range(1, 10))


def test_plain_data_comes_back():
    assert parse_yaml('{a: [1, 2.5, text, null, true]}', 'it') == {
        'a': [1, 2.5, 'text', None, True]}
    assert parse_yaml('', 'it') is None


def test_what_is_merged_and_repeated_within_reason_comes_back():
    text = 'base: &base {a: 1, b: 2}\nmine: {<<: *base, b: 3}\n'
    assert parse_yaml(text, 'it')['mine'] == {'a': 1, 'b': 3}


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    path = tmp_path / 'windows.yaml'
    path.write_bytes('﻿names: [car]\r\n'.encode())
    assert read_yaml(path) == {'names': ['car']}


@pytest.mark.parametrize('text, cause', [
    (LAUGHS, 'with what its aliases repeat'),
    ('a: &a [*a]', 'contains itself'),
    ('[' * 5000, 'nested too deeply'),
    ('{a: ' * 5000, 'nested too deeply'),
    ('a: 1\nb: 2\na: 3\n', "key 'a' is there twice"),
    ('!!python/object/apply:os.system ["touch exploded"]', 'could not determine a constructor'),
    ('!!python/name:os.system', 'could not determine a constructor'),
    ('when: 2026-99-99', 'is no YAML'),
    ('x' * (CHARACTERS + 1), 'longer than'),
    ('a: \x07', 'is no YAML'),
    ('[a', 'is no YAML'),
    ('{[1]: 2}', 'is no YAML')],
    ids=['billion laughs', 'contains itself', 'deep lists', 'deep mappings', 'key twice',
         'apply tag', 'name tag', 'no date', 'long', 'control character', 'cut', 'list as key'])
def test_what_is_more_than_plain_data_is_one_line_at_once(tmp_path, monkeypatch, text, cause):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'hostile.yaml'
    path.write_text(text)
    begun = process_time()
    with pytest.raises(InputError, match=cause) as caught:
        read_yaml(path)
    message = str(caught.value)
    assert 'hostile.yaml' in message and '\n' not in message and len(message) < 1000
    assert process_time() - begun < 20
    assert not (tmp_path / 'exploded').exists()


def test_a_file_larger_than_memory_is_not_read(tmp_path):
    path = tmp_path / 'large.yaml'
    with path.open('wb') as file:
        file.truncate(1 << 40)  # takes no room on disk
    with pytest.raises(InputError, match='longer than'):
        read_yaml(path)

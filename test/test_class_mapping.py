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

"""Class names of two sources that mean the same."""

import pytest
from triplenet_ros.class_mapping import (
    check_used, checked_rename, load_rename, MAPPINGS, renamed)
from triplenet_ros.classes import CAMVID, CITYSCAPES
from triplenet_ros.errors import InputError


def test_several_names_become_one():
    assert renamed(('terrain', 'road', 'vegetation'), {'terrain': 'tree', 'vegetation': 'tree'}) \
        == ('tree', 'road', 'tree')


def test_cityscapes_names_become_camvids_and_only_train_is_left():
    rename = load_rename('cityscapes_to_camvid')
    names = renamed(CITYSCAPES.segmentation, rename)
    assert set(names) - set(CAMVID.segmentation) == {'train'}
    assert set(CAMVID.segmentation) <= set(names)


@pytest.mark.parametrize('path', sorted(MAPPINGS.glob('*.yaml')), ids=lambda path: path.stem)
def test_shipped_mappings_are_of_known_names(path):
    both = (*CITYSCAPES.segmentation, *CAMVID.segmentation)
    rename = load_rename(path.stem)
    check_used(rename, both)
    check_used(dict.fromkeys(rename.values()), both)


@pytest.mark.parametrize('text, message', [
    ('- a\n- b', "rename is \\['a', 'b'\\], must be names to names"),
    ('a: 3', "maps 'a' to 3, must be name to name"),
    ('a: b\nb: c', "maps 'a' to 'b', and that to 'c'"),
    ('a: [', 'is no YAML'),
    ('\x00', 'is no YAML'),
])
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path, text, message):
    path = tmp_path / 'wrong.yaml'
    path.write_text(text)
    with pytest.raises(InputError, match=f'wrong.yaml.*{message}'):
        load_rename(str(path))


def test_a_file_of_windows_is_read(tmp_path):
    path = tmp_path / 'rename.yaml'
    path.write_bytes(b'\xef\xbb\xbfpedestrian: person\r\n')
    assert load_rename(str(path)) == {'pedestrian': 'person'}


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no class mapping 'kitti'.*cityscapes_to_camvid"):
        load_rename('kitti')


def test_a_misspelt_class_is_refused():
    with pytest.raises(InputError, match="maps 'pedestrain', which is no class here.*pedestrian"):
        check_used({'pedestrain': 'person'}, ['pedestrian', 'car'])


def test_a_mapping_is_given_back_as_it_is():
    assert checked_rename({'a': 'b'}, 'here') == {'a': 'b'}

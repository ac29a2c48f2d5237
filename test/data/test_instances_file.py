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

"""Instances files: what their writers get wrong is read as it is meant, or named in one line."""

import codecs
import json

import pytest

from triplenet_ros.data.instances_file import read_instances
from triplenet_ros.errors import InputError

NAN, INFINITY = float('nan'), float('inf')


def content(**changes):
    """Return a small instances file as Python values."""
    return {
        'categories': [{'id': 1, 'name': 'car'}, {'id': 3, 'name': 'dog'}],
        'images': [{'id': 1, 'file_name': 'a.jpg', 'width': 40, 'height': 30},
                   {'id': 2, 'file_name': 'b.jpg'}],
        'annotations': [annotation()], **changes}


def annotation(**changes):
    """Return an annotation of image 1."""
    return {'id': 7, 'image_id': 1, 'category_id': 3, 'bbox': [2, 3, 4, 5], 'area': 20,
            'iscrowd': 0, **changes}


def read(tmp_path, value):
    """Write a file and read it."""
    path = tmp_path / 'train.json'
    path.write_text(json.dumps(value))
    return read_instances(path)


def test_entries_come_out_by_their_ids(tmp_path):
    found = read(tmp_path, content())
    assert found.categories == {1: 'car', 3: 'dog'} and not found.has_masks
    assert found.images == [{'id': 1, 'file_name': 'a.jpg', 'height': 30, 'width': 40},
                            {'id': 2, 'file_name': 'b.jpg', 'height': None, 'width': None}]
    assert found.annotations == {2: [], 1: [
        {'id': 7, 'image_id': 1, 'category_id': 3, 'bbox': [2, 3, 4, 5], 'area': 20,
         'iscrowd': False, 'segmentation': None}]}


@pytest.mark.parametrize('given, key, value', [
    ({'iscrowd': '0'}, 'iscrowd', False), ({'iscrowd': '1'}, 'iscrowd', True),
    ({'iscrowd': None}, 'iscrowd', False), ({'iscrowd': True}, 'iscrowd', True),
    ({'bbox': ['2', '3.5', 4, '5']}, 'bbox', [2, 3.5, 4, 5]), ({'area': '20'}, 'area', 20),
    ({'area': None}, 'area', 20), ({'area': -1}, 'area', 20),
    ({'category_id': '3'}, 'category_id', 3),
    ({'category_id': 3.0}, 'category_id', 3), ({'image_id': '1'}, 'category_id', 3)])
def test_numbers_as_text_are_the_numbers_they_are(tmp_path, given, key, value):
    found = read(tmp_path, content(annotations=[annotation(**given)])).annotations[1][0]
    assert found[key] == value and type(found[key]) is type(value) or key == 'area'


def test_sizes_as_text_are_the_numbers_they_are(tmp_path):
    image = {'id': 1, 'file_name': 'a.jpg', 'width': '40', 'height': '30'}
    assert read(tmp_path, content(images=[image])).images[0]['width'] == 40


def test_ids_may_all_be_text(tmp_path):
    found = read(tmp_path, content(
        images=[{'id': 'a-1', 'file_name': 'a.jpg'}], annotations=[annotation(image_id='a-1')]))
    assert list(found.annotations) == ['a-1'] and len(found.annotations['a-1']) == 1


IMAGES = content()['images']


@pytest.mark.parametrize('changes, words', [
    ({'categories': [{'id': 1, 'name': 'car'}, {'id': '3', 'name': 'dog'}]},
     "the category ids 1 and '3' are a number and text, must be of one kind"),
    ({'categories': [{'id': 1, 'name': 'car'}, {'id': 3, 'name': 7}]},
     'category 3 has the name 7, must be text'),
    ({'categories': [{'id': 1, 'name': None}]}, 'category 1 has the name None'),
    ({'categories': [{'id': 1, 'name': ' '}]}, "category 1 has the name ' '"),
    ({'categories': [{'id': 1, 'name': 'c\x1b[2Jr'}]}, r"category 1 has the name 'c\\x1b\[2Jr'"),
    ({'categories': [{'id': 1, 'name': 'car'}, {'id': 1, 'name': 'truck'}]},
     "two categories of the id 1: 'car' and 'truck'"),
    ({'categories': [{'name': 'car'}]}, "category {'name': 'car'} has no id"),
    ({'categories': [{'id': 1}]}, 'category 1 has no name'),
    ({'categories': {'1': 'car'}}, 'no list of categories'), ({'categories': None}, 'no list of'),
    ({'images': [{'id': 1, 'file_name': None}]}, 'image 1 has the file_name None, must be text'),
    ({'images': [{'id': 1, 'file_name': ''}]}, "image 1 has the file_name '', must be text"),
    ({'images': [{'id': 1, 'file_name': '/'}]}, "image 1 has the file_name '/', must be the name"),
    ({'images': [{'id': 1, 'file_name': 'a\0.jpg'}]}, r"image 1 has the file_name 'a\\x00.jpg'"),
    ({'images': [{'id': 1, 'file_name': '\ud800.jpg'}]}, 'image 1 has the file_name'),
    ({'images': [{'id': 1, 'file_name': 'a.jpg'}, {'id': 1, 'file_name': 'b.jpg'}]},
     "two images of the id 1: 'a.jpg' and 'b.jpg'"),
    ({'images': [{'id': 1, 'file_name': 'a.jpg'}, {'id': 2, 'file_name': 'a.jpg'}]},
     "has 'a.jpg' twice, as image 1 and 2"),
    ({'images': [{'id': [1], 'file_name': 'a.jpg'}]}, r"image 'a.jpg' has the id \[1\], must be"),
    ({'images': [{'id': True, 'file_name': 'a.jpg'}]}, "image 'a.jpg' has the id True, must be"),
    ({'images': [{'id': 1.5, 'file_name': 'a.jpg'}]}, "image 'a.jpg' has the id 1.5, must be"),
    ({'images': [{'id': None, 'file_name': 'a.jpg'}]}, "image 'a.jpg' has the id None, must be"),
    ({'images': [{**IMAGES[0], 'width': -40}]}, 'image 1 has the width -40, must be a whole'),
    ({'images': [{**IMAGES[0], 'height': 'high'}]}, "image 1 has the height 'high', must be a"),
    ({'images': [{**IMAGES[0], 'height': 30.5}]}, 'image 1 has the height 30.5, must be a whole'),
    ({'images': [{**IMAGES[0], 'height': INFINITY}]}, 'image 1 has the height inf, must be a'),
    ({'images': [1]}, 'no list of images')])
def test_wrong_category_or_image_is_named(tmp_path, changes, words):
    with pytest.raises(InputError, match=f'train.json.*{words}') as told:
        read(tmp_path, content(**changes))
    assert '\n' not in str(told.value)


@pytest.mark.parametrize('changes, words', [
    ({'bbox': None}, 'has the bbox None, must be x, y, width, height'),
    ({'bbox': [1, 2, 3, NAN]}, r'has the bbox \[1, 2, 3, nan\], must be'),
    ({'bbox': [1, 2, 3, INFINITY]}, r'has the bbox \[1, 2, 3, inf\], must be'),
    ({'bbox': [1, 2, 3, 10**400]}, r'has the bbox .*, must be'),
    ({'bbox': [1, 2, 3, 'wide']}, 'has the bbox .*, must be'),
    ({'bbox': [1, 2, 3, [4]]}, 'has the bbox .*, must be'),
    ({'bbox': {'x': 1}}, 'has the bbox .*, must be'), ({'bbox': '1234'}, "has the bbox '1234'"),
    ({'area': 'large'}, "has the area 'large', must be a number"),
    ({'area': NAN}, 'has the area nan, must be a number'),
    ({'iscrowd': 'no'}, "has the iscrowd 'no', must be a number"),
    ({'iscrowd': [1]}, r'has the iscrowd \[1\], must be a number'),
    ({'category_id': None}, 'has the category None, which is not in the file'),
    ({'category_id': [3]}, r'has the category \[3\], which is not in the file'),
    ({'category_id': 'dog'}, "has the category 'dog', which is not in the file"),
    ({'image_id': {}}, 'belongs to image {}, which is not in the file')])
def test_wrong_annotation_is_named(tmp_path, changes, words):
    with pytest.raises(InputError, match=f'train.json: annotation 7 {words}') as told:
        read(tmp_path, content(annotations=[annotation(**changes)]))
    assert '\n' not in str(told.value)


@pytest.mark.parametrize('key', ['image_id', 'category_id', 'bbox'])
def test_missing_key_is_named(tmp_path, key):
    entry = annotation()
    del entry[key]
    with pytest.raises(InputError, match=f'annotation 7 has no {key}'):
        read(tmp_path, content(annotations=[entry]))


def test_boxes_of_negative_size_are_told(tmp_path, told):
    entries = [annotation(id=8, bbox=[1, 2, -3, 4]), annotation(), annotation(bbox=[1, 2, 3, -4])]
    read(tmp_path, content(annotations=entries))
    assert 'negative width or height are left out, 2 in all, the first is annotation 8' in (
        told.text)


@pytest.mark.parametrize('encoding, mark', [
    ('utf-8', codecs.BOM_UTF8), ('utf-16-le', codecs.BOM_UTF16_LE),
    ('utf-16-be', codecs.BOM_UTF16_BE)])
def test_byte_order_mark_does_no_harm(tmp_path, encoding, mark):
    path = tmp_path / 'train.json'
    path.write_bytes(mark + json.dumps(content(), indent=1).replace('\n', '\r\n').encode(encoding))
    assert read_instances(path).categories == {1: 'car', 3: 'dog'}


@pytest.mark.parametrize('text', [
    '', '{', '[' * 200_000, '{"a":' * 200_000, 'nan', '"' + 'x' * 100, '{} {}', '1' * 5000,
    '{"categories": [{"id": 1' + '0' * 5000 + ', "name": "a"}], "images": [], "annotations": []}'])
def test_text_that_is_no_such_json_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / 'train.json'
    path.write_text(text)
    with pytest.raises(InputError, match='train.json') as told:
        read_instances(path)
    assert '\n' not in str(told.value) and len(str(told.value)) < 500

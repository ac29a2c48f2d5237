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

"""Whatever stands in label, box and class files: samples come out, or one line does."""

import json
import os

import cv2
from hypothesis import example, given, HealthCheck, settings, strategies as st
import numpy as np
import pytest

from triplenet_ros.data.class_names import read_classes
from triplenet_ros.data.instances_file import read_instances
from triplenet_ros.data.object_masks import decode_segmentation
from triplenet_ros.data.yolo import read_objects, YoloSet
from triplenet_ros.errors import InputError
from triplenet_ros.printable import is_printable

# More, and others each time, by hand: FUZZ_EXAMPLES=5000 python -m pytest ...
EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', 0))
SHORT = settings(deadline=None, suppress_health_check=list(HealthCheck),
                 derandomize=not EXAMPLES, max_examples=EXAMPLES or 60)

NUMBERS = st.one_of(st.integers(-5, 50), st.floats(), st.integers(), st.just('3'), st.none(),
                    st.booleans())
VALUES = st.recursive(
    st.one_of(NUMBERS, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=6),
                            st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=12)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return a folder that all examples share."""
    path = tmp_path_factory.mktemp('labels')
    cv2.imwrite(str(path / 'a.png'), np.zeros((30, 40, 3), np.uint8))
    return path


def one_line_or(function, *arguments):
    """Return what comes out, or None after an error of one line."""
    try:
        return function(*arguments)
    except InputError as error:
        assert len(str(error).splitlines()) == 1 and len(str(error)) < 2000
        return None


WORDS = st.one_of(st.floats(allow_nan=True).map(str), st.sampled_from(
    ['0', '1', '0.5', '0.25', '-0', '1e400', 'nan', '1_0', '٣', 'x', '']), st.text(max_size=4))
LINES = st.lists(st.lists(WORDS, max_size=10).map(' '.join), max_size=4).map('\n'.join)


@SHORT
@given(data=st.one_of(LINES.map(lambda text: text.encode('utf-8', 'surrogatepass')), st.binary()))
@example(data=b'\xff\xfe0\x00')
@example(data=b'0 0.5 0.5 0.2 nan')
@example(data='٠ 0.5 0.5 0.5 0.5'.encode())
@example(data=b'0 0 0 0 0 0 0')
def test_label_files_give_boxes_inside_the_image_or_one_line(folder, data):
    text = folder / 'a.txt'
    text.write_bytes(data)
    if one_line_or(read_objects, text, 2) is None:
        return
    classes = read_classes(folder, ('car', 'dog'))
    sample = YoloSet([folder / 'a.png'], [text], classes)[0]
    assert (sample.boxes >= 0).all() and (sample.boxes <= [40, 30, 40, 30]).all()
    assert (sample.boxes[:, 2:] > sample.boxes[:, :2]).all()
    assert set(sample.class_ids.tolist()) <= {0, 1}
    assert sample.label_map is None or set(np.unique(sample.label_map)) <= {0, 1, 2, 255}


ENTRIES = st.fixed_dictionaries({}, optional={
    'id': VALUES, 'name': VALUES, 'file_name': VALUES, 'width': VALUES, 'height': VALUES,
    'image_id': VALUES, 'category_id': VALUES, 'bbox': st.one_of(
        VALUES, st.lists(NUMBERS, min_size=4, max_size=4)), 'area': VALUES, 'iscrowd': VALUES,
    'segmentation': VALUES})
FILES = st.fixed_dictionaries({}, optional={
    'images': st.one_of(st.lists(ENTRIES, max_size=3), VALUES),
    'categories': st.one_of(st.lists(ENTRIES, max_size=3), VALUES),
    'annotations': st.one_of(st.lists(ENTRIES, max_size=3), VALUES)})
NEARLY = st.fixed_dictionaries({
    'categories': st.just([{'id': 1, 'name': 'car'}]),
    'images': st.just([{'id': 1, 'file_name': 'a.png'}]),
    'annotations': st.lists(st.fixed_dictionaries(
        {'image_id': st.just(1), 'category_id': st.just(1),
         'bbox': st.lists(NUMBERS, min_size=4, max_size=4)},
        optional={'id': VALUES, 'area': NUMBERS, 'iscrowd': NUMBERS, 'segmentation': VALUES}),
        max_size=3)})


@SHORT
@given(content=st.one_of(FILES, NEARLY, VALUES))
@example(content={'images': [{'id': 1, 'file_name': '\ud800'}], 'categories': [],
                  'annotations': []})
@example(content={
    'images': [{'id': 1, 'file_name': 'a'}], 'categories': [{'id': 1, 'name': 'a'}],
    'annotations': [{'image_id': 1, 'category_id': 1, 'bbox': [0, 0, 2e154, 2e154]}]})
@example(content={'images': [{'id': {}, 'file_name': {}}], 'categories': [], 'annotations': []})
def test_instances_files_give_finite_boxes_or_one_line(folder, content):
    path = folder / 'train.json'
    path.write_text(json.dumps(content))
    found = one_line_or(read_instances, path)
    for entries in found.annotations.values() if found else ():
        for entry in entries:
            assert np.isfinite(entry['bbox']).all() and entry['category_id'] in found.categories
            assert isinstance(entry['iscrowd'], bool) and np.isfinite(entry['area'])


@SHORT
@given(data=st.binary(max_size=200))
def test_bytes_that_are_no_instances_are_one_line(folder, data):
    path = folder / 'train.json'
    path.write_bytes(data)
    assert one_line_or(read_instances, path) is None


@SHORT
@given(segmentation=st.one_of(
    VALUES, st.lists(st.lists(st.one_of(NUMBERS, st.floats(-100, 100)), max_size=12), max_size=3),
    st.fixed_dictionaries({'size': st.just([30, 40]), 'counts': st.one_of(
        VALUES, st.lists(st.integers(-3, 1300), max_size=5), st.text('0123mnopqPO`', max_size=12),
        st.just([1200]))})))
@example(segmentation={'size': [30, 40], 'counts': 'o' * 100})
@example(segmentation=[[1e308, -1e308, 1e308, 5, 6, 7]])
@example(segmentation=[[10**400, 1, 2, 3, 4, 5]])
@example(segmentation=[[True, False, None, 1, 2, 3]])
def test_segmentations_give_pixels_of_the_image_or_one_line(segmentation):
    pytest.importorskip('faster_coco_eval')
    mask = one_line_or(decode_segmentation, segmentation, 30, 40)
    assert mask is None or (mask.shape == (30, 40) and set(np.unique(mask)) <= {0, 1})


@SHORT
@given(name=st.sampled_from(['data.yaml', 'classes.txt']), data=st.one_of(
    st.binary(max_size=60), VALUES.map(lambda value: json.dumps({'names': value}).encode()),
    st.text(max_size=40).map(lambda text: text.encode('utf-8', 'surrogatepass'))))
@example(name='data.yaml', data=b'? [a]\n: b')
@example(name='data.yaml', data=b'names: {0: a, 1: !!timestamp 2001-99-99}')
def test_class_files_name_classes_or_one_line(folder, name, data):
    for other in ('data.yaml', 'classes.txt'):
        (folder / other).unlink(missing_ok=True)
    (folder / name).write_bytes(data)
    classes = one_line_or(read_classes, folder)
    (folder / name).unlink()
    assert classes is None or all(map(is_printable, classes.detection))

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

"""Instances files: entries to samples, and what is said when they do not fit."""

import json

import cv2
import numpy as np
import pytest

pytest.importorskip('faster_coco_eval')

from triplenet_ros.classes import COCO  # noqa: E402
from triplenet_ros.data.sources import open_dataset  # noqa: E402
from triplenet_ros.errors import InputError  # noqa: E402

PERSON, DOG = (COCO.segmentation.index(name) for name in ('person', 'dog'))
CATEGORIES = [{'id': 18, 'name': 'dog'}, {'id': 1, 'name': 'person'}]


def rectangle(x1, y1, x2, y2):
    """Return polygons that cover the pixels of a box."""
    return [[x1, y1, x2, y1, x2, y2, x1, y2]]


def annotation(number, category, box, **changes):
    """Return an annotation of image 7 whose mask fills its box."""
    x, y, width, height = box
    return {'id': number, 'image_id': 7, 'category_id': category, 'bbox': list(box),
            'area': width * height, 'iscrowd': 0,
            'segmentation': rectangle(x, y, x + width, y + height), **changes}


def write(root, annotations, split='val2017', categories=CATEGORIES, ids=(7, 9)):
    """Write images of 40x30 and their instances as COCO comes."""
    for folder in ('annotations', split):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for number in ids:
        cv2.imwrite(str(root / split / f'{number:03}.jpg'), np.full((30, 40), 90, np.uint8))
    (root / f'annotations/instances_{split}.json').write_text(json.dumps({
        'categories': categories, 'annotations': annotations,
        'images': [{'id': number, 'file_name': f'{number:03}.jpg', 'height': 30, 'width': 40}
                   for number in ids]}))
    return root


def first(root, **options):
    """Return the first sample."""
    return open_dataset('coco', root, 'val2017', **options)[0]


def test_entries_become_boxes_classes_areas_and_labels(tmp_path):
    sample = first(write(tmp_path, [annotation(1, 18, (4, 5, 10, 6), area=55),
                                    annotation(2, 1, (20.5, 5, 3, 8))]))
    assert sample.name == '007' and sample.image.shape == (30, 40, 3)
    np.testing.assert_array_equal(sample.boxes, [[4, 5, 14, 11], [20.5, 5, 23.5, 13]])
    assert [COCO.detection[index] for index in sample.class_ids] == ['dog', 'person']
    np.testing.assert_array_equal(sample.areas, [55, 24])
    assert not sample.difficult.any()
    expected = np.zeros((30, 40), np.uint8)
    expected[5:11, 4:14] = DOG
    np.testing.assert_array_equal(sample.label_map[:, :18], expected[:, :18])
    types = [array.dtype for array in (sample.boxes, sample.class_ids, sample.areas,
                                       sample.difficult, sample.label_map)]
    assert types == [np.float32, np.int64, np.float32, bool, np.uint8]


def test_names_of_coco_get_coco_classes_and_others_their_own(tmp_path):
    assert open_dataset('coco', write(tmp_path / 'a', []), 'val2017').classes is COCO
    others = [{'id': 5, 'name': 'person'}, {'id': 2, 'name': 'ufo'}]
    root = write(tmp_path / 'b', [annotation(1, 5, (4, 5, 10, 6))], categories=others)
    data = open_dataset('coco', root, 'val2017')
    assert data.classes.detection == data.classes.objects == ('ufo', 'person')
    assert data.classes.segmentation == ('background', 'ufo', 'person')
    assert data[0].class_ids.tolist() == [1] and data[0].label_map.max() == 2


def test_masks_of_a_category_merge_and_the_smaller_object_wins(tmp_path):
    objects = [annotation(1, 1, (10, 10, 4, 4)), annotation(2, 18, (5, 5, 20, 20)),
               annotation(3, 18, (20, 5, 15, 20))]
    for order in (objects, objects[::-1]):
        label_map = first(write(tmp_path, order)).label_map
        assert (label_map[10:14, 10:14] == PERSON).all()
        assert (label_map == PERSON).sum() == 16
        assert (label_map == DOG).sum() == 30 * 20 - 16


def test_crowds_are_ignored_and_difficult(tmp_path):
    crowd = {'size': [30, 40], 'counts': [0, 300, 900]}  # column by column: the first ten
    sample = first(write(tmp_path, [
        annotation(1, 1, (0, 0, 10, 30), iscrowd=1, segmentation=crowd),
        annotation(2, 1, (2, 2, 3, 3))]))
    assert sample.difficult.tolist() == [True, False]
    assert (sample.label_map == 255).sum() == 300 - 9
    assert (sample.label_map[2:5, 2:5] == PERSON).all() and not sample.label_map[:, 10:].any()


def test_run_lengths_mean_the_same_compressed_or_not(tmp_path):
    from faster_coco_eval import mask
    pixels = np.zeros((30, 40), np.uint8, order='F')
    pixels[3:9, 5:8] = 1
    packed = mask.encode(pixels)
    packed = {'size': [30, 40], 'counts': packed['counts'].decode()}
    plain = {'size': [30, 40], 'counts': [5 * 30 + 3, 6, 24, 6, 24, 6, 32 * 30 + 21]}
    for segmentation in (packed, plain):
        sample = first(write(tmp_path, [
            annotation(1, 1, (5, 3, 3, 6), segmentation=segmentation)]))
        np.testing.assert_array_equal(sample.label_map, pixels * PERSON)


def test_image_without_annotations_is_kept_as_background(tmp_path):
    data = open_dataset('coco', write(tmp_path, [annotation(1, 1, (0, 0, 5, 5))]), 'val2017')
    assert len(data) == 2 and data[1].name == '009'
    assert data[1].boxes.shape == (0, 4) and data[1].areas.shape == (0,)
    assert data[1].label_map.shape == (30, 40) and not data[1].label_map.any()


def test_boxes_are_clipped_and_empty_ones_dropped(tmp_path):
    sample = first(write(tmp_path, [
        annotation(1, 1, (-4, 20, 10, 20)), annotation(2, 18, (3, 3, 0, 5)),
        annotation(3, 18, (50, 3, 5, 5)), annotation(4, 18, (3, 3, 5, -2))]))
    np.testing.assert_array_equal(sample.boxes, [[0, 20, 6, 30]])
    assert len(sample.class_ids) == len(sample.areas) == len(sample.difficult) == 1


@pytest.mark.parametrize('nothing', [None, []])
def test_without_any_mask_nobody_labelled(tmp_path, nothing):
    boxes_only = annotation(1, 1, (4.5, 4, 3, 3), segmentation=nothing)
    assert first(write(tmp_path, [boxes_only])).label_map is None
    label_map = first(write(tmp_path, [boxes_only, annotation(2, 18, (20, 20, 5, 5))])).label_map
    assert (label_map[4:7, 4:8] == 255).all() and (label_map == 255).sum() == 12


def test_ids_choose_the_images(tmp_path):
    root = write(tmp_path, [], ids=(7, 9, 11))
    (root / 'minival.txt').write_text('11\n7\n')
    data = open_dataset('coco', root, 'val2017', ids='minival.txt')
    assert [data[index].name for index in range(len(data))] == ['007', '011']
    (root / 'minival.txt').write_text('7\n8\n')
    with pytest.raises(InputError, match=r'minival.txt: image 8 is not in .*json \(1 of 2'):
        first(root, ids='minival.txt')
    (root / 'minival.txt').write_text('7\n009.jpg\n')
    with pytest.raises(InputError, match=r"minival.txt:2: image id '009.jpg', must be a number"):
        first(root, ids='minival.txt')


def test_splits_are_joined_by_a_plus(tmp_path):
    write(tmp_path, [], 'train2014', ids=(1, 2))
    write(tmp_path, [annotation(1, 18, (1, 1, 5, 5))], 'val2014', ids=(7, 9))
    (tmp_path / 'trainval35k.txt').write_text('1\n2\n7')
    data = open_dataset('coco', tmp_path, 'train2014+val2014', ids='trainval35k.txt')
    assert [data[index].name for index in range(len(data))] == ['001', '002', '007']
    assert len(data[2].boxes) == 1


def test_any_instances_file_and_folder_will_do(tmp_path):
    root = write(tmp_path / 'elsewhere', [annotation(1, 18, (1, 1, 5, 5))])
    sample = first(tmp_path, annotations=str(root / 'annotations/instances_val2017.json'),
                   images='elsewhere/val2017')
    assert len(sample.boxes) == 1


def test_images_of_a_list_are_found_in_the_folder_that_has_them(tmp_path):
    write(tmp_path, [], 'val2014')
    path = tmp_path / 'annotations/instances_val2014.json'
    path.rename(path.with_name('instances_minival2014.json'))
    assert len(open_dataset('coco', tmp_path, 'minival2014')) == 2


def test_wrong_root_names_what_was_expected_where(tmp_path):
    with pytest.raises(InputError, match=r'nowhere/annotations/instances_val2017.json is missing: '
                                         r'coco needs .*nowhere does not exist'):
        first(tmp_path / 'nowhere')
    write(tmp_path, [], 'train2017')
    with pytest.raises(InputError, match='splits there: train2017'):
        first(tmp_path)


def test_missing_images_are_named(tmp_path):
    root = write(tmp_path, [])
    (root / 'val2017/009.jpg').unlink()
    with pytest.raises(InputError, match=r'val2017/009.jpg is missing: .*\(1 of 2 are not'):
        first(root)
    (root / 'val2017/007.jpg').unlink()
    with pytest.raises(InputError, match=r'val2017/007.jpg is missing, the first image of'):
        first(root)


@pytest.mark.parametrize('content, message', [
    ('{', 'is no JSON'), ('[]', 'has no list of categories'), ('{"categories": [1]}', 'no list'),
    ('{"categories": [], "images": [{"id": 3}], "annotations": []}', 'image 3 has no file_name'),
    ('{"categories": [], "images": [], "annotations": []}', 'lists no images')])
def test_damaged_file_is_named(tmp_path, content, message):
    (tmp_path / 'instances.json').write_text(content)
    with pytest.raises(InputError, match=f'instances.json.*{message}') as caught:
        first(tmp_path)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('change, message', [
    ({'category_id': 5}, 'annotation 4 has the category 5, which is not'),
    ({'image_id': 5}, 'annotation 4 belongs to image 5, which is not'),
    ({'bbox': [1, 2, 3]}, r'annotation 4 has the bbox \[1, 2, 3\], must be x, y, width, height'),
    ({'bbox': [1, 2, 3, float('nan')]}, 'annotation 4 has the bbox'),
    ({'segmentation': {'size': [30, 41], 'counts': [1230]}},
     r'annotation 4 of image 7 has a segmentation of height and width \[30, 41\]'),
    ({'segmentation': {'size': [30, 40], 'counts': [5, 5]}},
     'annotation 4 of image 7 has a segmentation that is neither'),
    ({'segmentation': {'size': [30, 40], 'counts': 'zzz'}}, 'annotation 4 of image 7 has'),
    ({'segmentation': 'here'}, 'annotation 4 of image 7 has a segmentation that is neither'),
    ({'segmentation': [['a'] * 6]}, 'annotation 4 of image 7 has a segmentation that is neither'),
    ({'segmentation': [[float('nan'), 2, 3, 4, 5, 6]]},
     'annotation 4 of image 7 has a segmentation with the value nan, far outside its image'),
    ({'segmentation': [[1e9, 2, 3, 4, 5, 6]]},
     r'annotation 4 of image 7 has a segmentation with the value 1e\+09, far outside'),
    ({'segmentation': [[1, 2, [3], 4, 5, 6]]}, 'annotation 4 of image 7 has a segmentation that'),
    ({'segmentation': {'size': [30, 40], 'counts': [-5, 1205]}},
     'annotation 4 of image 7 has a segmentation that is neither'),
    ({'segmentation': {'size': [30, 40], 'counts': [10**12]}},
     'annotation 4 of image 7 has a segmentation .*: its runs have 1000000000000 pixels'),
    ({'segmentation': {'size': [30, 40], 'counts': 'o' * 60}}, 'annotation 4 of image 7 has'),
    ({'segmentation': {'size': [30, 40]}}, 'annotation 4 of image 7 has a segmentation that is'),
    ({'segmentation': 5}, 'annotation 4 of image 7 has a segmentation that is neither')])
def test_damaged_entry_is_named(tmp_path, change, message):
    root = write(tmp_path, [{**annotation(4, 1, (1, 1, 5, 5)), **change}])
    with pytest.raises(InputError, match=f'instances_val2017.json: {message}'):
        first(root)


def test_image_of_another_size_is_named(tmp_path):
    root = write(tmp_path, [])
    cv2.imwrite(str(root / 'val2017/007.jpg'), np.zeros((30, 41, 3), np.uint8))
    with pytest.raises(InputError, match=r'007.jpg is 41x30, in .*json it is 40x30'):
        first(root)


def test_more_categories_than_labels_are_refused_with_masks_only(tmp_path):
    many = [{'id': number, 'name': f'thing {number}'} for number in range(1, 301)]
    with pytest.raises(InputError, match='masks of 300 categories, at most 254'):
        first(write(tmp_path, [annotation(1, 18, (1, 1, 5, 5))], categories=many))
    sample = first(write(tmp_path, [annotation(1, 299, (1, 1, 5, 5), segmentation=None)],
                         categories=many))
    assert sample.class_ids.tolist() == [298] and sample.label_map is None


@pytest.fixture(scope='module')
def real(shared_data):
    """Return 100 images of COCO and their instances file."""
    root = shared_data / 'coco100'
    return open_dataset('coco', root, 'val2017'), json.loads(
        (root / 'instances.json').read_text())


def test_real_boxes_are_those_of_the_file(real):
    data, instances = real
    assert len(data) == 100 and data.classes is COCO
    names = {category['id']: category['name'] for category in instances['categories']}
    expected = dict.fromkeys(COCO.detection, 0)
    for entry in instances['annotations']:
        expected[names[entry['category_id']]] += 1
    samples = [data[index] for index in range(100)]
    counts = np.bincount(np.concatenate([sample.class_ids for sample in samples]), minlength=80)
    assert dict(zip(COCO.detection, counts.tolist())) == expected
    assert sum(sample.areas.sum() for sample in samples) == pytest.approx(
        sum(entry['area'] for entry in instances['annotations']))
    assert sum(sample.difficult.sum() for sample in samples) == sum(
        entry['iscrowd'] for entry in instances['annotations'])


def test_real_labels_are_those_of_the_masks(real, shared_data):
    from faster_coco_eval import COCO as Library
    data, instances = real
    library = Library(str(shared_data / 'coco100' / 'instances.json'))
    busiest = max(range(100), key=lambda index: len(data[index].boxes))
    covers = {}
    for entry in library.loadAnns(library.getAnnIds(imgIds=instances['images'][busiest]['id'])):
        label = 255 if entry['iscrowd'] else COCO.segmentation.index(
            library.cats[entry['category_id']]['name'])
        covers[label] = covers.get(label, 0) | library.annToMask(entry)
    label_map = data[busiest].label_map
    alone = sum(covers.values()) == 1
    assert len(covers) > 2 and alone.sum() > 1000
    for label, cover in covers.items():
        np.testing.assert_array_equal(label_map[alone] == label, cover[alone] == 1)
    np.testing.assert_array_equal(label_map == 0, sum(covers.values()) == 0)

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

"""A user's own folder: YOLO or COCO boxes, masks, some of both, and what is said otherwise."""

import json

import cv2
import numpy as np
import pytest

from triplenet_ros.classes import COCO, object_classes, usual_palette
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError

YAML = 'names: [car, dog]\n'
ROAD_YAML = 'names: {0: car, 1: dog}\nsegmentation: [sky, road, car]\n'


def put(path, content):
    """Write text, or pixels as a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        path.write_text(content)
    else:
        cv2.imwrite(str(path), content)


def picture(value=0):
    """Return 40x30 grey pixels of one value."""
    return np.full((30, 40), value, np.uint8)


def instances(**changes):
    """Return an instances file of image a with a ball of one mask."""
    return json.dumps({
        'categories': [{'id': 4, 'name': 'ball'}],
        'images': [{'id': 1, 'file_name': 'a.jpg', 'height': 30, 'width': 40}],
        'annotations': [{'id': 1, 'image_id': 1, 'category_id': 4, 'bbox': [2, 3, 4, 5],
                         'segmentation': [[2, 3, 6, 3, 6, 8, 2, 8]]}], **changes})


@pytest.fixture
def yolo(tmp_path):
    """Return a folder of train with boxes on a, none on b, and no file for c."""
    for name in 'abc':
        put(tmp_path / f'images/train/{name}.jpg', picture(90))
    put(tmp_path / 'labels/train/a.txt', '1 0.5 0.5 0.2 0.4\n\n0 0.05 0.1 0.2 0.2\n')
    put(tmp_path / 'labels/train/b.txt', '')
    put(tmp_path / 'data.yaml', YAML)
    return tmp_path


def read(root, split='train'):
    """Return the samples by name, and the classes."""
    data = open_dataset('folder', root, split)
    return {sample.name: sample for sample in (data[i] for i in range(len(data)))}, data.classes


def test_rows_become_boxes_in_pixels(yolo):
    samples, classes = read(yolo)
    np.testing.assert_allclose(samples['a'].boxes, [[16, 9, 24, 21], [0, 0, 6, 6]], atol=1e-5)
    assert samples['a'].class_ids.tolist() == [1, 0] and samples['a'].image.shape == (30, 40, 3)
    types = [array.dtype for array in (samples['a'].boxes, samples['a'].class_ids,
                                       samples['a'].difficult)]
    assert types == [np.float32, np.int64, bool]
    assert classes == object_classes(('car', 'dog'))


def test_without_a_row_there_is_nothing_and_nobody_labelled(yolo):
    samples, _ = read(yolo)
    assert list(samples) == ['a', 'b', 'c']
    for name in 'bc':
        assert samples[name].boxes.shape == (0, 4) and samples[name].class_ids.shape == (0,)
    assert all(sample.label_map is None for sample in samples.values())


@pytest.mark.parametrize('file, content', [
    ('data.yaml', 'names: {1: dog, 0: car}'), ('data.yaml', 'names:\n- car\n- dog\ntrain: x'),
    ('classes.txt', 'car\ndog\n')])
def test_names_come_from_either_file(yolo, file, content):
    (yolo / 'data.yaml').unlink()
    put(yolo / file, content)
    assert read(yolo)[1].detection == ('car', 'dog')


def test_one_split_needs_no_folder_of_it(yolo):
    for kind in ('images', 'labels'):
        (yolo / kind / 'train').rename(yolo / 'moved')
        (yolo / kind).rmdir()
        (yolo / 'moved').rename(yolo / kind)
    samples, _ = read(yolo, 'val')
    assert len(samples) == 3 and len(samples['a'].boxes) == 2


def test_images_may_have_only_boxes_or_only_masks(yolo):
    put(yolo / 'masks/train/c.png', picture(1))
    put(yolo / 'masks/train/b.png', picture(2))
    put(yolo / 'images/train/d.jpg', picture(90))
    samples, classes = read(yolo)
    assert samples['a'].label_map is None and len(samples['a'].boxes) == 2
    assert (samples['b'].label_map == 2).all() and len(samples['b'].boxes) == 0
    assert (samples['c'].label_map == 1).all() and samples['c'].label_map.dtype == np.uint8
    assert samples['c'].boxes is None, 'there is no text file that says it shows no objects'
    assert samples['d'].label_map is None and len(samples['d'].boxes) == 0
    assert classes.segmentation == ('background', 'car', 'dog')


def test_without_labels_nobody_looked_for_boxes(tmp_path):
    put(tmp_path / 'images/a.png', picture())
    put(tmp_path / 'masks/a.png', picture(255))
    put(tmp_path / 'data.yaml', ROAD_YAML)
    samples, _ = read(tmp_path)
    assert samples['a'].boxes is None and samples['a'].class_ids is None
    assert (samples['a'].label_map == 255).all()


def test_masks_may_have_classes_of_their_own(yolo):
    put(yolo / 'masks/train/a.png', picture(2))
    put(yolo / 'data.yaml', ROAD_YAML)
    classes = read(yolo)[1]
    assert classes.detection == ('car', 'dog') and classes.objects == ('car',)
    assert classes.segmentation == ('sky', 'road', 'car')
    assert classes.palette == usual_palette(classes.segmentation)
    put(yolo / 'data.yaml', ROAD_YAML + 'objects: [road, car]')
    assert read(yolo)[1].objects == ('road', 'car')
    put(yolo / 'data.yaml', ROAD_YAML + 'objects: [dog]')
    with pytest.raises(InputError, match="data.yaml: objects has 'dog', which is not in segm"):
        read(yolo)


@pytest.mark.parametrize('file', ['annotations/train.json', 'annotations/instances_train.json',
                                  'annotations/whatever.json'])
def test_boxes_may_be_those_of_coco(tmp_path, file):
    pytest.importorskip('faster_coco_eval')
    put(tmp_path / 'images/a.jpg', picture())
    put(tmp_path / file, instances())
    samples, classes = read(tmp_path)
    np.testing.assert_array_equal(samples['a'].boxes, [[2, 3, 6, 8]])
    assert classes == object_classes(('ball',)) and samples['a'].label_map.sum() == 20


def test_classes_of_instances_stay_their_own_even_if_coco_knows_them(tmp_path):
    pytest.importorskip('faster_coco_eval')
    put(tmp_path / 'images/a.jpg', picture())
    put(tmp_path / 'annotations/train.json', instances(categories=[{'id': 4, 'name': 'dog'}]))
    assert 'dog' in COCO.detection and read(tmp_path)[1].detection == ('dog',)


def test_masks_come_before_those_of_the_instances(tmp_path):
    pytest.importorskip('faster_coco_eval')
    put(tmp_path / 'images/train/a.jpg', picture())
    put(tmp_path / 'annotations/train.json', instances())
    put(tmp_path / 'masks/train/a.png', picture(1))
    put(tmp_path / 'data.yaml', 'segmentation: [road, grass]')
    samples, classes = read(tmp_path)
    assert (samples['a'].label_map == 1).all() and len(samples['a'].boxes) == 1
    assert classes.detection == ('ball',) and classes.segmentation == ('road', 'grass')
    (tmp_path / 'masks/train/a.png').unlink()
    assert read(tmp_path)[0]['a'].label_map is None


def test_wrong_instances_file_lists_those_there_are(tmp_path):
    for name in ('one', 'two'):
        put(tmp_path / f'annotations/{name}.json', instances())
    put(tmp_path / 'images/a.jpg', picture())
    with pytest.raises(InputError, match=r'annotations/train.json is missing \(there are one'):
        read(tmp_path)


def test_wrong_root_names_what_was_expected_where(tmp_path, yolo):
    with pytest.raises(InputError, match=r'nowhere/images is not a folder: data folder needs '
                                         r'ROOT/images.*ROOT/labels.*nowhere does not exist'):
        read(tmp_path / 'nowhere')
    with pytest.raises(InputError, match=r'images holds no images and no folder val of them '
                                         r'\(folders there: train\)'):
        read(yolo, 'val')


def test_images_without_any_truth_are_refused(tmp_path):
    put(tmp_path / 'images/a.jpg', picture())
    with pytest.raises(InputError, match='images is without truth: data folder needs ROOT/images'):
        read(tmp_path)


@pytest.mark.parametrize('kind, file', [('labels', 'x.txt'), ('masks', 'x.png')])
def test_truth_of_other_images_is_not_taken_for_emptiness(tmp_path, kind, file):
    put(tmp_path / 'images/a.jpg', picture())
    put(tmp_path / kind / file, '')
    with pytest.raises(InputError, match=rf'{kind} has no file for any image .* expected a\.'):
        read(tmp_path)


def test_two_images_of_one_name_are_refused(yolo):
    put(yolo / 'images/train/a.png', picture())
    with pytest.raises(InputError, match='a.png and a.jpg have the same name'):
        read(yolo)


@pytest.mark.parametrize('row, message', [
    ('0 0.5 0.5 0.2', "'0 0.5 0.5 0.2', must be five numbers: class, centre x"),
    ('0 0.5 0.5 0.2 0.2 0.2 0.2 0.2', '.*, must be five numbers'),
    ('0 0.1 0.1 0.9 0.1 0.9 1.2', '1.2 is out of range, corners are fractions'),
    ('car 0.5 0.5 0.2 0.2', "'car 0.5 0.5 0.2 0.2', must be five numbers"),
    ('2 0.5 0.5 0.2 0.2', r'class 2 is out of range, there are 0 \.\. 1'),
    ('-1 0.5 0.5 0.2 0.2', 'class -1 is out of range'),
    ('0.5 0.5 0.5 0.2 0.2', 'class 0.5 is out of range'),
    ('0 20 0.5 0.2 0.2', '20 is out of range, centre and size are fractions'),
    ('0 0.5 0.5 nan 0.2', 'nan is out of range')])
def test_wrong_row_is_named_by_file_and_line(yolo, row, message):
    put(yolo / 'labels/train/a.txt', f'0 0.5 0.5 0.2 0.2\n\n{row}\n')
    with pytest.raises(InputError, match=f'labels/train/a.txt:3: {message}'):
        read(yolo)


def test_boxes_without_an_area_are_dropped(yolo):
    put(yolo / 'labels/train/a.txt', '0 0.5 0.5 0 0.2\n1 0.5 0.5 0.2 0.2\n')
    sample = read(yolo)[0]['a']
    assert sample.class_ids.tolist() == [1] and len(sample.boxes) == len(sample.difficult) == 1


@pytest.mark.parametrize('content, message', [
    ('names: car', "names is 'car', must be a list of names"),
    ('names: {1: car, 2: dog}', 'must be a list of names, or a mapping from 0, 1'),
    ('names: [1, 2]', 'must be a list of names'), ('names: [car, car]', "the class 'car' twice"),
    ('names: [', 'is no YAML'), ('car', 'holds no keys'), ('nc: 2', 'is missing or has no names'),
    ('segmentation: [road]', 'has no names of the classes in')])
def test_wrong_names_are_refused(yolo, content, message):
    put(yolo / 'data.yaml', content)
    with pytest.raises(InputError, match=f'data.yaml:? .*{message}') as caught:
        read(yolo)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('value, size, message', [
    (3, (30, 40), r'a.png holds the label 3, allowed are 0 \.\. 2 and 255'),
    (1, (30, 41), 'a.png is 41x30, its image is 40x30')])
def test_mask_that_does_not_fit_is_named(yolo, value, size, message):
    put(yolo / 'masks/train/a.png', np.full(size, value, np.uint8))
    with pytest.raises(InputError, match=message):
        read(yolo)


def test_damaged_image_is_named(yolo):
    put(yolo / 'images/train/b.jpg', 'no image')
    with pytest.raises(InputError, match='train/b.jpg is not an image'):
        read(yolo)


@pytest.mark.parametrize('kind', ['.txt', '.yaml'])
@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16'])
def test_byte_order_marks_and_line_ends_of_windows_do_no_harm(yolo, encoding, kind):
    if kind == '.txt':
        (yolo / 'data.yaml').unlink()
        (yolo / 'classes.txt').write_bytes('car\r\ndog\r\n'.encode(encoding))
    else:
        (yolo / 'data.yaml').write_bytes('names:\r\n- car\r\n- dog\r\n'.encode(encoding))
    (yolo / 'labels/train/a.txt').write_bytes('1 0.5 0.5 0.2 0.4\r\n'.encode(encoding))
    samples, classes = read(yolo)
    assert classes.detection == ('car', 'dog') and samples['a'].class_ids.tolist() == [1]


@pytest.mark.parametrize('name', ['c\x1b[31mr', 'a\u2028b', '\ud800'])
def test_class_that_cannot_be_printed_is_refused(yolo, name):
    put(yolo / 'data.yaml', json.dumps({'names': [name]}))
    with pytest.raises(InputError, match='printed|no YAML'):
        read(yolo)


def test_sixth_number_of_a_box_is_passed_over(yolo):
    put(yolo / 'labels/train/a.txt', '1 0.5 0.5 0.2 0.4 0.87\n0 0.05 0.1 0.2 0.2 12\n')
    sample = read(yolo)[0]['a']
    np.testing.assert_allclose(sample.boxes, [[16, 9, 24, 21], [0, 0, 6, 6]], atol=1e-5)
    assert sample.label_map is None


@pytest.mark.parametrize('shape', [2, 3])
def test_keypoints_that_follow_a_box_are_no_outline(yolo, shape):
    text = (yolo / 'data.yaml').read_text()
    put(yolo / 'data.yaml', f'{text}kpt_shape: [17, {shape}]\n')
    put(yolo / 'labels/train/a.txt', '1 0.5 0.5 0.2 0.4' + 17 * shape * ' 0.9' + '\n')
    sample = read(yolo)[0]['a']
    np.testing.assert_allclose(sample.boxes, [[16, 9, 24, 21]], atol=1e-5)
    assert sample.label_map is None


def test_outlines_give_boxes_and_labels(yolo):
    square, triangle = '0 0.25 0.2 0.75 0.2 0.75 0.8 0.25 0.8', '1 0.5 0.4 0.6 0.4 0.55 0.6'
    put(yolo / 'labels/train/a.txt', f'{square}\n{triangle}\n1 0.05 0.1 0.1 0.2\n')
    samples, classes = read(yolo)
    sample = samples['a']
    np.testing.assert_allclose(
        sample.boxes, [[10, 6, 30, 24], [20, 12, 24, 18], [0, 0, 4, 6]], atol=1e-4)
    labels = sample.label_map
    assert classes.segmentation == ('background', 'car', 'dog')
    expected = np.zeros((30, 40), np.uint8)
    expected[6:24, 10:30] = 1
    expected[0:6, 0:4] = 255
    inner = labels[7:23, 11:29]
    assert set(np.unique(inner)) == {1, 2} and 6 <= (labels == 2).sum() <= 24
    assert (labels[11:19, 19:25] == 2).sum() == (labels == 2).sum()
    outside = np.ones_like(labels, bool)
    outside[5:25, 9:31] = False
    np.testing.assert_array_equal(labels[outside], expected[outside])
    assert abs(sample.areas[0] - 18 * 20) < 40 and sample.areas[2] == 24
    assert samples['b'].label_map is None, 'nobody drew outlines there'


def test_masks_come_before_outlines(yolo):
    put(yolo / 'labels/train/a.txt', '0 0.25 0.2 0.75 0.2 0.75 0.8 0.25 0.8')
    put(yolo / 'masks/train/a.png', picture(2))
    assert (read(yolo)[0]['a'].label_map == 2).all()


def test_corners_rounded_over_the_edge_are_on_it(yolo):
    put(yolo / 'labels/train/a.txt', '0 -0.0004 0 1.0004 0 1 1 0 1.0002')
    np.testing.assert_array_equal(read(yolo)[0]['a'].boxes, [[0, 0, 40, 30]])


ROBOFLOW = 'train: ../train/images\nval: ../valid/images\nnc: 2\nnames: [car, dog]\n'


@pytest.fixture
def roboflow(tmp_path):
    """Return the layout of Roboflow's exports for YOLO."""
    for split, name in (('train', 'a'), ('valid', 'b')):
        put(tmp_path / f'{split}/images/{name}_jpg.rf.0a1b.jpg', picture(90))
        put(tmp_path / f'{split}/labels/{name}_jpg.rf.0a1b.txt', '1 0.5 0.5 0.2 0.4')
    put(tmp_path / 'data.yaml', ROBOFLOW)
    return tmp_path


@pytest.mark.parametrize('split, name', [
    ('train', 'a_jpg.rf.0a1b'), ('val', 'b_jpg.rf.0a1b'), ('valid', 'b_jpg.rf.0a1b')])
def test_split_may_stand_before_images(roboflow, split, name):
    samples, classes = read(roboflow, split)
    assert list(samples) == [name] and len(samples[name].boxes) == 1
    assert classes.detection == ('car', 'dog')


@pytest.mark.parametrize('said', ['pictures/images', '../pictures/images', '[pictures/images]'])
def test_data_yaml_may_say_where_a_split_is(roboflow, said):
    (roboflow / 'valid').rename(roboflow / 'pictures')
    put(roboflow / 'data.yaml', ROBOFLOW.replace('../valid/images', said))
    assert list(read(roboflow, 'val')[0]) == ['b_jpg.rf.0a1b']


def test_instances_of_roboflow_lie_beside_their_images(tmp_path):
    pytest.importorskip('faster_coco_eval')
    put(tmp_path / 'valid/a.jpg', picture())
    put(tmp_path / 'valid/_annotations.coco.json', instances())
    assert len(read(tmp_path, 'val')[0]['a'].boxes) == 1


@pytest.mark.parametrize('kind, name', [
    ('labels', 'a.png.txt'), ('labels', 'a.TXT'), ('masks', 'a_mask.png'), ('masks', 'c.PNG'),
    ('masks', 'a.jpg')])
def test_truth_that_nobody_reads_is_told(yolo, told, kind, name):
    put(yolo / 'masks/train/b.png', picture(2))
    put(yolo / f'{kind}/train/{name}', '')
    read(yolo)
    assert f'{kind}/train: 1 files belong to no image and are not read, {name} is one' in told.text


def test_what_tools_leave_beside_labels_needs_no_word(yolo, told):
    for name in ('classes.txt', 'train.cache', '._a.txt'):
        put(yolo / 'labels/train' / name, 'car\ndog\n')
    put(yolo / 'images/train/._a.jpg', 'x')
    samples, _ = read(yolo)
    assert len(samples) == 3
    assert 'belong to no image' not in told.text
    assert '1 files that macOS keeps beside others are passed over, ._a.jpg is one' in told.text


def test_twelve_bits_of_an_image_are_scaled_and_told(yolo, told):
    from triplenet_ros.data import imagefile
    imagefile._tell_once.cache_clear()
    put(yolo / 'images/train/d.png', np.full((30, 40), 4000, np.uint16))
    samples, _ = read(yolo)
    assert (samples['d'].image == 4000 >> 4).all()
    assert 'taken as 12 bits' in told.text


def test_image_larger_than_any_cameras_is_refused(yolo, monkeypatch):
    monkeypatch.setattr('triplenet_ros.data.imagefile.MAX_PIXELS', 1000)
    with pytest.raises(InputError, match='a.jpg has more than 1000 pixels'):
        read(yolo)

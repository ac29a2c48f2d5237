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

"""PASCAL VOC: the devkit's files to samples, and what is said when they do not fit."""

import cv2
import numpy as np
from PIL import Image
import pytest

from triplenet_ros.classes import VOC, voc_palette
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError

DOG, PERSON = (VOC.segmentation.index(name) for name in ('dog', 'person'))
BOXES = """
  <object><name>dog</name><difficult>0</difficult>
    <bndbox><xmin>1</xmin><ymin>3</ymin><xmax>10</xmax><ymax>30</ymax></bndbox></object>
  <object><name>person</name><difficult>1</difficult>
    <bndbox><xmax>40</xmax><xmin>11.5</xmin><ymax>20</ymax><ymin>6</ymin></bndbox>
    <part><name>head</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>5</xmax><ymax>5</ymax>
    </bndbox></part></object>
"""


def add_image(year, name, objects=''):
    """Write an image of 40x30 and its annotation."""
    cv2.imwrite(str(year / f'JPEGImages/{name}.jpg'), np.full((30, 40, 3), 90, np.uint8))
    (year / f'Annotations/{name}.xml').write_text(
        f'<annotation><filename>{name}.jpg</filename>{objects}</annotation>')


def add_mask(year, name, label):
    """Write a mask in VOC's colours: one column of void, the others of one class."""
    labels = np.full((30, 40), label, np.uint8)
    labels[:, 0] = 255
    picture = Image.fromarray(labels)
    picture.putpalette(np.array(voc_palette(256), np.uint8).tobytes())
    picture.save(year / f'SegmentationClass/{name}.png')


def add_list(year, lists, split, names):
    """Write a list of images."""
    (year / f'ImageSets/{lists}/{split}.txt').write_text('\n'.join(names) + '\n')


@pytest.fixture
def devkit(tmp_path):
    """Return VOCdevkit with three images of 2012: a and b for detection, b and c with masks."""
    year = tmp_path / 'VOCdevkit' / 'VOC2012'
    for folder in ('ImageSets/Main', 'ImageSets/Segmentation', 'JPEGImages', 'Annotations',
                   'SegmentationClass'):
        (year / folder).mkdir(parents=True)
    add_image(year, 'a', BOXES)
    add_image(year, 'b')
    add_image(year, 'c')
    add_mask(year, 'b', DOG)
    add_mask(year, 'c', PERSON)
    add_list(year, 'Main', 'train', ['a', 'b'])
    add_list(year, 'Segmentation', 'train', ['b'])
    add_list(year, 'Segmentation', 'val', ['c'])
    return year.parent


@pytest.fixture
def sbd(tmp_path):
    """Return the folder of SBD: masks of aeroplanes for a, of another size for b, for c."""
    io = pytest.importorskip('scipy.io')
    folder = tmp_path / 'sbd' / 'dataset'
    (folder / 'cls').mkdir(parents=True)
    for name, width in (('a', 40), ('b', 39), ('c', 40)):
        mask = np.ones((30, width), np.uint8)
        mask[:3] = 0
        # As in the release: a struct whose fields hold cells and arrays.
        io.savemat(folder / f'cls/{name}.mat', {'GTcls': {
            'Boundaries': np.zeros((20, 1), object), 'Segmentation': mask,
            'CategoriesPresent': np.array([1], np.uint8)}})
    (folder / 'train.txt').write_text('a\n')
    (folder / 'val.txt').write_text('b\nc\n')
    return folder


def names(data):
    """Return the names of all samples."""
    return [data[index].name for index in range(len(data))]


def test_corners_counted_from_one_become_edges(devkit):
    sample = open_dataset('voc2012', devkit, 'train')[0]
    np.testing.assert_array_equal(sample.boxes, [[0, 2, 10, 30], [10.5, 5, 40, 20]])
    assert [VOC.detection[index] for index in sample.class_ids] == ['dog', 'person']
    assert sample.difficult.tolist() == [False, True]
    types = [array.dtype for array in (sample.boxes, sample.class_ids, sample.difficult)]
    assert types == [np.float32, np.int64, bool]
    assert sample.areas is None and sample.image.shape == (30, 40, 3)


def test_images_have_labels_where_their_mask_exists(devkit):
    without, labelled = open_dataset('voc2012', devkit, 'train')
    assert without.label_map is None
    assert (labelled.label_map[:, 1:] == DOG).all() and (labelled.label_map[:, 0] == 255).all()
    assert labelled.boxes.shape == (0, 4) and labelled.label_map.dtype == np.uint8


def test_boxes_beyond_the_image_are_clipped(devkit):
    add_image(devkit / 'VOC2012', 'a', BOXES.replace('>40<', '>45<').replace('>1<', '>0<'))
    sample = open_dataset('voc2012', devkit, 'train')[0]
    np.testing.assert_array_equal(sample.boxes, [[0, 2, 10, 30], [10.5, 5, 40, 20]])


def test_lists_of_segmentation_are_chosen_by_the_option(devkit):
    assert names(open_dataset('voc2012', devkit, 'train')) == ['a', 'b']
    assert names(open_dataset('voc2012', devkit, 'val', lists='Segmentation')) == ['c']
    with pytest.raises(InputError, match="lists is 'Action', must be one of Main, Segmentation"):
        open_dataset('voc2012', devkit, 'train', lists='Action')


def test_masks_of_sbd_fill_in_where_voc_has_none(devkit, sbd):
    first, second = open_dataset('voc2012', devkit, 'train', sbd=str(sbd))
    assert (first.label_map[3:] == 1).all() and not first.label_map[:3].any()
    assert first.label_map.dtype == np.uint8
    assert (second.label_map[:, 1:] == DOG).all()


def test_sbd_may_be_given_relative_to_the_root(devkit, sbd):
    assert len(open_dataset('voc2012', devkit, 'train', sbd='../sbd/dataset')) == 2
    with pytest.raises(InputError, match=r'VOCdevkit/sbd/cls is not a folder: sbd is the folder'):
        open_dataset('voc2012', devkit, 'train', sbd='sbd')


def test_trainaug_is_train_and_sbd_without_val(devkit, sbd):
    year = devkit / 'VOC2012'
    for name in 'defgh':
        add_image(year, name)
    add_list(year, 'Segmentation', 'train', ['b', 'd', 'e'])
    add_list(year, 'Segmentation', 'val', ['c', 'f'])
    (sbd / 'train.txt').write_text('a\nd\nf\n')
    (sbd / 'val.txt').write_text('c\ng\n')
    data = open_dataset('voc2012', devkit, 'trainaug', sbd=str(sbd))
    assert names(data) == ['a', 'b', 'd', 'e', 'g']
    assert data[0].label_map.max() == 1


def test_trainaug_without_sbd_says_what_is_needed(devkit):
    with pytest.raises(InputError, match='trainaug is made with the masks of SBD: give .* sbd'):
        open_dataset('voc2012', devkit, 'trainaug')


@pytest.mark.parametrize('root', ['VOCdevkit', 'VOCdevkit/VOC2012', '.'])
def test_root_may_be_above_or_below_the_devkit(devkit, root):
    assert len(open_dataset('voc2012', devkit.parent / root, 'train')) == 2


@pytest.mark.parametrize('root', ['VOCdevkit', 'VOCdevkit/VOC2012', '.', 'nowhere'])
def test_wrong_root_names_what_was_expected_where(devkit, root):
    with pytest.raises(InputError, match=r'VOC2007/ImageSets is not a folder: voc2007 needs '
                                         r'VOCdevkit, which holds VOC2007/ .*') as caught:
        open_dataset('voc2007', devkit.parent / root, 'train')
    assert ('does not exist' in str(caught.value)) == (root == 'nowhere')


def test_wrong_split_lists_the_splits_there_are(devkit):
    add_list(devkit / 'VOC2012', 'Main', 'bus_train', ['a  1'])
    with pytest.raises(InputError, match=r'Main/test.txt is missing \(splits there: train\)'):
        open_dataset('voc2012', devkit, 'test')
    with pytest.raises(InputError, match=r"bus_train.txt:1: 'a  1', must be the name of an image"):
        open_dataset('voc2012', devkit, 'bus_train')


@pytest.mark.parametrize('file', ['JPEGImages/b.jpg', 'Annotations/b.xml'])
def test_missing_file_is_named(devkit, file):
    (devkit / 'VOC2012' / file).unlink()
    with pytest.raises(InputError, match=rf'{file} is missing: .*\(1 of 2'):
        open_dataset('voc2012', devkit, 'train')


@pytest.mark.parametrize('content, message', [
    ('<annotation>', 'is not an annotation of VOC'), ('', 'is not an annotation of VOC'),
    (f'<a>{BOXES.replace(">1<", ">left<")}</a>', 'is not an annotation of VOC'),
    (f'<a>{BOXES.replace(">1<", ">nan<")}</a>', 'has a box with a corner that'),
    (f'<a>{BOXES.replace("ymin", "top")}</a>', 'is not an annotation of VOC'),
    (f'<a>{BOXES.replace("dog", "wolf")}</a>', "has an object 'wolf', which is not a class")])
def test_damaged_annotation_is_named(devkit, content, message):
    (devkit / 'VOC2012/Annotations/a.xml').write_text(content)
    with pytest.raises(InputError, match=rf'Annotations/a.xml {message}') as caught:
        open_dataset('voc2012', devkit, 'train')[0]
    assert '\n' not in str(caught.value)


def test_mask_that_does_not_fit_is_named(devkit, sbd):
    path = devkit / 'VOC2012/SegmentationClass/b.png'
    cv2.imwrite(str(path), np.full((30, 40), 21, np.uint8))
    with pytest.raises(InputError, match='b.png holds the label 21, allowed are 0 .. 20 and 255'):
        open_dataset('voc2012', devkit, 'train')[1]
    path.unlink()
    with pytest.raises(InputError, match='cls/b.mat is 39x30, its image is 40x30'):
        open_dataset('voc2012', devkit, 'train', sbd=str(sbd))[1]


@pytest.mark.parametrize('content', [b'', b'no matrix' * 100])
def test_damaged_sbd_file_is_named(devkit, sbd, content):
    (sbd / 'cls/a.mat').write_bytes(content)
    with pytest.raises(InputError, match=r'cls/a.mat is not a mask of SBD'):
        open_dataset('voc2012', devkit, 'train', sbd=str(sbd))[0]


def test_missing_lists_of_sbd_are_named(devkit, sbd):
    (sbd / 'val.txt').unlink()
    with pytest.raises(InputError, match=r'dataset/val.txt is missing'):
        open_dataset('voc2012', devkit, 'trainaug', sbd=str(sbd))

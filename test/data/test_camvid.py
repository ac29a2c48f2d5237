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

"""CamVid: files to samples, and what is said when they do not fit."""

import cv2
import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.data.camvid import CamVid, derived_boxes
from triplenet_ros.errors import InputError

CAR = CAMVID.segmentation.index('car')
PEDESTRIAN = CAMVID.segmentation.index('pedestrian')
ROAD = CAMVID.segmentation.index('road')


@pytest.fixture
def root(tmp_path):
    """Two frames of 64x48; the first shows a car on a road under something unlabelled."""
    for folder in ('images', 'labels'):
        (tmp_path / 'val' / folder).mkdir(parents=True)
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 0] = 200  # red, in RGB
    label = np.full((48, 64), ROAD, np.uint8)
    label[:8] = 11
    label[20:32, 10:26] = CAR
    for name, labels in (('a', label), ('b', np.full((48, 64), ROAD, np.uint8))):
        cv2.imwrite(str(tmp_path / f'val/images/{name}.png'), image[..., ::-1])
        cv2.imwrite(str(tmp_path / f'val/labels/{name}.png'), labels)
    return tmp_path


def test_sample_has_rgb_image_labels_and_boxes(root):
    data = CamVid(root, 'val')
    sample = data[0]
    assert len(data) == 2 and data.classes is CAMVID and sample.name == 'a'
    assert sample.image.shape == (48, 64, 3) and tuple(sample.image[0, 0]) == (200, 0, 0)
    np.testing.assert_array_equal(sample.boxes, [[10, 20, 26, 32]])
    assert sample.boxes.dtype == np.float32
    np.testing.assert_array_equal(sample.class_ids, [CAMVID.detection.index('car')])
    assert sample.class_ids.dtype == np.int64 and not sample.difficult.any()


def test_label_11_becomes_unlabelled(root):
    label_map = CamVid(root, 'val')[0].label_map
    assert label_map.dtype == np.uint8
    assert (label_map[:8] == 255).all() and set(np.unique(label_map)) == {ROAD, CAR, 255}


def test_frame_without_objects_has_zero_boxes_not_none(root):
    sample = CamVid(root, 'val')[1]
    assert sample.boxes.shape == (0, 4) and sample.class_ids.shape == (0,)


@pytest.mark.parametrize('width, height, kept', [(16, 12, True), (15, 12, False), (16, 11, False)])
def test_box_below_16_by_12_is_left_out(width, height, kept):
    label_map = np.full((40, 40), ROAD, np.uint8)
    label_map[5:5 + height, 7:7 + width] = CAR
    assert len(derived_boxes(label_map)[0]) == int(kept)


@pytest.mark.parametrize('pixels, kept', [(60, True), (59, False)])
def test_component_below_60_pixels_is_left_out(pixels, kept):
    label_map = np.full((40, 40), ROAD, np.uint8)
    label_map[:1, :30] = CAR
    label_map[:31, :1] = CAR
    assert (label_map == CAR).sum() == 60
    if pixels == 59:
        label_map[30, 0] = ROAD
    assert len(derived_boxes(label_map)[0]) == int(kept)


def test_diagonal_neighbours_are_one_object_and_classes_stay_apart():
    label_map = np.full((60, 80), ROAD, np.uint8)
    label_map[0:15, 0:20] = CAR
    label_map[15:30, 20:40] = CAR  # touches the first at a corner
    label_map[0:15, 20:40] = PEDESTRIAN  # touches both along edges
    boxes, class_ids = derived_boxes(label_map)
    np.testing.assert_array_equal(boxes, [[0, 0, 40, 30], [20, 0, 40, 15]])
    assert [CAMVID.detection[i] for i in class_ids] == ['car', 'pedestrian']


def test_wrong_root_names_what_was_expected_where(tmp_path):
    with pytest.raises(InputError, match=r'nowhere/val/images .* camvid needs .*does not exist'):
        CamVid(tmp_path / 'nowhere', 'val')


def test_wrong_split_lists_the_splits_there_are(root):
    with pytest.raises(InputError, match=r'evening/images is not a folder.*splits there: val'):
        CamVid(root, 'evening')


def test_missing_label_names_the_file(root):
    (root / 'val/labels/b.png').unlink()
    with pytest.raises(InputError, match=r'labels/b.png is missing'):
        CamVid(root, 'val')


def test_label_of_another_size_names_file_and_sizes(root):
    cv2.imwrite(str(root / 'val/labels/b.png'), np.zeros((48, 60), np.uint8))
    with pytest.raises(InputError, match=r'b.png is 60x48, its image is 64x48'):
        CamVid(root, 'val')[1]


def test_label_out_of_range_names_file_and_value(root):
    cv2.imwrite(str(root / 'val/labels/b.png'), np.full((48, 64), 12, np.uint8))
    with pytest.raises(InputError, match=r'b.png holds the label 12, allowed are 0 .. 11'):
        CamVid(root, 'val')[1]


def test_coloured_label_is_refused(root):
    cv2.imwrite(str(root / 'val/labels/b.png'), np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(InputError, match=r'b.png is not a label image: its pixels are RGB'):
        CamVid(root, 'val')[1]


@pytest.mark.parametrize('content', [b'', b'not an image'])
@pytest.mark.parametrize('folder', ['images', 'labels'])
def test_damaged_file_is_named(root, folder, content):
    (root / f'val/{folder}/b.png').write_bytes(content)
    with pytest.raises(InputError, match=rf'{folder}/b.png is not .* decoded'):
        CamVid(root, 'val')[1]


def test_empty_image_folder_is_refused(tmp_path):
    for folder in ('images', 'labels'):
        (tmp_path / 'train' / folder).mkdir(parents=True)
    with pytest.raises(InputError, match='holds no images'):
        CamVid(tmp_path, 'train')


def test_the_real_set_is_read(shared_data):
    train, val = (CamVid(shared_data / 'camvid', split) for split in ('train', 'val'))
    assert (len(train), len(val)) == (367, 101)
    sample = val[0]
    assert sample.image.shape == (360, 480, 3) and sample.label_map.shape == (360, 480)
    assert set(np.unique(sample.label_map)) <= {*range(11), 255}
    assert len(sample.boxes) == len(sample.class_ids)

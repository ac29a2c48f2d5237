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

"""Generated scenes: repeatable, exact, of any size, and like roads."""

import cv2
import numpy as np
import pytest

from triplenet_ros.classes import CAMVID, UNLABELLED
from triplenet_ros.errors import InputError
from triplenet_ros.scenes import Scenes

SIZE = {'height': 120, 'width': 160}


@pytest.fixture(scope='module')
def samples():
    """Return two dozen small scenes."""
    scenes = Scenes(count=24, seed=1, **SIZE)
    return [scenes[index] for index in range(len(scenes))]


def _same(first, second):
    return all(np.array_equal(getattr(first, name), getattr(second, name))
               for name in ('image', 'boxes', 'class_ids', 'label_map'))


def test_same_arguments_give_the_same_bytes_in_any_order():
    forwards = Scenes(count=3, seed=4, **SIZE)
    first = [forwards[index] for index in (0, 1, 2)]
    backwards = Scenes(count=9, seed=4, **SIZE)
    for index in (2, 0, 1):
        assert _same(first[index], backwards[index])


def test_bytes_do_not_depend_on_the_number_of_threads():
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        single = Scenes(count=1, seed=4)[0]
        cv2.setNumThreads(4)
        assert _same(single, Scenes(count=1, seed=4)[0])
    finally:
        cv2.setNumThreads(before)


def test_global_random_state_is_neither_read_nor_changed():
    np.random.seed(1)
    state = np.random.get_state()[1].copy()
    first = Scenes(count=1, **SIZE)[0]
    assert np.array_equal(state, np.random.get_state()[1])
    np.random.seed(2)
    assert _same(first, Scenes(count=1, **SIZE)[0])


def test_other_index_or_seed_gives_another_picture():
    scenes = Scenes(count=2, seed=0, **SIZE)
    assert not np.array_equal(scenes[0].image, scenes[1].image)
    assert not np.array_equal(scenes[0].image, Scenes(count=1, seed=1, **SIZE)[0].image)


def test_names_are_unique_and_tell_seed_and_index(samples):
    assert samples[12].name == 'scene-1-000012'
    assert len({sample.name for sample in samples}) == len(samples)


def test_arrays_have_the_types_and_shapes_of_a_sample(samples):
    for sample in samples:
        count = len(sample.boxes)
        assert sample.image.shape == (120, 160, 3) and sample.image.dtype == np.uint8
        assert sample.image.flags.c_contiguous
        assert sample.label_map.shape == (120, 160) and sample.label_map.dtype == np.uint8
        assert sample.boxes.shape == (count, 4) and sample.boxes.dtype == np.float32
        assert sample.class_ids.shape == (count,) and sample.class_ids.dtype == np.int64
        assert sample.difficult.shape == (count,) and sample.difficult.dtype == bool


def test_labels_are_camvid_classes_or_unlabelled(samples):
    seen = np.unique(np.concatenate([np.unique(sample.label_map) for sample in samples]))
    assert set(seen.tolist()) <= {*range(len(CAMVID.segmentation)), UNLABELLED}


def test_a_set_shows_all_classes(samples):
    labels = set(np.unique(np.concatenate([np.unique(sample.label_map) for sample in samples])))
    assert labels >= set(range(len(CAMVID.segmentation)))
    boxes = set(np.concatenate([sample.class_ids for sample in samples]).tolist())
    assert boxes == set(range(len(CAMVID.detection)))


def test_boxes_lie_inside_and_are_not_empty(samples):
    assert sum(len(sample.boxes) for sample in samples) > len(samples)
    for sample in samples:
        x1, y1, x2, y2 = sample.boxes.T
        assert (x1 >= 0).all() and (y1 >= 0).all() and (x2 <= 160).all() and (y2 <= 120).all()
        assert (x2 - x1 >= 3).all() and (y2 - y1 >= 3).all()


def test_labelled_pixels_of_its_class_touch_all_sides_of_a_box(samples):
    for sample in samples:
        for box, class_id in zip(sample.boxes.astype(int), sample.class_ids):
            label = CAMVID.segmentation.index(CAMVID.detection[class_id])
            x1, y1, x2, y2 = box
            inside = sample.label_map[y1:y2, x1:x2] == label
            assert inside[0].any() and inside[-1].any()
            assert inside[:, 0].any() and inside[:, -1].any()


def test_road_fills_the_lower_middle(samples):
    share = [np.mean(np.isin(sample.label_map[90:112, 50:110], (3, 8, 9, 10, UNLABELLED)))
             for sample in samples]
    road = [np.mean(sample.label_map[90:112, 50:110] == 3) for sample in samples]
    assert min(share) > 0.7 and np.mean(road) > 0.7


def test_sky_is_above_and_never_below_the_road(samples):
    for sample in samples:
        assert not (sample.label_map[100:] == 0).any()
    assert np.mean([np.mean(sample.label_map[:20] == 0) for sample in samples]) > 0.2


@pytest.mark.parametrize('height, width', [(540, 960), (375, 1242), (301, 517), (97, 33),
                                           (16, 16), (200, 40)])
def test_any_size_works(height, width):
    sample = Scenes(count=1, seed=2, height=height, width=width)[0]
    assert sample.image.shape == (height, width, 3)
    assert sample.label_map.shape == (height, width)
    assert (sample.boxes[:, 2:] <= (width, height)).all()


def test_negative_index_counts_from_the_end_and_others_are_refused():
    scenes = Scenes(count=2, **SIZE)
    assert scenes[-1].name == 'scene-0-000001'
    with pytest.raises(IndexError):
        scenes[2]


@pytest.mark.parametrize('wrong', [{'count': -1}, {'count': 1, 'seed': -3},
                                   {'count': 1, 'height': 4}, {'count': 1, 'width': 99999}])
def test_bad_numbers_are_refused_with_one_line_that_names_them(wrong):
    with pytest.raises(InputError) as caught:
        Scenes(**wrong)
    assert '\n' not in str(caught.value)
    assert str([value for key, value in wrong.items()][-1]) in str(caught.value)

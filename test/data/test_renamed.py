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

"""Data under other names are the same data."""

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID, ClassSet
from triplenet_ros.data.renamed import RenamedSet
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.run import score_images
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

VRU = {'pedestrian': 'vru', 'bicyclist': 'vru', 'tree': 'pole'}


class Frame(list):
    """A frame with a pixel of every class of CamVid, and one of none, and a box of each kind."""

    classes, truth_of_boxes = CAMVID, 'derived boxes'

    def __init__(self):
        labels = np.uint8([[*range(len(CAMVID.segmentation)), 255]])
        super().__init__([
            Sample('a', np.zeros((1, 12, 3), np.uint8), np.float32([[0, 0, 4, 1]] * 3),
                   np.arange(3), label_map=labels),
            Sample('b', np.zeros((1, 12, 3), np.uint8))])


def test_several_classes_become_one_in_its_first_place_and_colour():
    classes = RenamedSet(Frame(), VRU).classes
    assert classes.detection == ('car', 'vru')
    assert classes.segmentation == ('sky', 'building', 'pole', 'road', 'pavement', 'sign',
                                    'fence', 'car', 'vru')
    assert classes.objects == ('car', 'vru')
    colour = dict(zip(CAMVID.segmentation, CAMVID.palette))
    assert classes.palette == (*(colour[name] for name in classes.segmentation[:-1]),
                               colour['pedestrian'])


def test_every_box_and_pixel_keeps_its_class_under_the_new_name():
    dataset = RenamedSet(Frame(), VRU)
    names = np.array([*dataset.classes.segmentation, *['unlabelled'] * 247])
    found = names[dataset[0].label_map[0]].tolist()
    assert found == [VRU.get(name, name) for name in CAMVID.segmentation] + ['unlabelled']
    assert dataset[0].class_ids.tolist() == [0, 1, 1]
    assert dataset[1].class_ids is dataset[1].label_map is None
    assert len(dataset) == 2 and dataset.truth_of_boxes == 'derived boxes'
    assert np.array_equal(Frame()[0].label_map[0, :11], np.arange(11))  # the data's own stay


def test_more_objects_than_labels_can_only_be_boxes_under_other_names_too():
    class Boxes(list):
        classes = ClassSet(('a', 'b'), (), (), ())

    assert RenamedSet(Boxes(), {'b': 'a'}).classes == ClassSet(('a',), (), (), ())


def test_a_misspelt_class_is_refused():
    with pytest.raises(InputError, match="rename maps 'pedestrain', which is no class here"):
        RenamedSet(Frame(), {'pedestrain': 'person'})
    with pytest.raises(InputError, match="rename maps 'pedestrain', which is no class here"):
        open_dataset('scenes', count=1, rename={'pedestrain': 'person'})


@pytest.mark.parametrize('rename, message', [
    ('camvid_to_cityscape', r"no class mapping 'camvid_to_cityscape' \(did you mean camvid_to_c"),
    (['pedestrian'], r"data scenes: rename is \['pedestrian'\], must be names to names"),
    ({'pedestrian': 3}, "data scenes: rename maps 'pedestrian' to 3, must be name to name"),
    (None, 'data scenes: rename is None, must be names to names'),
    ({'pedestrian': 'a\nb'}, r"a class is named 'a\\nb', must be text that can be printed")])
def test_what_is_no_mapping_is_refused(rename, message):
    with pytest.raises(InputError, match=message):
        open_dataset('scenes', count=1, rename=rename)


class Says:
    """A network that calls every pixel and the box of everything what it is told to."""

    def __init__(self, name, dataset):
        self.classes, self.name, self.dataset = CAMVID, name, dataset

    def stream(self, images):
        boxes = self.dataset[0].boxes[:1]
        for image in images:
            label = np.full(image.shape[:2], CAMVID.segmentation.index(self.name), np.uint8)
            yield Prediction(boxes, np.ones(1, np.float32),
                             np.int64([CAMVID.detection.index(self.name)]), label, None, CAMVID)


@pytest.mark.parametrize('said, right', [('bicyclist', 1.0), ('pedestrian', 0.0)])
def test_truth_under_another_name_is_scored_by_that_name_alone(said, right):
    class Pedestrian(list):
        """All of it is a pedestrian, which it calls a bicyclist."""

        classes = CAMVID

    label = CAMVID.segmentation.index('pedestrian')
    dataset = RenamedSet(Pedestrian([Sample(
        'a', np.zeros((4, 6, 3), np.uint8), np.float32([[1, 1, 5, 4]]), np.int64([1]),
        label_map=np.full((4, 6), label, np.uint8))]), {'pedestrian': 'bicyclist'})
    figures = score_images(Says(said, dataset), dataset).compute()
    assert figures['detection']['mAP50'] == figures['segmentation']['mIoU'] == right

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

"""Samples become batches in the network's classes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from triplenet_ros.classes import CAMVID, CITYSCAPES, VOC
from triplenet_ros.data.renamed import RenamedSet
from triplenet_ros.errors import InputError
from triplenet_ros.network.registry import NETWORKS
from triplenet_ros.sample import Sample
from triplenet_ros.training.batch import collate
from triplenet_ros.training.example import IGNORED, to_example
from triplenet_ros.training.examples import (
    balanced_weights, class_table, label_table, open_training_data, TrainingExamples)

IDENTITY = class_table(CAMVID, CAMVID), label_table(CAMVID, CAMVID)


def sample(name='a', boxes=1, **changes):
    """Return a small image of road with some cars."""
    return replace(Sample(
        name, np.zeros((8, 10, 3), np.uint8), np.tile(np.float32([[1, 2, 5, 6]]), (boxes, 1)),
        np.zeros(boxes, np.int64), label_map=np.full((8, 10), 3, np.uint8)), **changes)


class Samples(list):
    """A data set of given samples."""

    classes = CAMVID


def examples_of(*samples, classes=CAMVID, rename=()):
    """Return samples of CamVid's classes as a training set of a network's."""
    config = NETWORKS['triplenet-drive'].evolve(classes=classes)
    dataset = RenamedSet(Samples(samples), dict(rename))
    return TrainingExamples(dataset, config, lambda example: example)


def test_classes_are_matched_by_name():
    assert class_table(VOC, CAMVID)[VOC.detection.index('car')] == 0
    assert class_table(VOC, CAMVID)[VOC.detection.index('dog')] == -1
    assert label_table(VOC, CAMVID)[VOC.segmentation.index('car')] == 8
    assert label_table(VOC, CAMVID)[0] == 255


def test_data_without_a_common_class_is_refused():
    alone = replace(CAMVID, detection=('ufo',), segmentation=('space',), objects=(),
                    palette=((0, 0, 0),))
    with pytest.raises(InputError, match='none in common'):
        class_table(alone, CAMVID)


def test_difficult_boxes_are_ignored_and_foreign_classes_are_not_learned():
    difficult = to_example(sample(boxes=2, difficult=np.array([True, False])), *IDENTITY)
    assert difficult.class_ids.tolist() == [IGNORED, 0]
    foreign = to_example(sample(), class_table(VOC, CAMVID), label_table(VOC, CAMVID))
    assert len(foreign.boxes) == 0  # class 0 of VOC is an aeroplane


def test_a_batch_is_padded_to_the_most_boxes():
    examples = [to_example(sample(boxes=count), *IDENTITY) for count in (3, 0, 1)]
    batch = collate(examples)
    assert batch.boxes.shape == (3, 3, 4)
    assert batch.class_ids.tolist() == [[0, 0, 0], [-1, -1, -1], [0, -1, -1]]
    assert batch.has_boxes.tolist() == [True, True, True]


def test_missing_truth_is_marked():
    batch = collate([to_example(one, *IDENTITY) for one in (
        sample(boxes=2), Sample('b', sample().image, label_map=sample().label_map),
        Sample('c', sample().image, sample().boxes, sample().class_ids))])
    assert batch.has_boxes.tolist() == [True, False, True]
    assert (batch.labels[2] == 255).all() and (batch.labels[1] == 3).all()


def test_balanced_weights_favour_rare_classes_and_keep_the_mean():
    labels = np.full((8, 10), 3, np.uint8)
    labels[0, :2] = 9
    weights = torch.tensor(balanced_weights([examples_of(sample(label_map=labels))], 11))
    assert weights[9] > 3 * weights[3]
    assert (weights[3] * 78 + weights[9] * 2) / 80 == pytest.approx(1)


def test_weights_are_those_of_the_networks_classes():
    labels = np.full((8, 10), CAMVID.segmentation.index('tree'), np.uint8)
    examples = examples_of(sample(label_map=labels), classes=CITYSCAPES,
                           rename={'tree': 'vegetation'})
    weights = balanced_weights([examples], len(CITYSCAPES.segmentation))
    assert min(weights) == weights[CITYSCAPES.segmentation.index('vegetation')] == \
        pytest.approx(1)


def test_data_under_other_names_is_learned_as_what_it_means():
    example = examples_of(sample(label_map=np.full((8, 10), 9, np.uint8),
                                 class_ids=np.array([1])),
                          classes=CITYSCAPES, rename={'pedestrian': 'person'})[0]
    assert example.class_ids.tolist() == [CITYSCAPES.detection.index('person')]
    assert example.labels.unique().tolist() == [CITYSCAPES.segmentation.index('person')]


def test_classes_that_a_set_has_no_boxes_of_are_unknown_in_its_images():
    known = {'pedestrian': 'person', 'bicyclist': 'rider'}
    example = examples_of(sample(), classes=CITYSCAPES, rename=known)[0]
    names = [CITYSCAPES.detection[class_id] for class_id in example.unknown_classes]
    assert names == ['truck', 'bus', 'motorcycle', 'bicycle']
    batch = collate([to_example(sample(), *IDENTITY), example])
    assert batch.unknown.tolist() == [[1, class_id] for class_id in example.unknown_classes]


def test_several_sets_of_one_kind_are_learned_together():
    options = {'height': 32, 'width': 48}
    both, sets = open_training_data(
        [('scenes', {'count': 2, 'repeat': 3, **options}),
         ('scenes', {'count': 1, 'split': 'val', **options})],
        NETWORKS['triplenet-drive'].evolve(classes=CAMVID), lambda example: example)
    assert (len(both), [len(each) for each in sets]) == (7, [2, 1])


@pytest.mark.parametrize('rename', ['camvid_to_cityscapes', {
    'pavement': 'sidewalk', 'tree': 'vegetation', 'sign': 'traffic sign', 'pedestrian': 'person',
    'bicyclist': 'rider'}], ids=['shipped', 'written out'])
def test_a_recipes_names_of_classes_are_learned_whole_or_not_at_all(rename):
    config = NETWORKS['triplenet-drive'].evolve(classes=CITYSCAPES)
    scenes = {'count': 1, 'height': 64, 'width': 96}
    _, (plain,) = open_training_data([('scenes', scenes)], config, lambda example: example)
    _, (named,) = open_training_data([('scenes', {**scenes, 'rename': rename})], config,
                                     lambda example: example)
    road, tree = (CITYSCAPES.segmentation.index(name) for name in ('road', 'vegetation'))
    assert torch.equal(plain[0].labels == road, named[0].labels == road)
    assert not (plain[0].labels == tree).any() and (named[0].labels == tree).any()
    assert not (named[0].labels == 255).any()  # scenes label every pixel

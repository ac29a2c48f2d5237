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

"""A network over a data set: figures, their table, and what cannot be compared."""

import json

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID, ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.run import evaluate, score_images
from triplenet_ros.evaluation.table import table
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

BOX = np.array([[4, 4, 24, 20]], np.float32)


class Scene:
    """Three images of one car on the left of a road."""

    classes = CAMVID

    def __len__(self):
        return 3

    def __getitem__(self, index):
        label_map = np.full((32, 48), CAMVID.segmentation.index('road'), np.uint8)
        label_map[4:20, 4:24] = CAMVID.segmentation.index('car')
        return Sample(str(index), np.full((32, 48, 3), index, np.uint8), BOX,
                      np.array([CAMVID.detection.index('car')]), np.zeros(1, bool),
                      label_map=label_map)


class Oracle:
    """Sees what Scene shows."""

    classes = CAMVID

    def __init__(self):
        self.images = []

    def stream(self, images):
        return map(self, images)

    def __call__(self, image):
        self.images.append(int(image[0, 0, 0]))
        truth = Scene()[0]
        return Prediction(truth.boxes, np.array([0.9], np.float32), truth.class_ids,
                          truth.label_map, None, CAMVID)


def test_all_images_are_scored_once_in_order():
    oracle, told = Oracle(), []
    figures = evaluate(oracle, Scene(), advance=lambda: told.append(len(oracle.images)))
    assert oracle.images == [0, 1, 2]
    assert len(told) == 3
    assert figures['images'] == 3
    assert figures['detection']['mAP50'] == figures['segmentation']['mIoU'] == 1


def test_limit_takes_the_first_images():
    oracle = Oracle()
    assert evaluate(oracle, Scene(), limit=2)['images'] == 2 and oracle.images == [0, 1]
    assert evaluate(oracle, Scene(), limit=9)['images'] == 3
    with pytest.raises(InputError, match='limit 0 is out of range'):
        evaluate(oracle, Scene(), limit=0)


def test_figures_are_json_without_nan():
    figures = evaluate(Oracle(), Scene())
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures['detection']['per_class']['pedestrian'] == {
        'AP50': None, 'AP50_07': None, 'AP': None, 'truths': 0}
    assert figures['detection']['AP'] == pytest.approx(1) and figures['detection']['APl'] is None
    assert figures['segmentation']['per_class']['sky'] is None
    assert figures['segmentation']['pixel_accuracy'] == 1


def test_task_without_truth_is_none():
    evaluator = Evaluator(CAMVID, CAMVID, (VocAP,))
    truth = Scene()[0]
    evaluator.update(Oracle()(truth.image), Sample('a', truth.image, label_map=truth.label_map))
    figures = evaluator.compute()
    assert figures['detection'] is None and figures['segmentation']['images'] == 1
    evaluator.update(Oracle()(truth.image), truth)
    figures = evaluator.compute()
    assert figures['detection']['images'] == 1 and figures['segmentation']['images'] == 2


def test_no_class_in_common_names_both_lists():
    animals = ClassSet(('cat', 'dog'), (), (), ())
    with pytest.raises(InputError, match=r'no detection class .* car, pedestrian, bicyclist; '
                                         r'the network knows cat, dog'):
        Evaluator(CAMVID, animals, (VocAP,))


def test_classes_that_the_network_does_not_know_are_named():
    cars = ClassSet(('car',), ('road', 'car'), ('car',), ((0, 0, 0), (1, 1, 1)))
    evaluator = Evaluator(CAMVID, cars, (VocAP,))
    truth = Scene()[0]
    label_map = np.where(truth.label_map == CAMVID.segmentation.index('car'), 1, 0)
    evaluator.update(Prediction(truth.boxes, np.array([0.9], np.float32), np.array([0]),
                                label_map.astype(np.uint8), None, cars), truth)
    figures = evaluator.compute()
    assert figures['detection']['not_scored'] == ['pedestrian', 'bicyclist']
    assert figures['detection']['mAP50'] == 1
    assert 'sky' in figures['segmentation']['not_scored']
    assert figures['segmentation']['mIoU'] == 1
    assert 'not scored: pedestrian, bicyclist' in table(figures)


def test_network_without_a_task_is_scored_on_the_other():
    boxes_only = ClassSet(CAMVID.detection, (), (), ())
    evaluator = Evaluator(CAMVID, boxes_only, (VocAP,))
    truth = Scene()[0]
    evaluator.update(Prediction(truth.boxes, np.array([0.9], np.float32), truth.class_ids, None,
                                None, boxes_only), truth)
    figures = evaluator.compute()
    assert figures['segmentation'] is None and figures['detection']['mAP50'] == 1


def test_nothing_to_compare_is_said():
    boxes, labels = ClassSet(('car',), (), (), ()), ClassSet((), ('car',), (), ((0, 0, 0),))
    with pytest.raises(InputError, match='the data have truth of boxes, the network gives labels'):
        Evaluator(boxes, labels, (VocAP,))


def test_figures_hold_all_means_of_coco():
    figures = evaluate(Oracle(), Scene())['detection']
    assert {key: figures[key] for key in ('AP', 'AP50', 'AP75', 'APs')} == pytest.approx(
        {'AP': 1, 'AP50': 1, 'AP75': 1, 'APs': 1})
    assert figures['AR1'] == figures['AR10'] == figures['AR100'] == figures['ARs'] == 1
    assert {figures[key] for key in ('APm', 'APl', 'ARm', 'ARl')} == {None}


def test_names_that_mean_the_same_are_scored_together():
    class Finer(Oracle):
        """Knows two kinds of cars and calls the road a street."""

        classes = ClassSet(detection=('van', 'auto'), segmentation=('street', 'van', 'auto'),
                           objects=('van', 'auto'), palette=((0, 0, 0),) * 3)

        def __call__(self, image):
            truth = Scene()[0]
            labels = np.where(truth.label_map == CAMVID.segmentation.index('car'), 1, 0)
            labels[:, 12:24] *= 2  # half of the car is an auto
            return Prediction(BOX, np.array([0.9], np.float32), np.array([1]),
                              labels.astype(np.uint8), None, self.classes)

    rename = {'van': 'car', 'auto': 'car', 'street': 'road'}
    figures = score_images(Finer(), Scene(), rename=rename).compute()
    assert figures['detection']['per_class']['car']['AP50'] == 1
    assert figures['segmentation']['mIoU'] == 1
    with pytest.raises(InputError, match="rename maps 'lorry', which is no class here"):
        score_images(Finer(), Scene(), rename={'lorry': 'car'})

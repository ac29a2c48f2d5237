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

"""The comparison finds what differs, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.export import comparison
from triplenet_ros.export.comparison import (
    compare, count_batches, Differences, EXACT, REDUCED)
from triplenet_ros.inference.exported import read_exported
from triplenet_ros.inference.prediction import Prediction

PREDICTION = Prediction(
    boxes=np.array([[10, 10, 50, 50], [60, 10, 90, 40]], np.float32),
    scores=np.array([0.9, 0.5], np.float32), class_ids=np.array([0, 1]),
    label_map=np.zeros((100, 100), np.uint8), confidence=None, classes=CAMVID)
NOTHING = replace(PREDICTION, boxes=np.zeros((0, 4), np.float32),
                  scores=np.zeros(0, np.float32), class_ids=np.zeros(0, int))


def changed(tolerance=EXACT, **parts):
    """Return the differences of the prediction and a changed copy, either way round."""
    other = replace(PREDICTION, **parts)
    one, two = (comparison._add_predictions(Differences(1, {}, {}), *pair, 0.3, tolerance)
                for pair in ((PREDICTION, other), (other, PREDICTION)))
    assert replace(one, boxes=0) == replace(two, boxes=0)
    return one


def test_a_prediction_is_its_own():
    assert changed().problems() == [] and changed().boxes == 2


@pytest.mark.parametrize('parts, problem', [
    ({'boxes': PREDICTION.boxes + np.float32(0.6)}, '4 boxes'),
    ({'class_ids': np.array([0, 2])}, '2 boxes'),
    ({'scores': PREDICTION.scores - np.float32(0.01)}, 'scores differ by 0.01'),
    ({'boxes': NOTHING.boxes, 'scores': NOTHING.scores, 'class_ids': NOTHING.class_ids},
     '2 boxes')])
def test_another_box_is_found(parts, problem):
    assert len(changed(**parts).problems()) == 1 and problem in changed(**parts).problems()[0]


@pytest.mark.parametrize('parts, problems', [
    ({'boxes': PREDICTION.boxes + np.float32(7)}, 0),
    ({'boxes': PREDICTION.boxes + np.float32(8)}, 1),  # beyond a quarter of 30 pixels
    ({'scores': PREDICTION.scores - np.float32(0.09)}, 0),
    ({'scores': PREDICTION.scores - np.float32(0.11)}, 1),
    ({'class_ids': np.array([0, 2])}, 1), ({'label_map': np.eye(100, dtype=np.uint8)}, 0),
    ({'label_map': np.tri(100, k=-96, dtype=np.uint8)}, 0),
    ({'label_map': np.tri(100, k=-70, dtype=np.uint8)}, 1)])
def test_shorter_numbers_may_change_a_little(parts, problems):
    assert len(changed(REDUCED, **parts).problems(REDUCED)) == problems


def test_shorter_numbers_may_lose_one_box_of_many():
    found = Differences(1, {}, {}, boxes=100, strays=4)
    assert found.problems(REDUCED) == [] and found.problems() != []
    assert replace(found, strays=5).problems(REDUCED) == ['5 boxes are found by one alone']


def test_no_number_at_all_is_beyond_every_tolerance():
    found = Differences(1, {'segmentation': float('nan')}, {'segmentation': 1.0})
    assert len(found.problems(REDUCED)) == 1


def test_boxes_of_equal_score_may_change_places():
    order = [1, 0]
    assert changed(boxes=PREDICTION.boxes[order], scores=PREDICTION.scores[order],
                   class_ids=PREDICTION.class_ids[order]).problems() == []


def test_boxes_at_one_place_are_told_apart_by_their_scores():
    boxes = PREDICTION.boxes[[0, 0]]  # both were cut off at the image's border
    same = replace(PREDICTION, boxes=boxes, class_ids=np.array([0, 0]))
    assert comparison._match_boxes(same, same, 0.3, EXACT) == (0.0, 0.0, 0)


def test_a_box_at_the_threshold_may_be_on_either_side_of_it():
    found = comparison._match_boxes(
        replace(PREDICTION, scores=np.array([0.9, 0.3005], np.float32)),
        replace(PREDICTION, boxes=PREDICTION.boxes[:1], scores=PREDICTION.scores[:1],
                class_ids=PREDICTION.class_ids[:1]), 0.3, EXACT)
    assert found == (0.0, 0.0, 0)


@pytest.mark.parametrize('pixels, problems', [(9, 0), (10, 1)])
def test_a_thousandth_of_the_labels_is_too_many(pixels, problems):
    labels = PREDICTION.label_map.copy()
    labels.flat[:pixels] = 3
    assert len(changed(label_map=labels).problems()) == problems


@pytest.mark.parametrize('difference, problems', [(0.009, 0), (0.011, 1), (float('nan'), 1)])
def test_raw_outputs_are_judged_by_their_own_size(difference, problems):
    found = Differences(1, {'segmentation': difference}, {'segmentation': 10.0})
    assert len(found.problems()) == problems


def test_a_number_that_is_none_is_not_forgotten():
    assert np.isnan(comparison._larger(comparison._larger(1.0, float('nan')), 2.0))


def test_every_batch_is_counted(exported, tiny_network, noise):
    steps = []
    found = compare(tiny_network, read_exported(exported), noise, lambda: steps.append(1))
    assert len(steps) == count_batches(len(noise)) == 3 and found.images == 2
    assert set(found.outputs) == {'class_logits', 'box_codes', 'segmentation'}
    assert found.problems() == [] and 0 < max(found.outputs.values()) < 1e-3

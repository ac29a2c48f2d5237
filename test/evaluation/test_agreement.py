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
"""What a user sees decides whether two runs answer alike, and no single box does."""

from dataclasses import replace

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.evaluation.agreement import Agreement, AgreementScore
from triplenet_ros.inference.prediction import Prediction


def seen(count=10, score=0.9, labels=0):
    """Return one image in which boxes stand beside each other."""
    left = 40.0 * np.arange(count, dtype=np.float32)
    return Prediction(
        boxes=np.stack([left, left * 0, left + 30, left * 0 + 20], axis=1),
        scores=np.full(count, score, np.float32), class_ids=np.zeros(count, int),
        label_map=np.full((20, 50), labels, np.uint8), confidence=None, classes=CAMVID)


def without(prediction, count):
    """Return a prediction that lacks some of its boxes."""
    return replace(prediction, boxes=prediction.boxes[count:], scores=prediction.scores[count:],
                   class_ids=prediction.class_ids[count:])


def together(first, second):
    """Return a prediction with the boxes of two."""
    return replace(first, **{name: np.concatenate([getattr(first, name), getattr(second, name)])
                             for name in ('boxes', 'scores', 'class_ids')})


def agreement(*pairs):
    """Return how far the second of each pair agrees with the first."""
    score = AgreementScore()
    for pair in pairs:
        score.update(*pair)
    return score.compute()


def test_a_run_is_its_own():
    found = agreement(*[(seen(), seen())] * 20)
    assert found == Agreement(images=20, boxes=200, strays=0, ap50=1.0, overlap=1.0, labels=1.0)
    assert found.problems() == []
    assert str(found) == 'AP50 1.000, overlap 1.000, labels 1.000'


@pytest.mark.parametrize('lost, problems', [
    (1, []), (4, []), (5, ['AP50 of boxes is 0.975'])])
def test_one_box_of_many_does_not_decide_and_many_do(lost, problems):
    found = agreement(*[(seen(), seen())] * 19, (seen(), without(seen(), lost)))
    assert found.ap50 == pytest.approx(1 - lost / 200) and found.problems() == problems


@pytest.mark.parametrize('boxes, lost, decides', [(2, 2, False), (10, 2, False), (10, 3, True)])
def test_of_few_boxes_two_do_not_decide(boxes, lost, decides):
    assert bool(agreement((seen(boxes), without(seen(boxes), lost))).problems()) == decides


@pytest.mark.parametrize('expected, given, ap50, strays', [
    (0.39, 0.0, 1.0, 0),   # may be lost
    (0.21, 0.5, 1.0, 0),   # may be found
    (0.41, 0.31, 1.0, 0),
    (0.41, 0.29, 0.5, 0),  # was sure, and is not seen any more
    (0.19, 0.5, 1.0, 1)])  # was nothing
def test_a_box_near_the_threshold_counts_neither_way(expected, given, ap50, strays):
    sure = seen(200)
    n = 200 if expected > 0.4 else 1
    doubtful = replace(seen(n), boxes=seen(n).boxes + np.float32(50_000))
    found = agreement((together(sure, replace(doubtful, scores=np.full(n, expected, np.float32))),
                       together(sure, replace(doubtful, scores=np.full(n, given, np.float32)))))
    assert (found.ap50, found.strays) == (pytest.approx(ap50), strays)


def test_the_better_of_two_strays_costs_more():
    sure = seen(200, 0.5)
    others = replace(seen(50), boxes=seen(50).boxes + np.float32(50_000))
    weak, strong = (agreement((sure, together(sure, replace(
        others, scores=np.full(50, score, np.float32))))) for score in (0.4, 0.6))
    assert weak.strays == strong.strays == 50
    assert weak.ap50 == 1.0 and strong.ap50 == pytest.approx(200 / 250)


def test_boxes_at_one_place_are_found_each():
    same = replace(seen(100), boxes=seen(100).boxes[[0] * 100])  # cut off at the image's border
    found = agreement((same, same))
    assert (found.boxes, found.strays, found.ap50) == (100, 0, 1.0)


def test_boxes_without_area_are_none():
    none = replace(seen(100), boxes=seen(100).boxes * np.array([1, 0, 1, 0], np.float32))
    assert agreement((together(seen(), none), together(seen(), none))) == agreement(
        (seen(), seen()))


def test_another_class_is_no_box_found():
    other = replace(seen(100), class_ids=np.ones(100, int))
    found = agreement((seen(100), other))
    assert (found.ap50, found.strays, found.overlap) == (0.0, 100, None)


def test_scores_that_are_halved_lose_boxes():
    assert agreement((seen(200, 0.5), seen(200, 0.25))).problems() == ['AP50 of boxes is 0.000']


def test_boxes_that_have_moved_are_a_problem():
    moved = replace(seen(100), boxes=seen(100).boxes + np.array([1, 0, 0, 0], np.float32))
    assert agreement((seen(100), moved)).problems() == ['mean overlap of boxes is 0.967']


@pytest.mark.parametrize('pixels, problems', [
    (20, []), (21, ['share of equal labels is 0.979'])])
def test_two_percent_of_all_labels_may_be_others(pixels, problems):
    other = seen()
    other.label_map.flat[:pixels] = 3
    assert agreement((seen(), other)).problems() == problems
    assert agreement((seen(), other), (seen(), seen())).problems() == []


def test_where_boxes_are_weak_the_best_hundred_are_the_truth():
    weak = seen(150, 0.05)
    weak.scores[:100] = 0.1
    found = agreement((weak, weak))
    assert (found.boxes, found.strays, found.ap50) == (100, 0, 1.0)
    assert agreement((weak, without(weak, 50))).ap50 == 0.5


def test_boxes_where_there_are_none_are_a_problem():
    found = agreement((seen(0), seen(3)))
    assert found.ap50 is None and found.problems() == ['3 boxes are found where there are none']
    assert agreement((seen(0), seen(2))).problems() == agreement((seen(0), seen(0))).problems()


def test_a_task_that_the_network_lacks_is_not_judged():
    boxes = replace(seen(), label_map=None)
    assert agreement((boxes, boxes)).labels is None
    assert agreement((boxes, boxes)).problems() == []
    assert agreement((seen(0), seen(0))) == Agreement(1, 0, 0, None, None, 1.0)

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

"""VOC's average precision: cases worked out by hand, and the definition in plain loops."""

import math

import numpy as np
import pytest

from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.detection import FOUND, match_boxes, VocAP, WRONG
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

NAMES = ('car', 'pedestrian', 'dog')
CLASSES = ClassSet(NAMES, (), (), ())
A, B, C, D, FAR = ([x, 0, x + 10, 10] for x in (0, 20, 40, 60, 80))


def image(found=(), true=(), class_id=0):
    """Return (prediction, sample) of (box, score) and (box, difficult) pairs of one class."""
    return (
        Prediction(np.array([box for box, _ in found], np.float32).reshape(-1, 4),
                   np.array([score for _, score in found], np.float32),
                   np.full(len(found), class_id), None, None, CLASSES),
        Sample('x', np.zeros((40, 100, 3), np.uint8),
               np.array([box for box, _ in true], np.float32).reshape(-1, 4),
               np.full(len(true), class_id), np.array([flag for _, flag in true], bool)))


def score(*images):
    """Return the figures of images."""
    scores = VocAP(match_classes('detection', NAMES, NAMES))
    for pair in images:
        scores.update(*pair)
    return scores.compute()


def both(*images):
    """Return (area form, 11 points) of cars."""
    car = score(*images)['per_class']['car']
    return car['AP50'], car['AP50_07']


# Every case: images, area under the curve, mean of the 11 points. The comments give the outcomes
# in falling score, then recall/precision after each, then both forms.
CASES = {
    # right 1/4,1 - wrong 1/4,1/2 - right 2/4,2/3 - right 3/4,3/4; the last car is missed.
    # area: 1/4*1 + 1/2*3/4; points: 0 .. 0.2 at 1, 0.3 .. 0.7 at 3/4, 0.8 .. 1 at 0
    'a mistake in between, one missed': (
        [image([(A, .9), (FAR, .8), (B, .7), (C, .6)],
               [(A, False), (B, False), (C, False), (D, False)])],
        0.625, (3 * 1 + 5 * 0.75) / 11),
    # The same boxes over two images: the order by score runs through both.
    'a mistake in another image': (
        [image([(A, .9), (C, .6)], [(A, False), (B, False), (C, False), (D, False)]),
         image([(FAR, .8)]),
         image([(B, .7)], [])],
        # right 1/4,1 - wrong 1/4,1/2 - wrong (B is not in its image) - right 2/4,2/4
        # area: 1/4*1 + 1/4*1/2; points: 0 .. 0.2 at 1, 0.3 .. 0.5 at 1/2
        0.375, (3 * 1 + 3 * 0.5) / 11),
    # Three boxes on A: right 1/2,1 - wrong 1/2,1/2 - wrong 1/2,1/3 - right (B) 1,2/4
    # area: 1/2*1 + 1/2*1/2; points: 0 .. 0.5 at 1, 0.6 .. 1 at 1/2
    'duplicates': (
        [image([(A, .9), (A, .8), (A, .7), (B, .6)], [(A, False), (B, False)])],
        0.75, (6 * 1 + 5 * 0.5) / 11),
    # All scores equal: the first image's come first, then the second's, in their order there.
    # wrong 0,0 - right 1/2,1/2 - right 1,2/3: the envelope is 2/3 everywhere
    'ties': (
        [image([(FAR, .5), (A, .5)], [(A, False)]), image([(A, .5)], [(A, False)])],
        2 / 3, 2 / 3),
    # Boxes on the difficult B are no mistakes, even the second; it is no truth to miss either.
    # ignored - ignored - right 1/2,1 - wrong 1/2,1/2; area 1/2; points 0 .. 0.5 at 1
    'difficult': (
        [image([(B, .9), (B, .8), (A, .7), (FAR, .6)], [(A, False), (B, True), (C, False)])],
        0.5, 6 / 11),
    # The box overlaps the difficult car by 100/100 and the other by 80/100: it goes to the first
    # alone, so it is ignored and the other car stays missed.
    'nearest truth is difficult': (
        [image([(A, .9)], [([0, 0, 10, 8], False), (A, True)])], 0.0, 0.0),
    # Intersection 50, union 100: exactly 0.5 is enough. Then 49/100 is not.
    'overlap of exactly one half': ([image([([0, 0, 10, 5], .9)], [(A, False)])], 1.0, 1.0),
    'overlap just below': ([image([([0, 0, 10, 4.9], .9)], [(A, False)])], 0.0, 0.0),
    'no prediction': ([image([], [(A, False)]), image()], 0.0, 0.0),
    'nothing right': ([image([(FAR, .9)], [(A, False)])], 0.0, 0.0)}


@pytest.mark.parametrize('case', CASES)
def test_both_forms_by_hand(case):
    images, area, points = CASES[case]
    assert both(*images) == (pytest.approx(area), pytest.approx(points))


def test_class_without_truth_has_no_score_and_is_left_out_of_both_means():
    # car: one of two found, 1/2 and 6/11; pedestrian: found without truth; dog: only difficult
    figures = score(image([(A, .9)], [(A, False), (B, False)]), image([(A, .9)], class_id=1),
                    image([(A, .9)], [(A, True)], class_id=2))
    assert figures['mAP50'] == 0.5 and figures['mAP50_07'] == pytest.approx(6 / 11)
    for name in ('pedestrian', 'dog'):
        assert figures['per_class'][name]['truths'] == 0
        assert math.isnan(figures['per_class'][name]['AP50'])
        assert math.isnan(figures['per_class'][name]['AP50_07'])


def test_no_truth_at_all_has_no_mean():
    figures = score(image([(A, .9)]), image())
    assert math.isnan(figures['mAP50']) and math.isnan(figures['mAP50_07'])


def devkit_overlap(one, two):
    """Return IoU as the devkit counts: corners are pixels, both inside the box."""
    width = min(one[2], two[2]) - max(one[0], two[0]) + 1
    height = min(one[3], two[3]) - max(one[1], two[1]) + 1
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (one, two)]
    return width * height / (sum(areas) - width * height)


def edges(pixels):
    """Return boxes of VOC's pixels, counted from 1, as x1 y1 x2 y2 edges."""
    return np.asarray(pixels, np.float32).reshape(-1, 4) - np.array([1, 1, 0, 0], np.float32)


def random_pixels(random, count):
    """Return (count, 4) boxes of pixels counted from 1."""
    corners = random.integers(1, 30, (count, 2))
    return np.concatenate([corners, corners + random.integers(0, 20, (count, 2))], axis=1)


def test_overlap_of_edges_is_that_of_the_devkits_inclusive_pixels():
    random = np.random.default_rng(0)
    overlapping = 0
    for one, two in zip(random_pixels(random, 300).tolist(), random_pixels(random, 300).tolist()):
        overlap = devkit_overlap(one, two)
        if overlap == 0:
            continue
        overlapping += 1
        for threshold, outcome in ((overlap, FOUND), (np.nextafter(overlap, 2), WRONG)):
            assert match_boxes(edges(one), np.ones(1), np.zeros(1), edges(two), np.zeros(1),
                               np.zeros(1, bool), threshold).tolist() == [outcome]
    assert overlapping > 50


def devkit_ap(images, class_id):
    """
    Return (area form, 11 points) of one class, one box after the other.

    :param images: for each image: pixels, scores and classes of what was found; pixels, classes
        and difficult flags of the truth
    """
    boxes = [(score, number, box) for number, (found, scores, ids, *_) in enumerate(images)
             for box, score, own in zip(found, scores, ids) if own == class_id]
    truths = [[(box, hard) for box, own, hard in zip(true, ids, flags) if own == class_id]
              for *_, true, ids, flags in images]
    count = sum(not hard for there in truths for _, hard in there)
    taken, curve, found, wrong = set(), [], 0, 0
    for _, number, box in sorted(boxes, key=lambda entry: -entry[0]):
        overlaps = [devkit_overlap(box, true) for true, _ in truths[number]]
        best = max(range(len(overlaps)), key=overlaps.__getitem__, default=None)
        if best is None or overlaps[best] < 0.5:
            wrong += 1
        elif not truths[number][best][1]:
            found, wrong = found + ((number, best) not in taken), wrong + ((number, best) in taken)
            taken.add((number, best))
        curve.append((found / count, found / max(found + wrong, 1)))
    points = [max((p for r, p in curve if r >= k / 10), default=0) for k in range(11)]
    area, last = 0.0, 0.0
    for recall, _ in curve:
        area += (recall - last) * max(p for r, p in curve if r >= recall)
        last = recall
    return area, sum(points) / 11


@pytest.mark.parametrize('seed', range(5))
def test_both_forms_are_the_devkits_on_random_boxes(seed):
    random = np.random.default_rng(seed)
    images, scores = [], VocAP(match_classes('detection', NAMES, NAMES))
    for _ in range(15):
        true, ids = random_pixels(random, 6), random.integers(0, 3, 6)
        found = true[random.integers(0, 6, 20)] + random.integers(-2, 3, (20, 4))
        found[:, 2:] = np.maximum(found[:, 2:], found[:, :2])
        own, flags = random.integers(0, 3, 20), random.random(6) < 0.2
        # One digit: nearly all scores have their like, in the image and in others.
        marks = -np.sort(-random.random(20).round(1))
        images.append((found.tolist(), marks.tolist(), own.tolist(),
                       true.tolist(), ids.tolist(), flags.tolist()))
        scores.update(Prediction(edges(found), marks.astype(np.float32), own, None, None, CLASSES),
                      Sample('x', np.zeros((60, 60, 3), np.uint8), edges(true), ids, flags))
    for class_id, values in enumerate(scores.compute()['per_class'].values()):
        area, points = devkit_ap(images, class_id)
        assert 0.02 < area < 0.98
        assert values['AP50'] == pytest.approx(area) and values['AP50_07'] == pytest.approx(points)

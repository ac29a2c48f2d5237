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

"""COCO's scores of made-up boxes, against pycocotools: crowds, masks' areas, equal scores."""

import contextlib
import io

import numpy as np
import pytest

from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.coco import CocoAP, MOST_BOXES
from triplenet_ros.evaluation.coco_matching import CocoTruths, match_boxes
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

NAMES = ('car', 'person', 'truck')
CLASSES = ClassSet(NAMES, (), (), ())
FIGURES = ('AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl')
IMAGES = 12


def image_of(random, number):
    """Return a prediction and its truth: small boxes on whole pixels, so that much is equal."""
    count = random.integers(0, 12)
    corners = random.integers(0, 60, (count, 2))
    true = np.concatenate([corners, corners + random.integers(8, 130, (count, 2))], axis=1)
    picked = random.integers(0, count, random.integers(0, 40)) if count else np.zeros(0, int)
    found = true[picked] + random.integers(-4, 5, (len(picked), 4))
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    scores = random.integers(1, 8, len(picked)) / 8
    ids = random.integers(0, 3, count)
    wrong = random.random(len(picked)) < 0.2
    sample = Sample(f'{number:03}', np.zeros((1, 1, 3), np.uint8), true.astype(np.float32), ids,
                    random.random(count) < 0.2,
                    (np.prod(true[:, 2:] - true[:, :2], axis=1) * 0.7).astype(np.float32))
    return Prediction(found.astype(np.float32), scores.astype(np.float32),
                      np.where(wrong, 2, ids[picked]), None, None, CLASSES), sample


def pycocotools_figures(pairs):
    """Return the figures of (prediction, sample) pairs."""
    coco = pytest.importorskip('pycocotools.coco')
    from pycocotools.cocoeval import COCOeval

    def corner_and_size(box):
        return [*box[:2], *np.subtract(box[2:], box[:2])]

    results = [{'image_id': image, 'category_id': int(class_id), 'score': score,
                'bbox': corner_and_size(box)}
               for image, (found, _) in enumerate(pairs, 1)
               for box, score, class_id in zip(found.boxes.tolist(), found.scores.tolist(),
                                               found.class_ids)]
    truths = [(image, *row) for image, (_, sample) in enumerate(pairs, 1) for row in zip(
        sample.boxes.tolist(), sample.class_ids, sample.difficult, sample.areas.tolist())]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco.COCO()
        truth.dataset = {
            'info': {}, 'images': [{'id': image} for image in range(1, len(pairs) + 1)],
            'categories': [{'id': index, 'name': name} for index, name in enumerate(NAMES)],
            'annotations': [{'id': number, 'image_id': image, 'bbox': corner_and_size(box),
                             'category_id': int(class_id), 'iscrowd': int(crowd), 'area': area}
                            for number, (image, box, class_id, crowd, area)
                            in enumerate(truths, 1)]}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), 'bbox')
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(FIGURES, evaluation.stats))


@pytest.mark.parametrize('seed', range(12))
def test_figures_are_those_of_pycocotools(seed):
    random = np.random.default_rng(seed)
    pairs = [image_of(random, number) for number in range(IMAGES)]
    ours = CocoAP(match_classes('detection', NAMES, NAMES))
    for pair in pairs:
        ours.update(*pair)
    figures, theirs = ours.compute(), pycocotools_figures(pairs)
    assert {name: figures[name] for name in FIGURES} == pytest.approx(
        {name: np.nan if value == -1 else value for name, value in theirs.items()},
        abs=1e-9, nan_ok=True)
    assert 0.05 < figures['AP'] < 0.95


def test_a_box_leaves_the_crowd_for_a_truth_that_counts():
    truths = CocoTruths(np.array([[0, 0, 50, 50], [0, 0, 50, 40]], float), np.zeros(2, np.int64),
                        np.array([2500.0, 2000.0]), np.array([True, False]))
    boxes = np.array([[0, 0, 50, 50], [0, 0, 50, 50]], float)
    found, neither = match_boxes(boxes, np.zeros(2, np.int64), truths)
    # IoU 0.8 with the one that counts; from 0.85 on, and for the second box, the crowd is left.
    assert found.all(axis=2)[:, 0].all()
    assert neither[0, 0].tolist() == [False] * 7 + [True] * 3 and neither[1, 0].all()


def test_no_more_than_the_best_hundred_boxes_of_a_class_count():
    boxes = np.tile(np.float32([0, 0, 20, 20]), (MOST_BOXES + 1, 1))
    boxes[:-1] += 100
    scores = np.linspace(1, 0.5, len(boxes)).astype(np.float32)
    sample = Sample('0', np.zeros((1, 1, 3), np.uint8), boxes[-1:], np.zeros(1, np.int64))
    recalls = []
    for first in (0, 1):
        ours = CocoAP(match_classes('detection', NAMES, NAMES))
        ours.update(Prediction(boxes[first:], scores[first:],
                               np.zeros(len(boxes) - first, np.int64), None, None, CLASSES),
                    sample)
        recalls.append(ours.compute()['AR100'])
    assert recalls == [0, 1]

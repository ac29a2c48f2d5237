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

"""Scores of real COCO truth with noisy boxes, against the COCO files scored directly."""

import json

import numpy as np
import pytest

from triplenet_ros.classes import ClassSet
from triplenet_ros.data.sample import Sample
from triplenet_ros.evaluation.coco import CocoAP
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction


@pytest.fixture(scope='module')
def instances(shared_data):
    """Return the annotation file as it is."""
    pytest.importorskip('faster_coco_eval')
    return json.loads((shared_data / 'coco100' / 'instances.json').read_text())


@pytest.fixture(scope='module')
def results(instances):
    """Return COCO results: most truths with noise, some twice, some missed."""
    random = np.random.default_rng(3)
    found = []
    for truth in instances['annotations']:
        for _ in range(random.integers(0, 3)):
            noise = random.normal(0, 0.07, 4) * np.tile(truth['bbox'][2:], 2)
            x, y, width, height = (np.array(truth['bbox']) + noise).tolist()
            found.append({'image_id': truth['image_id'], 'category_id': truth['category_id'],
                          'bbox': [x, y, max(width, 1.0), max(height, 1.0)],
                          'score': float(random.random())})
    return found


def pairs(instances, results, ids):
    """Yield (prediction, sample) of each image."""
    for image in instances['images']:
        ours = sorted((record for record in results if record['image_id'] == image['id']),
                      key=lambda record: -record['score'])
        theirs = [record for record in instances['annotations']
                  if record['image_id'] == image['id']]
        yield (Prediction(corners(ours), np.array([record['score'] for record in ours]),
                          class_ids(ours, ids), None, None, ClassSet((), (), (), ())),
               Sample(str(image['id']), np.zeros((image['height'], image['width'], 3), np.uint8),
                      corners(theirs), class_ids(theirs, ids),
                      np.array([bool(record['iscrowd']) for record in theirs])))


def corners(records):
    """Return (N, 4) x1 y1 x2 y2."""
    boxes = np.array([record['bbox'] for record in records]).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def class_ids(records, ids):
    """Return (N,) indices of the categories."""
    return np.array([ids[record['category_id']] for record in records], np.int64)


@pytest.fixture(scope='module')
def scored(instances, results):
    """Return the figures of both metrics."""
    names = tuple(category['name'] for category in instances['categories'])
    ids = {category['id']: index for index, category in enumerate(instances['categories'])}
    metrics = [metric(match_classes('detection', names, names)) for metric in (CocoAP, VocAP)]
    for pair in pairs(instances, results, ids):
        for metric in metrics:
            metric.update(*pair)
    return [metric.compute() for metric in metrics]


def test_samples_score_as_the_coco_files_do(instances, results, scored):
    from faster_coco_eval import COCO, COCOeval_faster
    truth = COCO(instances)
    evaluation = COCOeval_faster(truth, truth.loadRes(results), 'bbox')
    evaluation.run()
    stats = evaluation.stats_as_dict
    assert 0.1 < stats['AP_all'] < 0.9
    for ours, theirs in (('AP', 'AP_all'), ('AP50', 'AP_50'), ('AP75', 'AP_75')):
        assert scored[0][ours] == pytest.approx(stats[theirs], abs=1e-6)


def test_voc_area_is_near_coco_at_half_overlap(scored):
    coco, voc = scored
    # They differ in the recall points (all against 101) and in whom a second box goes to.
    assert voc['mAP50'] == pytest.approx(coco['AP50'], abs=0.03)

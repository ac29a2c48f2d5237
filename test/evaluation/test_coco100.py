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

"""Scores of real COCO truth with noisy boxes, against pycocotools on the COCO files."""

import contextlib
import io

import numpy as np
import pytest

from triplenet_ros.data.sources import open_dataset
from triplenet_ros.evaluation.coco import CocoAP
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction

FIGURES = ('AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl')
CROWDED = 20
"""Every so many images one has several hundred boxes of the classes that are there."""


@pytest.fixture(scope='module')
def truth(shared_data):
    """Return the annotation file as pycocotools reads it."""
    coco = pytest.importorskip('pycocotools.coco')
    with contextlib.redirect_stdout(io.StringIO()):
        return coco.COCO(str(shared_data / 'coco100' / 'instances.json'))


@pytest.fixture(scope='module')
def dataset(shared_data):
    """Return the same as every command reads it."""
    return open_dataset('coco', shared_data / 'coco100')


def noisy_results(truth, seed):
    """Return COCO results: true boxes moved, repeated, missed, of other classes, and nonsense."""
    random = np.random.default_rng(seed)
    categories = truth.getCatIds()
    results = []

    def add(image_id, category, box, noise):
        moved = np.array(box) + random.normal(0, noise, 4) * np.tile(box[2:], 2)
        results.append({
            'image_id': image_id, 'category_id': int(category),
            'bbox': [*moved[:2].tolist(), *np.maximum(moved[2:], 1).tolist()],
            # Few digits make many ties, within images and across; float32, as a network's are.
            'score': float(np.float32(random.random().__round__(2)))})

    for number, (image_id, image) in enumerate(truth.imgs.items()):
        objects = truth.imgToAnns[image_id]
        for item in objects:
            for _ in range(random.integers(0, 4)):
                category = item['category_id'] if random.random() < 0.8 \
                    else random.choice(categories)
                add(image_id, category, item['bbox'], random.choice([0, 0.03, 0.1]))
        for _ in range(10):
            size = np.array([image['width'], image['height']] * 2)
            add(image_id, random.choice(categories), random.uniform(0, 0.5, 4) * size, 0)
        if number % CROWDED == 0 and objects:
            for index in random.integers(0, len(objects), 400):
                add(image_id, objects[index]['category_id'], objects[index]['bbox'], 0.15)
    return results


def pycocotools_figures(truth, results):
    """Return figures and the AP of each class."""
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes([dict(record) for record in results]), 'bbox')
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    of_class = evaluation.eval['precision'][:, :, :, 0, 2]
    names = [category['name'] for category in truth.loadCats(evaluation.params.catIds)]
    per_class = {name: of_class[:, :, index].mean() for index, name in enumerate(names)
                 if of_class[0, 0, index] > -1}
    return dict(zip(FIGURES, evaluation.stats)), per_class


def predictions(truth, dataset, results):
    """Yield (prediction, sample) of each image."""
    names = {category: truth.cats[category]['name'] for category in truth.cats}
    for index in range(len(dataset)):
        sample = dataset[index]
        own = sorted((record for record in results if record['image_id'] == int(sample.name)),
                     key=lambda record: -record['score'])
        boxes = np.array([record['bbox'] for record in own])
        boxes[:, 2:] += boxes[:, :2]
        class_ids = [dataset.classes.detection.index(names[record['category_id']])
                     for record in own]
        yield Prediction(boxes.astype(np.float32),
                         np.array([record['score'] for record in own], np.float32),
                         np.array(class_ids), None, None, dataset.classes), sample


@pytest.fixture(scope='module')
def samples(dataset):
    """Return all samples, decoded once."""
    class Decoded(list):
        classes = dataset.classes

    return Decoded(dataset[index] for index in range(len(dataset)))


def figures_of(metric, pairs, classes):
    """Return the figures of (prediction, sample) pairs."""
    scores = metric(match_classes('detection', classes.detection, classes.detection))
    for pair in pairs:
        scores.update(*pair)
    return scores.compute()


@pytest.mark.parametrize('seed', [0, 1])
def test_every_coco_figure_is_that_of_pycocotools(truth, samples, seed):
    results = noisy_results(truth, seed)
    ours = figures_of(CocoAP, predictions(truth, samples, results), samples.classes)
    theirs, per_class = pycocotools_figures(truth, results)
    assert 0.1 < theirs['AP'] < 0.9 and min(theirs.values()) > 0.1
    # The files hold double boxes, ours are float32: no overlap here is that near a threshold.
    assert {name: ours[name] for name in FIGURES} == pytest.approx(theirs, abs=1e-6)
    known = {name: scores['AP'] for name, scores in ours['per_class'].items()
             if not np.isnan(scores['AP'])}
    assert known == pytest.approx(per_class, abs=1e-6) and len(known) > 50


def test_order_of_images_changes_no_coco_figure(truth, samples):
    results = noisy_results(truth, 2)
    pairs = list(predictions(truth, samples, results))
    ours = figures_of(CocoAP, reversed(pairs), samples.classes)
    assert {name: ours[name] for name in FIGURES} == pytest.approx(
        pycocotools_figures(truth, results)[0], abs=1e-6)


def test_the_noise_reaches_what_is_tested(truth, samples):
    results = noisy_results(truth, 0)
    counts = np.unique([(record['image_id'], record['category_id']) for record in results],
                       axis=0, return_counts=True)[1]
    assert counts.max() > 150  # the limit of 100 boxes of a class in an image cuts
    assert len({record['score'] for record in results}) < len(results) / 10
    assert sum(sample.difficult.sum() for sample in samples) >= 5  # crowds
    assert any(sample.areas is not None and not np.allclose(
        sample.areas, np.prod(sample.boxes[:, 2:] - sample.boxes[:, :2], axis=1))
        for sample in samples)


def test_voc_area_is_near_coco_at_half_overlap(truth, samples):
    pairs = list(predictions(truth, samples, noisy_results(truth, 3)))
    coco, voc = (figures_of(metric, pairs, samples.classes) for metric in (CocoAP, VocAP))
    # They differ in the recall points (all against 101) and in whom a second box goes to.
    assert voc['mAP50'] == pytest.approx(coco['AP50'], abs=0.03)

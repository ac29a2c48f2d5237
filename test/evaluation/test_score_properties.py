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

"""What holds for any boxes, by VOC's scores and by COCO's."""

import numpy as np
import pytest

from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.coco import CocoAP
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

NAMES = ('car', 'pedestrian', 'dog')
CLASSES = ClassSet(NAMES, (), (), ())
FAR = [900, 900, 930, 930]


@pytest.fixture(params=[VocAP, CocoAP])
def scored(request):
    """Return a function: (prediction, sample) pairs -> flat figures, nan as None."""
    def figures_of(pairs):
        scores = request.param(match_classes('detection', NAMES, NAMES))
        for pair in pairs:
            scores.update(*pair)
        figures = scores.compute()
        per_class = figures.pop('per_class')
        for name in ('ECE', 'best_threshold'):  # not of what was found, but of how sure it was
            figures.pop(name, None)
        figures.update({f'{name} {key}': value for name, values in per_class.items()
                        for key, value in values.items() if key != 'truths'})
        return {key: None if np.isnan(value) else value for key, value in figures.items()}

    return figures_of


def random_pairs(seed, noise=3.0):
    """Return 12 images of 6 truths and 8 boxes with distinct scores."""
    random = np.random.default_rng(seed)
    scores = random.permutation(np.linspace(0.02, 0.98, 12 * 8)).reshape(12, 8)
    pairs = []
    for number in range(12):
        corners = random.uniform(0, 300, (6, 2))
        true = np.concatenate([corners, corners + random.uniform(12, 160, (6, 2))], axis=1)
        ids, picked = random.integers(0, 3, 6), random.integers(0, 6, 8)
        found = true[picked] + random.normal(0, noise, (8, 4))
        pairs.append((
            prediction(found, -np.sort(-scores[number]), ids[picked]),
            Sample(f'{number:02}', np.zeros((1, 1, 3), np.uint8), true.astype(np.float32), ids,
                   random.random(6) < 0.1)))
    return pairs


def prediction(boxes, scores, class_ids):
    """Return a prediction without labels."""
    return Prediction(np.asarray(boxes, np.float32), np.asarray(scores, np.float32),
                      np.asarray(class_ids, np.int64), None, None, CLASSES)


def with_box(pair, box, score, class_id):
    """Return the pair with one more box in its place by score."""
    found, sample = pair
    place = np.searchsorted(-found.scores, -score)
    return prediction(np.insert(found.boxes, place, box, axis=0),
                      np.insert(found.scores, place, score),
                      np.insert(found.class_ids, place, class_id)), sample


@pytest.mark.parametrize('seed', range(4))
def test_order_of_images_changes_nothing_where_scores_differ(scored, seed):
    pairs = random_pairs(seed)
    shuffled = [pairs[index] for index in np.random.default_rng(seed).permutation(len(pairs))]
    before, after = scored(pairs), scored(shuffled)
    assert before == pytest.approx(after) and len(set(before.values())) > 3


@pytest.mark.parametrize('seed', range(8))
def test_a_wrong_box_never_raises_a_score(scored, seed):
    random, pairs = np.random.default_rng(seed), random_pairs(seed)
    before = scored(pairs)
    place, score, class_id = random.integers(12), random.random(), random.integers(3)
    pairs[place] = with_box(pairs[place], FAR, score, class_id)
    after = scored(pairs)
    assert all(after[key] <= value + 1e-12 for key, value in before.items() if value is not None)
    assert {key for key, value in after.items() if value is None} \
        == {key for key, value in before.items() if value is None}


def test_a_wrong_box_above_all_others_lowers_its_class_alone(scored):
    pairs = random_pairs(1)
    before = scored(pairs)
    after = scored([with_box(pairs[0], FAR, 0.999, 1), *pairs[1:]])
    lowered = {key for key, value in before.items() if value is not None and after[key] < value}
    of_class = {key for key in before if key.split()[0] in NAMES}
    assert lowered & of_class == {key for key in of_class if key.startswith('pedestrian ')}


def test_wrong_boxes_below_all_others_change_nothing(scored):
    pairs = random_pairs(2)
    below = [with_box(pair, FAR, 0.001, index % 3) for index, pair in enumerate(pairs)]
    assert scored(below) == pytest.approx(scored(pairs))


@pytest.mark.parametrize('seed', range(3))
def test_perfect_predictions_score_one(scored, seed):
    random = np.random.default_rng(seed)
    pairs = [(prediction(sample.boxes, -np.sort(-random.random(6)), sample.class_ids), sample)
             for _, sample in random_pairs(seed)]
    figures = scored(pairs)
    # AR1 and AR10 are bounded by the boxes that they let in.
    known = {key: value for key, value in figures.items() if key not in ('AR1', 'AR10')}
    assert known == pytest.approx(dict.fromkeys(known, 1.0))

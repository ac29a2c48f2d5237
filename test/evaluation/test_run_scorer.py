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

"""Scores of a recording: of the whole and of each frame."""

import json
import pickle

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.run_scorer import MatchedFrame, RunScorer
from triplenet_ros.evaluation.scored_frame import frame_of_figures
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

SIZE = 48, 64


def truth_of(seed):
    """Return a sample with boxes, distances and labels."""
    random = np.random.default_rng(seed)
    corner = random.integers(0, 40, (3, 2))
    boxes = np.concatenate([corner, corner + random.integers(4, 20, (3, 2))], 1)
    return Sample(f'{seed:04d}', None, boxes=boxes.astype(np.float32),
                  class_ids=random.integers(0, 3, 3), difficult=np.zeros(3, bool),
                  distances=np.float32([5, 15, np.nan]),
                  label_map=random.integers(0, 11, SIZE, dtype=np.uint8))


def seen(sample, noise=0.0, seed=0):
    """Return the truth as a prediction, boxes and labels disturbed."""
    random = np.random.default_rng(seed)
    labels = sample.label_map.copy()
    labels[random.random(SIZE) < noise] = 0
    boxes = sample.boxes + random.normal(0, 20 * noise, sample.boxes.shape).astype(np.float32)
    scores = np.sort(random.random(len(boxes)).astype(np.float32))[::-1] if noise else \
        np.ones(len(boxes), np.float32)
    return Prediction(boxes, scores, sample.class_ids, labels, None, CAMVID)


def scored(scorer, count=20, noise=0.0, first=0):
    """Feed frames and return what they give."""
    return [scorer.score(MatchedFrame(seed, seed * 10), seen(truth_of(seed), noise, seed),
                         truth_of(seed)) for seed in range(first, first + count)]


def test_truth_as_its_own_prediction_scores_one_everywhere():
    scorer = RunScorer(CAMVID, CAMVID)
    frames = scored(scorer)
    figures = scorer.compute()
    boxes = figures['detection']
    assert all(boxes[key] == 1.0 for key in ('mAP50', 'mAP50_07', 'AP', 'AP50', 'AP75', 'AR100'))
    assert all(row[key] == 1.0 for row in boxes['per_class'].values()
               for key in ('AP50', 'AP', 'precision', 'recall', 'f1'))
    labels = figures['segmentation']
    assert labels['mIoU'] == labels['pixel_accuracy'] == 1.0
    assert set(labels['per_class'].values()) == {1.0}
    assert figures['errors']['AP50'] == 1.0
    assert {(both['count'], both['gain']) for both in figures['errors']['kinds'].values()} == {
        (0, 0.0)}
    assert {frame.score for frame in frames} == {1.0}
    confusion = np.array(boxes['confusion']['counts'])
    assert confusion.sum() == np.trace(confusion) == 60


def test_scores_are_those_of_evaluate():
    scorer, evaluator = RunScorer(CAMVID, CAMVID), Evaluator(CAMVID, CAMVID)
    scored(scorer, noise=0.1)
    for seed in range(20):
        evaluator.update(seen(truth_of(seed), 0.1, seed), truth_of(seed))
    figures, expected = scorer.compute(), evaluator.compute()
    for task in ('detection', 'segmentation'):
        for key, value in expected[task].items():
            if key != 'per_class':
                assert figures[task][key] == value
    for name, row in expected['detection']['per_class'].items():
        assert {key: figures['detection']['per_class'][name][key] for key in row} == row


def test_frames_add_up_to_the_run():
    scorer = RunScorer(CAMVID, CAMVID, threshold=0.4)
    frames = scored(scorer, noise=0.1)
    figures = scorer.compute()
    operating = figures['detection']['operating']
    for key in ('truths', 'found', 'wrong'):
        assert sum(getattr(frame.detection, key) for frame in frames) == operating[key]
    for kind, both in figures['errors']['kinds'].items():
        assert sum(frame.detection.errors[kind] for frame in frames) == both['count']
    wrong = sum(both['count'] for kind, both in figures['errors']['kinds'].items()
                if kind != 'missed')
    assert wrong == operating['wrong'] > 0
    right, true, found = np.sum([frame.segmentation.pixels['sky'] for frame in frames], axis=0)
    assert figures['segmentation']['per_class']['sky'] == pytest.approx(
        right / (true + found - right))


def test_the_curves_go_through_the_operating_point():
    scorer = RunScorer(CAMVID, CAMVID, threshold=0.4)
    scored(scorer, noise=0.1)
    boxes = scorer.compute()['detection']
    at = boxes['curves']['thresholds'].index(0.4)
    for name, curve in boxes['curves']['per_class'].items():
        assert curve['recall'][at] == boxes['per_class'][name]['recall']
        assert curve['precision'][at] == boxes['per_class'][name]['precision']
    counts = np.array(boxes['confusion']['counts'])
    assert np.trace(counts) == boxes['operating']['found']
    assert counts[:, :-1].sum() == boxes['operating']['found'] + boxes['operating']['wrong']
    assert counts[:-1].sum() == boxes['operating']['truths']


def test_found_by_true_distance():
    scorer = RunScorer(CAMVID, CAMVID, distances=(10, 20))
    scored(scorer)
    rows = scorer.compute()['detection']['by_distance']
    assert [(row['from_m'], row['to_m'], row['truths'], row['found'], row['recall'])
            for row in rows] == [(0.0, 10, 20, 20, 1.0), (10, 20, 20, 20, 1.0),
                                 (20, None, 0, 0, None)]


@pytest.mark.parametrize('distances', [(0, 10), (10, 10), (20, 10), (float('nan'),)])
def test_distances_that_do_not_rise_are_refused(distances):
    with pytest.raises(InputError, match='rising'):
        RunScorer(CAMVID, CAMVID, distances=distances)


def test_parts_merged_are_the_whole():
    whole, one, two = (RunScorer(CAMVID, CAMVID) for _ in range(3))
    scored(whole, 20, 0.1)
    scored(one, 12, 0.1)
    scored(two, 8, 0.1, first=12)
    one.merge(pickle.loads(pickle.dumps(two)))
    assert one.compute() == whole.compute()


def test_a_frame_is_plain_json_and_comes_back():
    frame = scored(RunScorer(CAMVID, CAMVID), 1, 0.1)[0]
    assert frame_of_figures(json.loads(json.dumps(frame.figures()))) == frame


def test_figures_are_plain_json_without_truth_too():
    scorer = RunScorer(CAMVID, CAMVID)
    empty = Sample('', None, boxes=np.zeros((0, 4), np.float32), class_ids=np.zeros(0, np.int64),
                   label_map=np.full(SIZE, 255, np.uint8))
    nothing = Prediction(empty.boxes, np.zeros(0, np.float32), empty.class_ids,
                         empty.label_map, None, CAMVID)
    frame = scorer.score(MatchedFrame(0, 0), nothing, empty)
    figures = json.loads(json.dumps(scorer.compute(), allow_nan=False))
    assert figures['detection']['mAP50'] is None and figures['segmentation']['mIoU'] is None
    assert frame.score == 1.0 and frame.segmentation.mIoU is None


def test_a_threshold_out_of_range_is_refused():
    with pytest.raises(InputError, match='threshold 1.5'):
        RunScorer(CAMVID, CAMVID, threshold=1.5)

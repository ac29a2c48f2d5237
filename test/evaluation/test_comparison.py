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

"""Two runs are compared over the frames that both have, and honestly."""

from dataclasses import replace
import json

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.bootstrap import block_length, block_weights
from triplenet_ros.evaluation.comparison import (BETTER, compare_runs, SAME, UNCLEAR, WORSE)
from triplenet_ros.evaluation.frame_tables import FrameTables
from triplenet_ros.evaluation.report_folder import FRAMES, write_frame, write_run
from triplenet_ros.evaluation.run_scorer import MatchedFrame, RunScorer
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

STEP = 100_000_000
SIZE = 30, 40


def frames_of(noise, count=60, first=0, seed=0):
    """Return a scorer and its frames, the truth disturbed."""
    scorer, frames = RunScorer(CAMVID, CAMVID), []
    for number in range(first, first + count):
        # Truth is the same for each noise; what is found is not.
        truth, chance = (np.random.default_rng((number, more)) for more in (0, 1 + seed))
        corner = truth.integers(0, 40, (3, 2))
        boxes = np.concatenate([corner, corner + truth.integers(8, 20, (3, 2))], 1)
        ids, labels = truth.integers(0, 3, 3), truth.integers(0, 11, SIZE, dtype=np.uint8)
        found = np.where(chance.random(SIZE) < noise, 0, labels).astype(np.uint8)
        moved = boxes + chance.normal(0, 20 * noise, boxes.shape)
        scores = np.sort(chance.random(3).astype(np.float32))[::-1]
        frames.append(scorer.score(
            MatchedFrame(number, number * STEP, number * STEP),
            Prediction(moved.astype(np.float32), scores, ids, found, None, CAMVID),
            Sample(str(number), None, boxes=boxes.astype(np.float32), class_ids=ids,
                   difficult=truth.random(3) < 0.2, label_map=labels)))
    return scorer, frames


@pytest.fixture
def folder(tmp_path, scored_example):
    """Return what writes a run and gives its folder."""
    def write(name, noise, **options):
        scorer, frames = frames_of(noise, **options)
        path = tmp_path / name
        path.mkdir()
        write_run(path, replace(scored_example.run(), **scorer.compute()))
        with (path / FRAMES).open('w') as file:
            for frame in frames:
                write_frame(file, frame)
        return path
    return write


def test_scores_from_frames_are_those_of_the_run():
    scorer, frames = frames_of(0.2)
    figures = scorer.compute()
    table = FrameTables(np.arange(60) * STEP, frames, scorer.box_names, scorer.label_names)
    values = {name: value[0] for name, value in table.metrics(np.ones((1, 60))).items()}
    boxes, labels = figures['detection'], figures['segmentation']
    assert values['mAP50'] == pytest.approx(boxes['mAP50'], abs=1e-12)
    assert values['AP'] == pytest.approx(boxes['AP'], abs=1e-12) and 0 < values['AP'] < 1
    assert values['recall'] == pytest.approx(boxes['operating']['recall'])
    assert values['mIoU'] == pytest.approx(labels['mIoU'], abs=1e-12)
    assert values['pixel_accuracy'] == pytest.approx(labels['pixel_accuracy'])
    for name, row in boxes['per_class'].items():
        for key in ('AP50', 'AP'):
            assert values[f'{key} of {name}'] == pytest.approx(row[key], abs=1e-12)
        assert values[f'precision of {name}'] == pytest.approx(row['precision'])
    for name, value in labels['per_class'].items():
        assert values[f'IoU of {name}'] == pytest.approx(value, abs=1e-12)


def test_frames_chosen_twice_count_twice():
    scorer, frames = frames_of(0.2, count=10)
    doubled, _ = frames_of(0.2, count=10)
    doubled.merge(frames_of(0.2, count=5)[0])
    table = FrameTables(np.arange(10) * STEP, frames, scorer.box_names, scorer.label_names)
    chosen = table.metrics(np.array([[2] * 5 + [1] * 5]))
    figures = doubled.compute()
    assert chosen['mIoU'][0] == pytest.approx(figures['segmentation']['mIoU'], abs=1e-12)
    assert chosen['recall'][0] == pytest.approx(figures['detection']['operating']['recall'])
    for name in ('mAP50', 'AP'):
        assert chosen[name][0] == pytest.approx(figures['detection'][name], abs=1e-12)


def test_a_run_is_the_same_as_itself(folder):
    run = folder('a', 0.1)
    comparison = compare_runs(run, run, -0.01)
    assert {(one.value, one.low, one.high, one.verdict)
            for one in comparison.difference.values()} == {(0.0, 0.0, 0.0, SAME)}
    assert comparison.worse == () and comparison.failed == comparison.unclear == []


def test_much_worse_fails_and_the_other_way_round_is_better(folder):
    good, bad = folder('good', 0.05), folder('bad', 0.5)
    worse, better = compare_runs(good, bad, -0.01), compare_runs(bad, good, -0.01)
    assert worse.difference['mIoU'].verdict == WORSE and 'mIoU' in worse.failed
    assert better.difference['mIoU'].verdict == BETTER and better.failed == []
    assert worse.difference['mIoU'].value == -better.difference['mIoU'].value
    one = worse.difference['mIoU']
    assert one.low <= one.value <= one.high < 0
    assert worse.worse[0].b - worse.worse[0].a == min(one.b - one.a for one in worse.worse)


def test_a_small_fall_in_few_frames_cannot_be_told(folder):
    good, other = folder('a', 0.3, count=20), folder('b', 0.3, count=20, seed=1)
    comparison = compare_runs(good, other, -1e-9, block_seconds=0.1)
    below = [name for name, one in comparison.difference.items() if one.value < -1e-9]
    assert below and any(comparison.difference[name].verdict == UNCLEAR for name in below)
    assert set(comparison.unclear) | set(comparison.failed) == set(below)
    assert all(comparison.difference[name].verdict == WORSE for name in comparison.failed)
    assert comparison.unclear


def test_only_frames_of_both_runs_count(folder):
    comparison = compare_runs(folder('a', 0.1, count=30), folder('b', 0.1, count=30, first=10))
    assert (comparison.frames, comparison.only_in_a, comparison.only_in_b) == (20, 10, 10)
    assert comparison.difference['mIoU'].value == 0


def test_figures_are_plain_json(folder):
    figures = compare_runs(folder('a', 0.1), folder('b', 0.2), -0.01).figures()
    again = json.loads(json.dumps(figures, allow_nan=False))
    assert set(again['difference']['mIoU']) >= {'value', 'low', 'high'}
    assert again['worse'][0]['difference'] < 0


def test_the_mean_over_overlaps_has_an_interval_too(folder):
    one = compare_runs(folder('good', 0.05), folder('bad', 0.5)).difference['AP']
    assert one.low <= one.value <= one.high < 0 and one.verdict == WORSE


def test_frames_that_tell_no_ap_are_compared_without_it(folder):
    one, two = folder('a', 0.1), folder('b', 0.1)
    frames = [json.loads(line) for line in (two / FRAMES).read_text().splitlines()]
    for frame in frames:
        del frame['detection']['coco']
    (two / FRAMES).write_text(''.join(json.dumps(frame) + '\n' for frame in frames))
    for pair in ((one, two), (two, one)):
        comparison = compare_runs(*pair)
        assert 'AP' not in comparison.difference and 'mAP50' in comparison.difference
        assert any('AP is left out' in note for note in comparison.notes)


def test_one_block_gives_no_interval(folder):
    comparison = compare_runs(folder('a', 0.1, count=1), folder('b', 0.2, count=1))
    assert {(one.low, one.verdict) for one in comparison.difference.values()} == {
        (None, UNCLEAR)}


def test_other_truth_is_said(folder, tmp_path):
    one, two = folder('a', 0.1), folder('b', 0.1)
    lines = (two / FRAMES).read_text().splitlines()
    frame = json.loads(lines[3])
    frame['segmentation']['pixels']['sky'][1] += 1
    lines[3] = json.dumps(frame)
    (two / FRAMES).write_text('\n'.join(lines) + '\n')
    assert any('truth of 1 frames' in note for note in compare_runs(one, two).notes)


def test_runs_without_a_common_frame_are_refused(folder):
    with pytest.raises(InputError, match='no frame in common'):
        compare_runs(folder('a', 0.1, count=5), folder('b', 0.1, count=5, first=5))


@pytest.mark.parametrize('limit', [0.1, -2, float('nan')])
def test_a_limit_that_is_no_fall_is_refused(folder, limit):
    run = folder('a', 0.1, count=2)
    with pytest.raises(InputError, match='--fail-below'):
        compare_runs(run, run, limit)


def test_blocks_are_consecutive_and_of_equal_chance():
    weights = block_weights(100, 10, 400)
    assert (weights.sum(axis=1) == 100).all()
    # Of blocks of ten a frame's neighbour is nearly always chosen with it.
    together = np.mean([np.corrcoef(row, np.roll(row, 1))[0, 1] for row in weights])
    assert together > 0.8
    assert abs(weights.mean(axis=0) - 1).max() < 0.25


def test_the_interval_covers_the_true_mean_as_often_as_it_says():
    random, covered = np.random.default_rng(1), 0
    for trial in range(200):
        # Blocks of five equal values: an interval of single frames would be far too narrow.
        values = np.repeat(random.normal(0, 1, 40), 5)
        means = block_weights(200, 10, 200, trial) @ values / 200
        low, high = np.percentile(means, (2.5, 97.5))
        covered += low <= 0 <= high
    assert 0.85 <= covered / 200 <= 0.99


@pytest.mark.parametrize(('stamps', 'length'), [
    ([], 1), ([5], 1), (np.arange(1000) * STEP, 50), (np.arange(100) * STEP, 10),
    (np.arange(1000) * 10 * STEP, 5), ([0, 0, 0], 1)])
def test_length_of_a_block(stamps, length):
    assert block_length(np.array(stamps, np.int64), 5.0) == length

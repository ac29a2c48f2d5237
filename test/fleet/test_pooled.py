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

"""Scores over the frames of several recordings."""

import pytest

from triplenet_ros.evaluation.scored_frame import FrameDetection, FrameSegmentation, ScoredFrame
from triplenet_ros.fleet.pooled import PooledScores


def frame(boxes, truths, pixels):
    found = sum(outcome == 1 for _, outcome in boxes)
    counts = {'truths': truths, 'found': found, 'wrong': len(boxes) - found}
    return ScoredFrame(
        0, 0, None, '', None,
        FrameDetection(**counts, errors={}, per_class={'car': counts}, boxes={'car': boxes}),
        FrameSegmentation(None, None, {}, {'road': pixels}))


def test_scores_are_those_of_all_frames_together_not_means():
    pooled = PooledScores()
    pooled.add([frame([[0.9, 1]], 1, [10, 10, 10])])
    pooled.add([frame([[0.95, 0], [0.5, 1]], 3, [0, 30, 30]),
                frame([[0.8, -1]], 0, [0, 0, 0])])
    scores = pooled.compute()
    # By score: wrong, found, found of 4 truths: precision 2/3 from recall 0 to 1/2.
    assert scores['mAP50'] == pytest.approx(0.5 * 2 / 3)
    assert scores['F1'] == pytest.approx(2 * 2 / (2 + 2 + 4))
    assert scores['mIoU'] == pytest.approx(10 / (40 + 40 - 10))
    assert pooled.frames == 3


def test_nothing_scored_has_no_scores():
    assert PooledScores().compute() == {}


def test_pooling_one_recording_gives_its_own_scores(scored_example):
    pooled = PooledScores()
    pooled.add(scored_example.frames())
    frames = scored_example.frames()
    right = sum(one.segmentation.pixels['road'][0] for one in frames)
    assert pooled.compute()['mIoU'] == pytest.approx(right / (2 * 60 * 1000 - right))

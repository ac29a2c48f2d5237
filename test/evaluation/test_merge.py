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

"""Images that were scored in parts have the scores of the whole."""

import numpy as np

from triplenet_ros.classes import CAMVID
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample


def scored_image(index):
    """Return random truth, and a prediction that is right about half of the time."""
    rng = np.random.default_rng(index)
    corners = rng.integers(0, 60, (index % 4, 2))
    boxes = np.concatenate([corners, corners + rng.integers(4, 30, corners.shape)], axis=1)
    found = np.concatenate([boxes[::2], rng.permuted(boxes, axis=0) + 1]).astype(np.float32)
    labels = rng.integers(0, 4, (90, 90), np.uint8)
    sample = Sample(f'{9 - index}', np.zeros((90, 90, 3), np.uint8), boxes.astype(np.float32),
                    rng.integers(0, 2, len(boxes)), label_map=labels)
    # Few different scores: of equal ones the order of the images decides.
    scores = -np.sort(-rng.integers(1, 4, len(found)) / 4)
    return Prediction(found, scores.astype(np.float32), rng.integers(0, 2, len(found)),
                      np.where(rng.random((90, 90)) < 0.5, labels, 0).astype(np.uint8), None,
                      CAMVID), sample


def evaluator_of(indices):
    evaluator = Evaluator(CAMVID, CAMVID)
    for index in indices:
        evaluator.update(*scored_image(index))
    return evaluator


def test_two_parts_have_the_figures_of_the_whole():
    merged = evaluator_of(range(5))
    merged.merge(evaluator_of(range(5, 10)))
    figures = merged.compute()
    assert figures == evaluator_of(range(10)).compute()
    assert figures['images'] == 10 and 0 < figures['detection']['mAP50'] < 1


def test_what_was_not_merged_is_not_counted():
    assert evaluator_of(range(5)).compute() != evaluator_of(range(10)).compute()

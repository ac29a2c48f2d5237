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

"""Overlap of label maps on cases worked out by hand."""

import math

import numpy as np
import pytest
import torch

from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.segmentation import LabelOverlap
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

NAMES = ('road', 'sky', 'car')
EMPTY = np.zeros((0, 4), np.float32)


def score(predicted, true, names=NAMES, known=NAMES):
    """Return the figures of pairs of label maps."""
    overlap = LabelOverlap(match_classes('segmentation', names, known))
    for ours, theirs in zip(predicted, true):
        ours, theirs = np.array(ours, np.uint8), np.array(theirs, np.uint8)
        overlap.update(
            Prediction(EMPTY, EMPTY[:, 0], np.zeros(0, np.int64), ours, None,
                       ClassSet((), known, (), ((0, 0, 0),) * len(known))),
            Sample('x', np.zeros((*theirs.shape, 3), np.uint8), label_map=theirs))
    return overlap.compute()


def test_iou_and_accuracy_by_hand():
    figures = score([[[0, 0, 1, 1]]], [[[0, 1, 1, 1]]])
    assert figures['per_class']['road'] == pytest.approx(1 / 2)
    assert figures['per_class']['sky'] == pytest.approx(2 / 3)
    assert figures['mIoU'] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert figures['pixel_accuracy'] == pytest.approx(3 / 4)


def test_class_that_occurs_nowhere_is_left_out_and_one_only_predicted_is_not():
    figures = score([[[0, 2]]], [[[0, 0]]])
    assert math.isnan(figures['per_class']['sky'])
    assert figures['per_class']['car'] == 0
    assert figures['mIoU'] == pytest.approx((1 / 2 + 0) / 2)


def test_unlabelled_truth_is_ignored():
    figures = score([[[0, 2, 1]]], [[[0, 255, 255]]])
    assert figures['mIoU'] == figures['pixel_accuracy'] == 1
    assert math.isnan(figures['per_class']['car'])


def test_unlabelled_prediction_is_wrong():
    figures = score([[[0, 255]]], [[[0, 0]]])
    assert figures['per_class']['road'] == 0.5 and figures['pixel_accuracy'] == 0.5


def test_pixels_add_up_over_images_instead_of_averaging_them():
    figures = score([[[0]], [[1, 1, 1]]], [[[0]], [[0, 0, 0]]])
    assert figures['per_class']['road'] == pytest.approx(1 / 4)


def test_labels_are_translated_by_name():
    figures = score([[[2, 0, 1]]], [[[0, 1, 0]]], names=('car', 'road'))
    assert figures['per_class'] == {'car': pytest.approx(1 / 2), 'road': 1}


def test_truth_that_the_network_does_not_know_is_ignored():
    figures = score([[[0, 0]]], [[[0, 1]]], names=('road', 'dog'), known=('road',))
    assert figures['per_class'] == {'road': 1} and figures['pixel_accuracy'] == 1


def test_no_pixel_at_all_has_no_score():
    figures = score([[[0]]], [[[255]]])
    assert math.isnan(figures['mIoU']) and math.isnan(figures['pixel_accuracy'])


def test_background_is_a_class_like_any_other():
    # background: 2 of 3 pixels that are either, car: 1 of 2, sky: nowhere, not in the mean
    figures = score([[[0, 0, 2, 2]]], [[[0, 0, 0, 2]]], names=('background', 'sky', 'car'),
                    known=('background', 'sky', 'car'))
    assert figures['per_class']['background'] == pytest.approx(2 / 3)
    assert figures['mIoU'] == pytest.approx((2 / 3 + 1 / 2) / 2)


@pytest.mark.parametrize('seed', range(3))
def test_figures_are_those_of_torchmetrics(seed):
    classification = pytest.importorskip('torchmetrics.functional.classification')
    names = tuple(f'class {index}' for index in range(6))
    random = np.random.default_rng(seed)
    # Class 4 is only predicted, class 5 occurs nowhere; a tenth of the truth is unlabelled.
    true = random.integers(0, 4, (3, 20, 30))
    predicted = np.where(random.random(true.shape) < 0.7, true, random.integers(0, 5, true.shape))
    true[random.random(true.shape) < 0.1] = 255
    ours = score(predicted, true, names=names, known=names)
    pair, options = (torch.from_numpy(predicted), torch.from_numpy(true)), {
        'num_classes': 6, 'ignore_index': 255}
    per_class = classification.multiclass_jaccard_index(*pair, average='none', **options)
    assert list(ours['per_class'].values())[:5] == pytest.approx(per_class[:5].tolist())
    assert math.isnan(ours['per_class']['class 5']) and ours['per_class']['class 4'] == 0
    assert ours['mIoU'] == pytest.approx(
        float(classification.multiclass_jaccard_index(*pair, average='macro', **options)))
    assert ours['pixel_accuracy'] == pytest.approx(
        float(classification.multiclass_accuracy(*pair, average='micro', **options)))


def test_another_size_is_a_bug_and_said():
    with pytest.raises(ValueError, match=r'x: label map of \(1, 2\) against a truth of \(1, 3\)'):
        score([[[0, 0]]], [[[0, 0, 0]]])

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

"""Post-processing: 400 / 50 / 200, suppression within a class, labels at image size."""

import pytest
import torch

from triplenet_ros.inference.postprocess import (
    cut_to_image, label_image, select_boxes, Thresholds, winner_confidence)


def scattered(count, classes=2, images=1):
    """Return anchors that do not overlap, all sure of class 0, falling slowly."""
    index = torch.arange(count, dtype=torch.float32)
    anchors = torch.stack([index * 20, index * 0 + 10, index * 0 + 10, index * 0 + 10], dim=1)
    logits = torch.zeros(images, count, 1 + classes)
    logits[:, :, 1] = 10 - index / count
    return logits, torch.zeros(images, count, 4), anchors


def test_at_most_fifty_of_a_class_are_kept():
    logits, codes, anchors = scattered(300)
    boxes = select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0]
    assert len(boxes.scores) == 50
    assert boxes.boxes[:, 0].tolist() == [index * 20 - 5 for index in range(50)]


def test_at_most_four_hundred_of_a_class_go_into_suppression():
    # 400 copies of one box come first: what comes after them is never looked at.
    logits, codes, anchors = scattered(500, classes=1)
    anchors[:400] = anchors[0]
    boxes = select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0]
    assert len(boxes.scores) == 1
    anchors[399] = anchors[450]
    assert len(select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0].scores) == 2


def test_at_most_two_hundred_of_all_classes_are_kept():
    logits, codes, anchors = scattered(300, classes=6)
    logits[0, :, 1:] = 0
    for label in range(6):
        logits[0, label * 50:(label + 1) * 50, 1 + label] = 10
    boxes = select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0]
    assert len(boxes.scores) == 200


def test_boxes_come_best_first():
    logits, codes, anchors = scattered(30)
    logits = logits[:, torch.randperm(30, generator=torch.Generator().manual_seed(0))]
    scores = select_boxes(logits, codes, anchors, Thresholds())[0].scores
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


def test_scores_below_the_threshold_are_dropped():
    logits, codes, anchors = scattered(10)
    logits[0, 5:] = torch.tensor([5.0, 0.0, 0.0])
    assert len(select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0].scores) == 5


def test_boxes_of_unwanted_classes_take_no_place_from_the_wanted():
    logits, codes, anchors = scattered(100)
    logits[0, 50:, 1], logits[0, 50:, 2] = 0, 5
    for classes, ids in ((None, {0}), ((1,), {1}), ((0, 1), {0}), ((), set())):
        thresholds = Thresholds(score=0.5, max_detections=20, classes=classes)
        boxes = select_boxes(logits, codes, anchors, thresholds)[0]
        assert set(boxes.class_ids.tolist()) == ids
        assert len(boxes.scores) == 20 * len(ids)


def test_background_is_no_class():
    logits, codes, anchors = scattered(10)
    logits[0] = torch.tensor([9.0, 0.0, 0.0])
    assert len(select_boxes(logits, codes, anchors, Thresholds(score=0.01))[0].scores) == 0


def test_overlapping_boxes_are_suppressed_within_a_class_only():
    logits, codes, anchors = scattered(2)
    anchors[1] = anchors[0] + torch.tensor([1.0, 0, 0, 0])
    assert len(select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0].scores) == 1
    logits[0, 1] = torch.tensor([0.0, 0, 9])
    assert len(select_boxes(logits, codes, anchors, Thresholds(score=0.5))[0].scores) == 2


def test_images_do_not_suppress_each_other():
    logits, codes, anchors = scattered(3, images=2)
    assert [len(boxes.scores) for boxes in
            select_boxes(logits, codes, anchors, Thresholds(score=0.5))] == [3, 3]


def test_a_batch_is_the_images_one_by_one():
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(3, 200, 5, generator=generator) * 3
    codes = torch.randn(3, 200, 4, generator=generator)
    anchors = torch.rand(200, 4, generator=generator) * 50 + 10
    together = select_boxes(logits, codes, anchors, Thresholds())
    for image, boxes in enumerate(together):
        alone = select_boxes(logits[image:image + 1], codes[image:image + 1], anchors,
                             Thresholds())[0]
        torch.testing.assert_close((boxes.boxes, boxes.scores, boxes.class_ids),
                                   (alone.boxes, alone.scores, alone.class_ids))


def test_labels_of_the_covered_part_fill_the_image():
    logits = torch.zeros(2, 4, 8)
    logits[1, :, :3] = 5.0  # the image covers the left half: class 1 left, class 0 right of 3/4
    labels = label_image(cut_to_image(logits, coverage=(1.0, 0.5)), size=(7, 40))
    assert labels.shape == (7, 40)
    assert labels[:, :29].min() == 1 and labels[:, 35:].max() == 0


def test_rows_below_the_image_are_cut_off():
    logits = torch.zeros(2, 8, 4)
    logits[1, 4:] = 5.0  # the image covers the upper half: all class 0
    labels = label_image(cut_to_image(logits, coverage=(0.5, 1.0)), size=(40, 7))
    assert labels.shape == (40, 7) and labels.max() == 0


def test_confidence_is_the_winners_softmax():
    for logits, confidence in ((torch.log(torch.tensor([0.8, 0.2])), 204),
                               (torch.tensor([100.0, 0.0]), 255)):
        image = winner_confidence(logits.reshape(2, 1, 1), (2, 3))
        assert image.tolist() == [[confidence] * 3] * 2


@pytest.mark.parametrize('images', [1, 3])
def test_no_boxes_at_all_is_an_answer(images):
    logits, codes, anchors = scattered(5, images=images)
    found = select_boxes(logits - 20 * torch.tensor([0.0, 1, 1]), codes, anchors,
                         Thresholds(score=0.5))
    assert [boxes.boxes.shape for boxes in found] == [(0, 4)] * images

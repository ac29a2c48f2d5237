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

"""Boxes: 400 / 50 / 200, suppression within a class."""

from hypothesis import given, settings, strategies
import pytest
import torch
from torchvision.ops import box_iou, nms

from triplenet_ros.inference import postprocess
from triplenet_ros.inference.postprocess import no_boxes, select_boxes, Thresholds
from triplenet_ros.inference.suppression import suppress_in_rounds
from triplenet_ros.network.anchors import decode_boxes


def select(logits, codes, anchors, thresholds, **options):
    """Return (boxes, scores, class ids) of each image."""
    boxes = select_boxes(logits, codes, anchors, thresholds, **options)
    return [boxes.of_image(image) for image in range(len(logits))]


def scattered(count, classes=2, images=1):
    """Return anchors that do not overlap, all sure of class 0, falling slowly."""
    index = torch.arange(count, dtype=torch.float32)
    anchors = torch.stack([index * 20, index * 0 + 10, index * 0 + 10, index * 0 + 10], dim=1)
    logits = torch.zeros(images, count, 1 + classes)
    logits[:, :, 1] = 10 - index / count
    return logits, torch.zeros(images, count, 4), anchors


def random_case(seed, images):
    """Return boxes all over each other."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(images, 200, 5, generator=generator) * 3,
            torch.randn(images, 200, 4, generator=generator),
            torch.rand(200, 4, generator=generator) * 50 + 10)


def count(logits, codes, anchors, score=0.5):
    """Return how many boxes are found in one image."""
    (_, scores, _), = select(logits, codes, anchors, Thresholds(score=score))
    return len(scores)


def test_at_most_fifty_of_a_class_are_kept():
    logits, codes, anchors = scattered(300)
    (boxes, scores, _), = select(logits, codes, anchors, Thresholds(score=0.5))
    assert len(scores) == 50
    assert boxes[:, 0].tolist() == [index * 20 - 5 for index in range(50)]


def test_at_most_four_hundred_of_a_class_go_into_suppression():
    # 400 copies of one box come first: what comes after them is never looked at.
    logits, codes, anchors = scattered(500, classes=1)
    anchors[:400] = anchors[0]
    assert count(logits, codes, anchors) == 1
    anchors[399] = anchors[450]
    assert count(logits, codes, anchors) == 2


def test_at_most_two_hundred_of_all_classes_are_kept():
    logits, codes, anchors = scattered(300, classes=6)
    logits[0, :, 1:] = 0
    for label in range(6):
        logits[0, label * 50:(label + 1) * 50, 1 + label] = 10
    assert count(logits, codes, anchors) == 200


def test_boxes_come_best_first():
    logits, codes, anchors = scattered(30)
    logits = logits[:, torch.randperm(30, generator=torch.Generator().manual_seed(0))]
    (_, scores, _), = select(logits, codes, anchors, Thresholds())
    assert len(scores) == 30
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)


def test_scores_below_the_threshold_are_dropped():
    logits, codes, anchors = scattered(10)
    logits[0, 5:] = torch.tensor([5.0, 0.0, 0.0])
    assert count(logits, codes, anchors) == 5


def test_boxes_of_unwanted_classes_take_no_place_from_the_wanted():
    logits, codes, anchors = scattered(100)
    logits[0, 50:, 1], logits[0, 50:, 2] = 0, 5
    for classes, ids in ((None, {0}), ((1,), {1}), ((0, 1), {0}), ((), set())):
        thresholds = Thresholds(score=0.5, max_detections=20, classes=classes)
        (_, scores, class_ids), = select(logits, codes, anchors, thresholds)
        assert set(class_ids.tolist()) == ids
        assert len(scores) == 20 * len(ids)


def test_background_is_no_class():
    logits, codes, anchors = scattered(10)
    logits[0] = torch.tensor([9.0, 0.0, 0.0])
    assert count(logits, codes, anchors, score=0.01) == 0


def test_overlapping_boxes_are_suppressed_within_a_class_only():
    logits, codes, anchors = scattered(2)
    anchors[1] = anchors[0] + torch.tensor([1.0, 0, 0, 0])
    assert count(logits, codes, anchors) == 1
    logits[0, 1] = torch.tensor([0.0, 0, 9])
    assert count(logits, codes, anchors) == 2


def test_images_do_not_suppress_each_other():
    logits, codes, anchors = scattered(3, images=2)
    assert [len(scores) for _, scores, _ in
            select(logits, codes, anchors, Thresholds(score=0.5))] == [3, 3]


@pytest.mark.parametrize('score', [0.01, 0.3, 0.9])
def test_a_batch_is_the_images_one_by_one(score):
    logits, codes, anchors = random_case(seed=1, images=3)
    thresholds = Thresholds(score=score)
    together = select(logits, codes, anchors, thresholds)
    assert sum(len(scores) for _, scores, _ in together) > 0
    for image, found in enumerate(together):
        alone, = select(logits[image:image + 1], codes[image:image + 1], anchors, thresholds)
        torch.testing.assert_close(found, alone)


@pytest.mark.parametrize('score', [0.0, 0.25, 0.5, 0.999, 1.0])
def test_anchors_without_hope_make_no_difference(score, monkeypatch):
    logits, codes, anchors = random_case(seed=2, images=2)
    logits[0, 0] = torch.tensor([-200.0, 200, 0, 0, 0])  # as sure as floats can be
    logits[1, 0] = torch.tensor([0.0, 0, 0, -99, -99])  # on the threshold of 1/3 and others
    thresholds = Thresholds(score=score)
    found = select(logits, codes, anchors, thresholds)
    monkeypatch.setattr(postprocess, '_leave_out_hopeless', lambda *case: case[:3])
    torch.testing.assert_close(found, select(logits, codes, anchors, thresholds), rtol=0, atol=0)


@pytest.mark.parametrize('classes', [None, (1, 3)])
@pytest.mark.parametrize('merge_iou', [1.0, 0.5])
@pytest.mark.parametrize('nms_threshold', [0.45, 0.7])
def test_the_gpus_way_finds_the_same_boxes(classes, merge_iou, nms_threshold):
    logits, codes, anchors = random_case(seed=3, images=2)
    thresholds = Thresholds(0.1, nms_threshold, classes=classes)
    expected = select(logits, codes, anchors, thresholds, merge_iou=merge_iou)
    found = select(logits, codes, anchors, thresholds, merge_iou=merge_iou,
                   suppress=lambda boxes, scores, *rest: suppress_in_rounds(boxes, *rest))
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_kept_boxes_are_merged_with_those_of_their_class_alone():
    logits, codes, anchors = scattered(4)
    anchors[1] = anchors[0] + torch.tensor([2.0, 0, 0, 0])  # IoU 2/3 with the first
    anchors[2] = anchors[0] - torch.tensor([2.0, 0, 0, 0])  # the same, of another class
    logits[0] = torch.tensor([[0.0, 3, -9], [0.0, 2, -9], [0.0, -9, 1], [0.0, 0, -9]])
    plain, = select(logits, codes, anchors, Thresholds(score=0.1))
    merged, = select(logits, codes, anchors, Thresholds(score=0.1), merge_iou=0.6)
    first, second = logits[0, :2].softmax(dim=1)[:, 1]
    moved = 2 * second / (first + second)
    torch.testing.assert_close(merged[0], plain[0] + torch.tensor(
        [[moved, 0, moved, 0], [0.0] * 4, [0.0] * 4]))
    torch.testing.assert_close(merged[1:], plain[1:])


@pytest.mark.parametrize('second, nms_threshold', [
    ((2.5, 10, 10, 10), 0.7), ((-2.5, 10, 5, 10), 0.5)], ids=['IoU 0.6', 'IoU 0.5'])
def test_a_box_that_suppression_kept_is_not_merged(second, nms_threshold):
    logits, codes, anchors = scattered(2)
    anchors[1] = torch.tensor(second)
    case = logits, codes, anchors, Thresholds(0.5, nms_threshold)
    (boxes, _, _), = select(*case, merge_iou=0.5)
    (plain, _, _), = select(*case)
    assert len(boxes) == 2
    torch.testing.assert_close(boxes, plain)


def test_suppression_has_the_last_word_on_what_it_kept():
    """It may round an overlap on the threshold to the other side."""
    logits, codes, anchors = random_case(seed=5, images=2)
    case = logits, codes, anchors, Thresholds(0.01, 0.45)
    keep_all = (lambda boxes, scores, wanted, overlap: (wanted, torch.tensor(True)))
    torch.testing.assert_close(select(*case, suppress=keep_all, merge_iou=0.5),
                               select(*case, suppress=keep_all))


def merged_one_by_one(logits, codes, anchors, thresholds, merge_iou):
    """Return {(score, class id): box} of one image."""
    boxes, merged = decode_boxes(codes[0], anchors), {}
    for label, scores in enumerate(logits[0].softmax(dim=1)[:, 1:].T):
        candidates = (scores >= thresholds.score).nonzero()[:, 0]
        kept = candidates[nms(boxes[candidates], scores[candidates], thresholds.nms)].tolist()
        for index in kept:
            overlaps = box_iou(boxes[index:index + 1], boxes)[0].tolist()
            voters = [other for other, overlap in enumerate(overlaps) if other == index or (
                other not in kept and overlap > thresholds.nms and overlap >= merge_iou
                and scores[other] >= 0.01)]
            mean = (scores[voters, None] * boxes[voters]).sum(dim=0) / scores[voters].sum()
            merged[scores[index].item(), label] = mean
    return merged


@settings(deadline=None, max_examples=25)
@given(strategies.integers(0, 99), strategies.floats(0, 1), strategies.floats(0.1, 0.99))
def test_boxes_are_moved_by_those_that_they_suppressed_alone(seed, nms_threshold, merge_iou):
    case = *random_case(seed, images=1), Thresholds(0.3, nms_threshold)
    expected = merged_one_by_one(*case, merge_iou)
    (boxes, scores, class_ids), = select(*case, merge_iou=merge_iou)
    assert len(boxes)
    for box, *key in zip(boxes, scores.tolist(), class_ids.tolist()):
        torch.testing.assert_close(box, expected[tuple(key)], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize('nms_threshold', [0.45, 0.7])
def test_a_higher_threshold_only_leaves_out_merged_boxes(nms_threshold):
    logits, codes, anchors = random_case(seed=4, images=1)
    everything, sure = (select(logits, codes, anchors, Thresholds(score, nms_threshold),
                               merge_iou=0.5)[0] for score in (0.01, 0.9))
    assert 0 < len(sure[0]) < len(everything[0])
    torch.testing.assert_close(sure, tuple(part[:len(sure[0])] for part in everything))


def test_a_box_without_area_is_merged_with_nothing():
    logits, codes, anchors = scattered(3)
    codes[0, 1, 2:] = -1e3
    (boxes, _, _), = select(logits, codes, anchors, Thresholds(score=0.5), merge_iou=0.5)
    assert boxes[1].tolist() == [20, 10, 20, 10]


@pytest.mark.parametrize('images', [1, 3])
def test_no_boxes_at_all_is_an_answer(images):
    logits, codes, anchors = scattered(5, images=images)
    found = select(logits - 20 * torch.tensor([0.0, 1, 1]), codes, anchors, Thresholds(score=0.5),
                   merge_iou=0.5)
    none = no_boxes(images)
    for image, boxes in enumerate(found):
        assert [part.shape for part in boxes] == [(0, 4), (0,), (0,)]
        torch.testing.assert_close(boxes, none.of_image(image))

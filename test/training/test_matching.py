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

"""SSD's matching rules."""

import torch

from triplenet_ros.training.batch import Batch
from triplenet_ros.training.example import IGNORED
from triplenet_ros.training.matching import (
    BACKGROUND, IouThresholds, match_anchors, NEITHER)

ANCHORS = torch.tensor([[10.0, 10, 20, 20], [30, 10, 20, 20], [50, 10, 20, 20], [70, 10, 20, 20]])


def batch(*boxes, padding=0):
    """Return a batch of one image with these boxes and some padding."""
    count = len(boxes) + padding
    padded = torch.zeros(1, count, 4)
    padded[0, :len(boxes)] = torch.tensor(boxes).reshape(-1, 4)
    ids = torch.tensor([[0] * len(boxes) + [-1] * padding], dtype=torch.int64)
    return Batch(images=torch.zeros(1, 3, 20, 80), boxes=padded, class_ids=ids,
                 has_boxes=torch.tensor([True]), labels=torch.full((1, 20, 80), 255),
                 names=('a',))


def test_an_anchor_takes_an_object_from_an_iou_of_one_half():
    # A 40 wide box over two 20 wide anchors: IoU 0.5 with both.
    assert match_anchors(batch([0.0, 0, 40, 20]), ANCHORS).tolist() == [[0, 0, -1, -1]]


def test_an_anchor_below_one_half_is_background():
    # 41 wide: IoU 400 / 820 with both; the object still gets its best anchor, one of them.
    matches = match_anchors(batch([0.0, 0, 41, 20]), ANCHORS)[0]
    assert (matches == 0).sum() == 1


def test_an_object_gets_an_anchor_whatever_the_iou():
    assert match_anchors(batch([22.0, 2, 24, 4]), ANCHORS).tolist() == [[-1, 0, -1, -1]]


def test_objects_that_want_the_same_anchor_all_get_one():
    boxes = [[21.0, 1, 39, 19], [21.0, 1, 38, 19], [21.0, 1, 37, 19]]
    matches = match_anchors(batch(*boxes), ANCHORS)[0].tolist()
    assert {0, 1, 2} <= set(matches)
    assert matches[1] == 0  # the best pair of all goes first


def test_a_taken_anchor_is_not_taken_back():
    # The first object covers anchor 1 better than the second, whose only overlap it is.
    matches = match_anchors(batch([20.0, 0, 40, 20], [36.0, 0, 40, 20]), ANCHORS)[0].tolist()
    assert matches[1] == 0 and 1 in matches


def test_padding_matches_nothing():
    assert match_anchors(batch([0.0, 0, 20, 20], padding=3), ANCHORS).tolist() == [[0, -1, -1, -1]]
    assert match_anchors(batch(), ANCHORS).tolist() == [[-1] * 4]


def test_more_objects_than_anchors_use_every_anchor_once():
    boxes = [[float(x), 0, x + 10.0, 20] for x in range(0, 60, 10)]
    matches = match_anchors(batch(*boxes), ANCHORS)[0].tolist()
    assert len(set(matches)) == 4 and -1 not in matches


def test_images_of_a_batch_do_not_see_each_other():
    first, second = batch([0.0, 0, 20, 20]), batch([40.0, 0, 60, 20], [60.0, 0, 80, 20])
    joined = Batch(
        images=torch.cat([first.images, second.images]),
        boxes=torch.cat([torch.nn.functional.pad(first.boxes, (0, 0, 0, 1)), second.boxes]),
        class_ids=torch.tensor([[0, -1], [0, 0]]), has_boxes=torch.tensor([True, True]),
        labels=torch.cat([first.labels, second.labels]), names=('a', 'b'))
    assert match_anchors(joined, ANCHORS).tolist() == [[0, -1, -1, -1], [-1, -1, 0, 1]]


def test_an_anchor_on_a_crowd_is_no_background():
    crowd = batch([0.0, 0, 40, 20])
    crowd.class_ids[0, 0] = IGNORED
    assert match_anchors(crowd, ANCHORS).tolist() == [[NEITHER, NEITHER, BACKGROUND, BACKGROUND]]


def test_an_object_in_a_crowd_is_learned():
    objects = batch([0.0, 0, 40, 20], [0.0, 0, 20, 20])
    objects.class_ids[0, 0] = IGNORED
    assert match_anchors(objects, ANCHORS).tolist() == [[1, NEITHER, BACKGROUND, BACKGROUND]]


def test_between_the_thresholds_an_anchor_learns_nothing():
    # A box over one and a half anchors: IoU 2/3 and 1/4.
    matches = match_anchors(batch([0.0, 0, 30, 20]), ANCHORS, IouThresholds(0.6, 0.2))
    assert matches.tolist() == [[0, NEITHER, BACKGROUND, BACKGROUND]]
    assert match_anchors(batch([0.0, 0, 30, 20]), ANCHORS).tolist() == [
        [0, BACKGROUND, BACKGROUND, BACKGROUND]]


def test_an_object_that_no_anchor_fits_has_all_that_are_close_to_the_best():
    # A quarter as high: IoU 1/4 with the first anchor, 0.22 with the second.
    flat = batch([0.0, 0, 38, 5])
    assert match_anchors(flat, ANCHORS).tolist() == [[0, BACKGROUND, BACKGROUND, BACKGROUND]]
    shared = match_anchors(flat, ANCHORS, IouThresholds(share=0.8))
    assert shared.tolist() == [[0, 0, BACKGROUND, BACKGROUND]]


def test_an_anchor_that_hardly_overlaps_is_not_close_to_the_best():
    sliver = batch([19.0, 0, 21, 10])  # IoU 0.024 with two anchors
    matches = match_anchors(sliver, ANCHORS, IouThresholds(share=0.5))[0].tolist()
    assert sorted(matches) == [BACKGROUND, BACKGROUND, BACKGROUND, 0]

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

"""Crops keep an object, as SSD wants it, and are those torchvision would draw."""

import numpy as np
import pytest
import torch
from torchvision import tv_tensors
from torchvision.ops import box_iou
from torchvision.transforms import v2

from triplenet_ros.training.iou_crop import OVERLAPS, random_crop, RandomIoUCrop

BOXES = np.array([[20, 30, 60, 80], [100, 10, 180, 110]], np.float32)
HEIGHT, WIDTH = 120, 200


def parts():
    boxes = tv_tensors.BoundingBoxes(torch.from_numpy(BOXES), format='XYXY',
                                     canvas_size=(HEIGHT, WIDTH))
    return {'image': tv_tensors.Image(torch.zeros(3, HEIGHT, WIDTH, dtype=torch.uint8)),
            'boxes': boxes}


def crops(count):
    torch.manual_seed(0)
    found = [random_crop(BOXES, HEIGHT, WIDTH) for _ in range(count)]
    return np.array([crop for crop in found if crop is not None])


def test_every_crop_has_an_allowed_size_and_shape_and_an_object_in_it():
    for left, top, right, bottom in crops(300).tolist():
        assert 0 <= left < right <= WIDTH and 0 <= top < bottom <= HEIGHT
        assert 0.5 <= (right - left) / (bottom - top) <= 2
        assert right - left >= int(0.3 * WIDTH) and bottom - top >= int(0.3 * HEIGHT)
        centres = (BOXES[:, :2] + BOXES[:, 2:]) / 2
        assert ((centres > [left, top]) & (centres < [right, bottom])).all(axis=1).any()


@pytest.mark.parametrize('overlap', [0.3, 0.7])
def test_a_crop_overlaps_one_of_its_objects_enough(overlap, monkeypatch):
    monkeypatch.setattr('triplenet_ros.training.iou_crop.OVERLAPS', (overlap,))
    found = torch.from_numpy(crops(60)).float()
    best = box_iou(found, torch.from_numpy(BOXES)).max(dim=1).values
    assert (best >= overlap).all() and best.min() < overlap + 0.1


def test_crops_are_like_torchvisions():
    torch.manual_seed(0)
    theirs = v2.RandomIoUCrop(trials=50)
    areas = [theirs(parts())['image'].shape[-2:].numel() for _ in range(400)]
    ours = [RandomIoUCrop()(parts())['image'].shape[-2:].numel() for _ in range(400)]
    for share in (0.1, 0.25, 0.5, 0.75):
        assert np.quantile(ours, share) == pytest.approx(np.quantile(areas, share), rel=0.15)


def test_the_whole_image_is_among_the_choices():
    assert None in OVERLAPS
    torch.manual_seed(0)
    assert any(random_crop(BOXES, HEIGHT, WIDTH) is None for _ in range(50))


def test_boxes_move_with_the_crop_and_those_outside_are_empty():
    torch.manual_seed(1)
    seen = set()
    for _ in range(60):
        cropped = RandomIoUCrop()(parts())
        boxes = cropped['boxes'].numpy()
        assert cropped['boxes'].canvas_size == tuple(cropped['image'].shape[-2:])
        for box, whole in zip(boxes, BOXES):
            seen.add(bool(box.any()))
            if box.any():
                assert (box[2:] - box[:2] <= whole[2:] - whole[:2]).all()
    assert seen == {True, False}

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

"""Anchors and the box code."""

from math import sqrt

import pytest
import torch

from triplenet_ros.network.anchors import (
    anchor_scales, anchor_shapes, decode_boxes, encode_boxes, layer_sizes, make_anchors)
from triplenet_ros.network.registry import NETWORKS


@pytest.mark.parametrize('name, sizes', [
    ('triplenet300-r50-s4', [75, 38, 19, 10, 5, 3, 1]),
    ('triplenet300-r50', [38, 19, 10, 5, 3, 1]),
    ('triplenet512-r50', [64, 32, 16, 8, 4, 2, 1])])
def test_layer_sizes_are_the_published_ones(name, sizes):
    config = NETWORKS[name]
    assert layer_sizes(config, config.input_height, config.input_width) == [
        (size, size) for size in sizes]


def test_scales_are_the_published_ones():
    scales = anchor_scales(NETWORKS['triplenet512-r50'])
    assert scales == pytest.approx([0.04, 0.10, 0.27, 0.44, 0.61, 0.78, 0.95])


def test_a_cell_has_two_squares_and_four_rectangles():
    config = NETWORKS['triplenet300-r50']
    cell = make_anchors(config, 300, 300)[:6]
    small, following = 0.10 * 300, 0.20 * 300
    expected = [(small, small), (sqrt(small * following),) * 2,
                *((small * sqrt(ratio), small / sqrt(ratio)) for ratio in (2, 1 / 2, 3, 1 / 3))]
    torch.testing.assert_close(cell[:, 2:], torch.tensor(expected))
    torch.testing.assert_close(cell[:, :2], torch.full((6, 2), 0.5 * 300 / 38))


def test_anchors_go_row_by_row():
    anchors = make_anchors(NETWORKS['triplenet300-r50'], 300, 300)
    assert anchors[6, 0] > anchors[0, 0] and anchors[6, 1] == anchors[0, 1]
    assert anchors[6 * 38, 1] > anchors[0, 1] and anchors[6 * 38, 0] == anchors[0, 0]


def test_anchors_keep_their_size_in_pixels_when_the_input_is_a_crop():
    config = NETWORKS['triplenet-drive']
    whole, crop = make_anchors(config, 384, 640), make_anchors(config, 192, 320)
    torch.testing.assert_close(whole[:6], crop[:6])


def test_anchors_keep_their_size_in_pixels_when_the_input_is_larger():
    config = NETWORKS['triplenet-drive']
    small, large = anchor_shapes(config), anchor_shapes(config.made_for(576, 960))
    assert len(small) == len(large)
    for given, expected in zip(large[:-1], small[:-1]):
        assert given == [pytest.approx(shape) for shape in expected]
    # What the coarsest layer's second square is a mean with is the whole input.
    assert large[-1][0] == pytest.approx(small[-1][0]) and large[-1][1] > small[-1][1]


def test_the_box_code_is_that_of_ssd():
    anchor = torch.tensor([50.0, 60.0, 20.0, 40.0])
    box = torch.tensor([32.0, 32.0, 72.0, 112.0])  # centre (52, 72), 40 x 80
    twice = torch.log(torch.tensor(2.0)) / 0.2
    expected = torch.tensor([2 / 20 / 0.1, 12 / 40 / 0.1, twice, twice])
    torch.testing.assert_close(encode_boxes(box, anchor), expected)


def test_the_box_code_round_trips():
    generator = torch.Generator().manual_seed(0)
    corner = torch.rand(100, 2, generator=generator) * 200
    boxes = torch.cat([corner, corner + 1 + torch.rand(100, 2, generator=generator) * 90], dim=1)
    anchors = make_anchors(NETWORKS['triplenet300-r50'], 300, 300)[:100]
    torch.testing.assert_close(decode_boxes(encode_boxes(boxes, anchors), anchors), boxes,
                               rtol=1e-4, atol=1e-3)

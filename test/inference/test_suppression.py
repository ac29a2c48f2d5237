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

"""Suppression in rounds is suppression one by one, and says where it is not."""

import pytest
import torch

from triplenet_ros.inference.suppression import ROUNDS, suppress_exactly, suppress_in_rounds


def groups(seed, count=60, number=4):
    """Return boxes (G, K, 4), falling scores (G, K) and which are wanted."""
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(number, count, 2, generator=generator) * 60
    sizes = torch.rand(number, count, 2, generator=generator) * 40 + 5
    scores = torch.rand(number, count, generator=generator).sort(dim=1, descending=True).values
    return torch.cat([corners, corners + sizes], dim=2), scores, scores > 0.2


@pytest.mark.parametrize('overlap', [0.0, 0.3, 0.45, 0.9, 1.0])
@pytest.mark.parametrize('seed', range(5))
def test_rounds_keep_the_boxes_that_torchvision_keeps(seed, overlap):
    boxes, scores, wanted = groups(seed)
    kept, final = suppress_in_rounds(boxes, wanted, overlap)
    expected, _ = suppress_exactly(boxes, scores, wanted, overlap)
    assert final
    assert torch.equal(kept, expected)
    if overlap < 0.9:
        assert kept.sum() < wanted.sum()


@pytest.mark.parametrize('length, is_final', [(ROUNDS - 1, True), (3 * ROUNDS, False)])
def test_a_chain_that_is_too_long_is_said_to_be(length, is_final):
    # Each overlaps the next by 0.6 and the one after that by 0.33: every other one stays.
    left = torch.arange(length, dtype=torch.float32) * 25
    boxes = torch.stack([left, left * 0, left + 100, left * 0 + 10], dim=1)[None]
    wanted = torch.ones(1, length, dtype=torch.bool)
    kept, final = suppress_in_rounds(boxes, wanted, 0.45)
    assert bool(final) == is_final
    expected, _ = suppress_exactly(boxes, torch.linspace(1, 0.5, length)[None], wanted, 0.45)
    assert expected[0].nonzero().flatten().tolist() == list(range(0, length, 2))
    if is_final:
        assert torch.equal(kept, expected)


def test_groups_do_not_suppress_each_other():
    boxes = torch.tensor([[[0.0, 0, 10, 10]], [[0.0, 0, 10, 10]]])
    wanted = torch.tensor([[True], [True]])
    for kept, _ in (suppress_in_rounds(boxes, wanted, 0.45),
                    suppress_exactly(boxes, torch.ones(2, 1), wanted, 0.45)):
        assert kept.all()

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

"""Turning the hue is torchvision's, only faster."""

import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from triplenet_ros.training.hue import RandomHue, turn_hue


@pytest.fixture
def image():
    """Return smooth colours of every hue."""
    rows, columns = torch.meshgrid(torch.arange(40.0), torch.arange(60.0), indexing='ij')
    waves = [127 + 120 * torch.sin(rows / 9 + columns / 13 + phase) for phase in (0, 2, 4)]
    return tv_tensors.Image(torch.stack(waves).to(torch.uint8))


@pytest.mark.parametrize('steps', [-128, -18, -1, 0, 5, 18, 128])
def test_the_hue_turns_as_torchvision_turns_it(image, steps):
    expected = v2.functional.adjust_hue(image, steps / 256)
    difference = (turn_hue(image, steps / 256).int() - expected.int()).abs()
    assert difference.max() <= 8 and difference.float().mean() < 2


def test_grey_stays_grey():
    grey = tv_tensors.Image(torch.arange(256, dtype=torch.uint8).expand(3, 1, 256))
    assert torch.equal(turn_hue(grey, 0.07), grey)


def test_only_the_image_changes_and_turns_stay_in_the_limit(image):
    labels = object()
    for seed in range(20):
        torch.manual_seed(seed)
        parts = RandomHue(0.02)({'image': image, 'labels': labels})
        assert parts['labels'] is labels and parts['image'].shape == image.shape
        possible = [turn_hue(image, steps / 256) for steps in range(-5, 6)]
        assert any(torch.equal(parts['image'], one) for one in possible)

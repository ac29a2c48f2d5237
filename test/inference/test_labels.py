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

"""The label of every pixel, at the size of the image."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from triplenet_ros.inference.labels import (
    _nearest, _resized, cut_to_image, label_image, winner_confidence)
from triplenet_ros.inference.preprocess import Fit


def seen_whole(height, width):
    """Return how an image lies that the network sees pixel by pixel."""
    return Fit(height, width, height, width)


def test_labels_of_the_covered_part_fill_the_image():
    logits = torch.zeros(2, 4, 8)
    logits[1, :, :3] = 5.0  # the image covers the left half: class 1 left, class 0 right of 3/4
    labels = label_image(cut_to_image(logits, coverage=(1.0, 0.5)), seen_whole(7, 40))
    assert labels.shape == (7, 40) and labels.dtype == torch.uint8
    assert labels[:, :29].min() == 1 and labels[:, 35:].max() == 0


def test_rows_below_the_image_are_cut_off():
    logits = torch.zeros(2, 8, 4)
    logits[1, 4:] = 5.0  # the image covers the upper half: all class 0
    labels = label_image(cut_to_image(logits, coverage=(0.5, 1.0)), seen_whole(40, 7))
    assert labels.shape == (40, 7) and labels.max() == 0


@pytest.mark.parametrize('image, content, seen', [
    ((24, 32), (96, 128), (24, 32)),  # a small image: no pixel is computed that is not asked for
    ((288, 384), (96, 128), (96, 128)),  # a large one: as finely as the network saw it
    ((288, 100), (96, 128), (96, 100))])
def test_borders_are_as_fine_as_what_the_network_saw(image, content, seen):
    logits = torch.randn(5, 24, 32, generator=torch.Generator().manual_seed(0))
    labels = label_image(logits, Fit(*image, *content))
    finest = F.interpolate(logits[None], seen, mode='bilinear', align_corners=False).argmax(dim=1)
    expected = F.interpolate(finest[None].to(torch.uint8), image, mode='nearest-exact')[0, 0]
    assert labels.shape == image
    assert (labels != expected).float().mean() < 1e-3  # classes equally good but for rounding


@pytest.mark.parametrize('size', [(288, 384), (251, 333), (97, 128), (96, 128)])
def test_the_nearest_pixel_is_opencvs_and_pytorchs(size):
    values = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (96, 128), np.uint8))
    expected = F.interpolate(values[None, None], size, mode='nearest-exact')[0, 0]
    # But for a row or column that lies in the middle between two, but for rounding.
    assert (_nearest(values, Fit(*size, 96, 128)) != expected).float().mean() < 0.02


def test_confidence_is_the_winners_softmax():
    for logits, confidence in ((torch.log(torch.tensor([0.8, 0.2])), 204),
                               (torch.tensor([100.0, 0.0]), 255)):
        image = winner_confidence(logits.reshape(2, 1, 1), Fit(2, 3, 1, 1))
        assert image.tolist() == [[confidence] * 3] * 2


def test_confidence_and_labels_tell_of_the_same_pixels():
    logits = torch.randn(3, 6, 8, generator=torch.Generator().manual_seed(0)) * 3
    fit = Fit(72, 96, 24, 32)
    labels, confidence = label_image(logits, fit), winner_confidence(logits, fit)
    chances = _resized(logits, (24, 32)).softmax(dim=0)
    chances = F.interpolate(chances[None], (72, 96), mode='nearest-exact')[0]
    chosen = chances.gather(0, labels.long()[None])[0]
    assert (confidence.float() - 255 * chosen).abs().max() <= 1

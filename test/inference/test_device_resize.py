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

"""What a GPU is given is what OpenCV gives the other devices."""

import cv2
import numpy as np
import pytest
import torch

from triplenet_ros.inference.device_resize import resize, to_device_inputs
from triplenet_ros.inference.preprocess import fit_image, to_network_inputs
from triplenet_ros.network.registry import NETWORKS


def picture(height, width):
    """Return noise on coarse shapes."""
    random = np.random.default_rng(height)
    coarse = random.integers(0, 200, (5, 7, 3)).astype(np.uint8)
    shapes = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)
    return shapes + random.integers(0, 56, shapes.shape).astype(np.uint8)


@pytest.mark.parametrize('source', [(1080, 1920), (375, 1242), (97, 131)])
@pytest.mark.parametrize('target', [(45, 80), (64, 96), (97, 131)])
def test_shrinking_is_opencvs_area(source, target):
    image = picture(*source)
    expected = cv2.resize(image, target[::-1], interpolation=cv2.INTER_AREA)
    given = resize(torch.from_numpy(image), *target).numpy()
    assert np.abs(given.astype(int) - expected).max() <= 1


@pytest.mark.parametrize('target', [(60, 90), (71, 133), (200, 301)])
def test_growing_is_opencvs_linear(target):
    image = picture(60, 90)
    expected = cv2.resize(image, target[::-1], interpolation=cv2.INTER_LINEAR)
    given = resize(torch.from_numpy(image), *target).numpy()
    assert np.abs(given.astype(int) - expected).max() <= 1


def test_a_batch_of_different_images_lies_as_on_a_cpu():
    config = NETWORKS['triplenet-drive']
    images = [picture(540, 960), picture(100, 300), picture(384, 640)]
    fits = [fit_image(config, *image.shape[:2]) for image in images]
    given = to_device_inputs(config, images, fits, torch.device('cpu'))
    expected = to_network_inputs(config, images, fits)
    assert given.shape == expected.shape and given.dtype == torch.uint8
    assert np.abs(given.numpy().astype(int) - expected).max() <= 1

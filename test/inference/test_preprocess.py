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

"""Images of any size fit into the network, and come back to their own pixels."""

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from triplenet_ros.errors import InputError
from triplenet_ros.inference.preprocess import fit_image, to_network_inputs
from triplenet_ros.network.registry import NETWORKS

SIZES = [(540, 960), (375, 1242), (301, 517), (1, 1), (2000, 3), (384, 640)]


def picture(height, width):
    """Return noise."""
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize('name', ['triplenet-drive', 'triplenet300-r50'])
@pytest.mark.parametrize('height, width', SIZES)
def test_a_box_around_the_content_is_a_box_around_the_image(name, height, width):
    fit = fit_image(NETWORKS[name], height, width)
    content = np.array([[0.0, 0.0, fit.content_width, fit.content_height]])
    np.testing.assert_allclose(fit.boxes_to_image(content), [[0, 0, width, height]], rtol=1e-6)


@pytest.mark.parametrize('height, width', SIZES)
def test_the_aspect_is_kept_within_a_cell(height, width):
    config = NETWORKS['triplenet-drive']
    fit = fit_image(config, height, width)
    scale = min(config.input_height / height, config.input_width / width)
    assert abs(fit.content_height - height * scale) <= config.finest_stride
    assert abs(fit.content_width - width * scale) <= config.finest_stride


def test_boxes_are_cut_off_at_the_borders():
    fit = fit_image(NETWORKS['triplenet-drive'], 540, 960)
    box = fit.boxes_to_image(np.array([[-20.0, -20, 9999, 9999]]))
    np.testing.assert_array_equal(box, [[0, 0, 960, 540]])


@pytest.mark.parametrize('height, width', SIZES)
def test_what_lies_beside_the_image_is_the_mean_colour(height, width):
    config = NETWORKS['triplenet-drive']
    fit = fit_image(config, height, width)
    image, = to_network_inputs(config, [np.full((height, width, 3), 7, np.uint8)], [fit]).numpy()
    assert image.shape == (384, 640, 3)
    assert (image[:fit.content_height, :fit.content_width] == 7).all()
    mean = np.round(config.mean)
    image[:fit.content_height, :fit.content_width] = mean
    assert (image == mean).all()


@pytest.mark.parametrize('height, width', SIZES)
def test_images_are_resized_as_in_training(height, width):
    config = NETWORKS['triplenet300-r50']
    image = picture(height, width)
    given, = to_network_inputs(config, [image], [fit_image(config, height, width)])
    expected = v2.Resize((300, 300), antialias=True)(torch.from_numpy(image).permute(2, 0, 1))
    # Some versions of torchvision take the way over floats.
    assert (given.int() - expected.permute(1, 2, 0)).abs().max() <= 1


def test_a_batch_is_its_images_one_by_one():
    config = NETWORKS['triplenet-drive']
    images = [picture(*size) for size in SIZES]
    fits = [fit_image(config, *size) for size in SIZES]
    together = to_network_inputs(config, images, fits)
    for given, image, fit in zip(together, images, fits):
        assert torch.equal(given, to_network_inputs(config, [image], [fit])[0])


@pytest.mark.filterwarnings('error')
def test_views_and_pixels_that_cannot_be_written_are_taken():
    config, image = NETWORKS['triplenet300-r50'], picture(60, 90)
    expected = to_network_inputs(config, [image], [fit_image(config, 60, 90)])
    turned = np.ascontiguousarray(image[:, :, ::-1])[:, :, ::-1]
    wider = np.zeros((60, 100, 3), np.uint8)
    wider[:, :90] = image
    kept = image.copy()
    kept.flags.writeable = False
    for same in (turned, wider[:, :90], kept):
        given = to_network_inputs(config, [same], [fit_image(config, 60, 90)])
        assert torch.equal(given, expected)


def test_an_image_without_pixels_is_refused():
    with pytest.raises(InputError, match='0 x 10'):
        fit_image(NETWORKS['triplenet-drive'], 0, 10)

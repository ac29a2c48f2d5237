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

from triplenet_ros.errors import InputError
from triplenet_ros.inference.preprocess import fit_image, to_network_inputs
from triplenet_ros.network.registry import NETWORKS

SIZES = [(540, 960), (375, 1242), (301, 517), (1, 1), (2000, 3), (384, 640)]


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
    image, = to_network_inputs(config, [np.full((height, width, 3), 7, np.uint8)], [fit])
    assert image.shape == (384, 640, 3)
    assert (image[:fit.content_height, :fit.content_width] == 7).all()
    image[:fit.content_height, :fit.content_width] = (124, 116, 104)
    assert (image == (124, 116, 104)).all()


def test_an_image_without_pixels_is_refused():
    with pytest.raises(InputError, match='0 x 10'):
        fit_image(NETWORKS['triplenet-drive'], 0, 10)

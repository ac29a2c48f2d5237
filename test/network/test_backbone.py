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

"""Encoders: torchvision's and timm's, and where their weights come from."""

import pytest
import torch

from triplenet_ros.errors import InputError
from triplenet_ros.network.backbone import build_encoder
from triplenet_ros.network.imagenet import imagenet_state, PACKAGES
from triplenet_ros.network.registry import NETWORKS

DRIVE = NETWORKS['triplenet-drive']
LITE = 'timm/tf_efficientnet_lite0'


@pytest.mark.parametrize('backbone', ['resnet18', LITE, 'timm/mobilenetv3_small_050'])
@pytest.mark.parametrize('height, width', [(64, 96), (37, 53), (1, 1)])
def test_maps_have_their_strides_at_every_size(backbone, height, width):
    encoder = build_encoder(DRIVE.evolve(backbone=backbone, extra_blocks=1)).eval()
    with torch.no_grad():
        maps = encoder(torch.zeros(1, 3, height, width))
    assert encoder.strides == (4, 8, 16, 32, 64)
    assert [tuple(features.shape[1:]) for features in maps] == [
        (channels, -(-height // stride), -(-width // stride))
        for channels, stride in zip(encoder.channels, encoder.strides)]


def test_an_unknown_encoder_is_refused_by_name():
    with pytest.raises(InputError, match="'timm/resnet_of_mine': timm has no 'resnet_of_mine'"):
        build_encoder(DRIVE.evolve(backbone='timm/resnet_of_mine'))


def test_an_encoder_without_the_strides_is_refused():
    with pytest.raises(InputError, match='must include \\[4, 8, 16, 32\\]'):
        build_encoder(DRIVE.evolve(backbone='timm/vit_tiny_patch16_224'))


@pytest.mark.parametrize('name', PACKAGES)
def test_weights_of_a_package_are_those_of_timms_encoder(name):
    pytest.importorskip(PACKAGES[name])
    encoder = build_encoder(DRIVE.evolve(backbone=f'timm/{name}'), 'package')
    state, base = imagenet_state(name), encoder.base.state_dict()
    assert all(torch.equal(tensor, state[key]) for key, tensor in base.items())


def test_imagenet_weights_know_a_picture():
    """Names may match and meanings not: a classifier of them must be sure of something."""
    timm = pytest.importorskip('timm')
    pytest.importorskip(PACKAGES['tf_efficientnet_lite0'])
    model = timm.create_model('tf_efficientnet_lite0').eval()
    plain = model.state_dict()
    model.load_state_dict(imagenet_state('tf_efficientnet_lite0'))
    assert plain.keys() == model.state_dict().keys()
    rows, columns = torch.meshgrid(torch.arange(224), torch.arange(224), indexing='ij')
    disc = ((rows - 112) ** 2 + (columns - 112) ** 2 < 80 ** 2).float()
    image = (torch.stack([disc, disc * 0.5, disc * 0]) * 2 - 1)[None]  # an orange
    with torch.no_grad():
        assert model(image).softmax(1).max() > 0.2


def test_a_package_that_does_not_exist_is_named():
    with pytest.raises(InputError, match='no package has ImageNet weights of resnet26'):
        imagenet_state('resnet26')


@pytest.mark.parametrize('backbone', ['resnet18', LITE])
def test_the_first_stages_are_all_that_their_map_is_made_by(backbone):
    """With them frozen a gradient reaches every other weight of the encoder and none of them."""
    encoder = build_encoder(DRIVE.evolve(backbone=backbone, extra_blocks=1))
    assert encoder.first_stages(0) == []
    frozen = {parameter for module in encoder.first_stages(1)
              for parameter in module.parameters()}
    encoder(torch.randn(2, 3, 64, 64))[0].sum().backward()
    reached = {parameter for parameter in encoder.parameters() if parameter.grad is not None}
    assert reached == frozen

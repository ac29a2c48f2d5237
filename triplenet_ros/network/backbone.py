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

"""The encoder: a torchvision ResNet and the residual blocks added behind it (BlitzNet 3.2)."""

from typing import Optional

from torch import nn, Tensor
from torchvision.models import get_model


class Encoder(nn.Module):
    """
    ResNet stages res1..res4 at strides 4, 8, 16, 32 and added blocks, each halving further.

    :param backbone: torchvision's name of the ResNet
    :param extra_blocks: how many blocks follow res4 (res5, res6, ...)
    :param extra_width: their channels; None: as many as res4 has
    :param pretrained: torchvision's name of ImageNet weights (``'DEFAULT'``), None: random
    """

    def __init__(self, backbone: str, extra_blocks: int, extra_width: Optional[int],
                 pretrained: Optional[str] = None) -> None:
        super().__init__()
        resnet = get_model(backbone, weights=pretrained)
        self.stem = nn.Sequential(resnet.conv1, resnet.bn1, resnet.relu, resnet.maxpool)
        self.stages = nn.ModuleList([resnet.layer1, resnet.layer2, resnet.layer3, resnet.layer4])
        unit = type(resnet.layer4[0])
        channels = [64 * 2 ** stage * unit.expansion for stage in range(4)]
        width = extra_width or channels[-1]
        for _ in range(extra_blocks):
            self.stages.append(_added_block(unit, channels[-1], width))
            channels.append(width)
        self.channels = tuple(channels)
        self.strides = tuple(4 * 2 ** stage for stage in range(len(channels)))

    def forward(self, images: Tensor) -> list[Tensor]:
        """
        Compute the map of every stage.

        :param images: (N, 3, H, W) normalised
        :return: per stage (N, channels, ceil(H / stride), ceil(W / stride)), finest first
        """
        features = self.stem(images)
        maps = []
        for stage in self.stages:
            features = stage(features)
            maps.append(features)
        return maps


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

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

"""The maps that carry the heads: a decoder's, or the encoder's own in the SSD baseline."""

from typing import Sequence

from torch import nn, Tensor
from torch.nn import functional as F

from triplenet_ros.network.blocks import ConvNormAct
from triplenet_ros.network.fusion import FUSION_BLOCKS


class Decoder(nn.Module):
    """
    Goes from the coarsest encoder map back to the finest, one fusion block per layer.

    The coarsest layer is the global average of the coarsest map (BlitzNet 3.2).

    :param skip_channels: channels of the encoder maps, finest first, the coarsest one included
    :param width: channels of every layer
    :param fusion: name of the fusion block
    """

    def __init__(self, skip_channels: Sequence[int], width: int, fusion: str) -> None:
        super().__init__()
        self.start = ConvNormAct(skip_channels[-1], width)
        self.fusions = nn.ModuleList(
            FUSION_BLOCKS[fusion](channels, width) for channels in skip_channels[:-1])
        self.channels = (width,) * len(skip_channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """
        Decode.

        :param maps: encoder maps, finest first, each (N, skip_channels, H, W)
        :return: layers, finest first: (N, width, H, W) for each map but the last, then
            (N, width, 1, 1)
        """
        current = self.start(maps[-1])
        layers = [F.adaptive_avg_pool2d(current, 1)]
        for fusion, skip in zip(reversed(self.fusions), reversed(maps[:-1])):
            current = fusion(upsample_to(current, skip), skip)
            layers.append(current)
        return layers[::-1]


class EncoderLayers(nn.Module):
    """
    The encoder's maps as they are, the coarsest averaged to one cell (the SSD baseline).

    :param channels: channels of the encoder maps, finest first
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.channels = tuple(channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Give (N, channels, H, W) per map, finest first; the last becomes 1 x 1."""
        return [*maps[:-1], F.adaptive_avg_pool2d(maps[-1], 1)]


def upsample_to(features: Tensor, reference: Tensor) -> Tensor:
    """Resize (N, C, h, w) bilinearly to the height and width of ``reference``."""
    return F.interpolate(features, size=reference.shape[-2:], mode='bilinear',
                         align_corners=False)

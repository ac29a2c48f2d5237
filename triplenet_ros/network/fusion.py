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

"""
How a decoder layer is made of the coarser decoder layer and the encoder's map.

Every block takes the decoder map already upsampled to the encoder map's size, and gives a map of
the decoder's width (TripleNet 3.4, BlitzNet table 8).
"""

import torch
from torch import nn, Tensor

from triplenet_ros.network.blocks import Bottleneck, ConvNormAct, Projection, ResidualUnit

GATE_REDUCTION = 16


class HourglassFusion(nn.Module):
    """The sum of the upsampled map and the projected skip."""

    def __init__(self, skip_channels: int, width: int) -> None:
        super().__init__()
        self.project = Projection(skip_channels, width)

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return (upsampled + self.project(skip)).relu()


class RefineFusion(nn.Module):
    """The sum of both maps, each behind a 3x3 convolution, as RefineNet fuses."""

    def __init__(self, skip_channels: int, width: int) -> None:
        super().__init__()
        self.adapt_upsampled = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.adapt_skip = nn.Conv2d(skip_channels, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return self.norm(self.adapt_upsampled(upsampled) + self.adapt_skip(skip)).relu()


class PlainSkipFusion(nn.Module):
    """BlitzNet's ResSkip without the residual sum: concatenation and a bottleneck."""

    def __init__(self, skip_channels: int, width: int) -> None:
        super().__init__()
        self.bottleneck = Bottleneck(width + skip_channels, width)

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return self.bottleneck(torch.cat([upsampled, skip], dim=1)).relu()


class ResSkipFusion(PlainSkipFusion):
    """BlitzNet's ResSkip: concatenation, a bottleneck, and the upsampled map added."""

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return (self.bottleneck(torch.cat([upsampled, skip], dim=1)) + upsampled).relu()


class ResidualFusion(nn.Module):
    """PairNet's residual skip fusion: concatenation and one residual unit."""

    def __init__(self, skip_channels: int, width: int) -> None:
        super().__init__()
        self.unit = ResidualUnit(width + skip_channels, width)

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return self.unit(torch.cat([upsampled, skip], dim=1))


class AttentionFusion(ResidualFusion):
    """TripleNet's attention skip fusion (ASF): the decoder chooses the encoder's channels."""

    def __init__(self, skip_channels: int, width: int) -> None:
        super().__init__(skip_channels, width)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(width, max(width // GATE_REDUCTION, 1), 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(max(width // GATE_REDUCTION, 1), skip_channels, 1),
            nn.Sigmoid())

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return super().forward(upsampled, skip * self.gate(upsampled))


class ProjectedAttentionFusion(nn.Module):
    """The other reading of figure 3c: both maps are projected before they are joined."""

    def __init__(self, skip_channels: int, width: int) -> None:
        super().__init__()
        self.project_upsampled = ConvNormAct(width, width, 3)
        self.project_skip = ConvNormAct(skip_channels, width)
        self.fusion = AttentionFusion(width, width)

    def forward(self, upsampled: Tensor, skip: Tensor) -> Tensor:
        """Fuse (N, width, H, W) and (N, skip_channels, H, W) to (N, width, H, W)."""
        return self.fusion(self.project_upsampled(upsampled), self.project_skip(skip))


FUSION_BLOCKS = {
    'hourglass': HourglassFusion,
    'refine': RefineFusion,
    'resskip_nores': PlainSkipFusion,
    'resskip': ResSkipFusion,
    'residual': ResidualFusion,
    'attention': AttentionFusion,
    'attention_projected': ProjectedAttentionFusion,
}
"""Fusion blocks by their name in NetworkConfig; each is built from (skip_channels, width)."""

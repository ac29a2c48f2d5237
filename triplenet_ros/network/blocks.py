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

"""The two convolution blocks that every part of the network is made of."""

from torch import nn, Tensor


class ConvNormAct(nn.Sequential):
    """Convolution that keeps the size, batch norm, ReLU: (N, C, H, W) -> (N, out, H, W)."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2,
                      bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True))


class Bottleneck(nn.Sequential):
    """1x1 to a quarter, 3x3, 1x1 back up, not yet activated: (N, C, H, W) -> (N, width, H, W)."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            ConvNormAct(in_channels, width // 4),
            ConvNormAct(width // 4, width // 4, 3),
            nn.Conv2d(width // 4, width, 1, bias=False),
            nn.BatchNorm2d(width))


class Projection(nn.Sequential):
    """1x1 convolution and batch norm, not activated: (N, C, H, W) -> (N, width, H, W)."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(nn.Conv2d(in_channels, width, 1, bias=False), nn.BatchNorm2d(width))


class ResidualUnit(nn.Module):
    """A bottleneck beside a projected shortcut (TripleNet figure 3c)."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.residual = Bottleneck(in_channels, width)
        self.shortcut = Projection(in_channels, width)

    def forward(self, features: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, width, H, W)."""
        return (self.residual(features) + self.shortcut(features)).relu()

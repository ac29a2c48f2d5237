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

"""What is read off the layers: boxes, and labels fused over all scales."""

from typing import Sequence

import torch
from torch import nn, Tensor

from triplenet_ros.network.blocks import ConvNormAct
from triplenet_ros.network.layers import upsample_to

FUSED_WIDTH = 64


class PlainDetectionHead(nn.Module):
    """
    One 3x3 convolution each for class and box (SSD, BlitzNet).

    :param in_channels: channels of the layer
    :param anchors: anchors per cell
    :param classes: classes, background included
    """

    def __init__(self, in_channels: int, anchors: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.class_conv = nn.Conv2d(in_channels, anchors * classes, 3, padding=1)
        self.box_conv = nn.Conv2d(in_channels, anchors * 4, 3, padding=1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """
        Score every anchor of one layer.

        :param features: (N, C, H, W)
        :return: class logits (N, H * W * anchors, classes), box codes (N, H * W * anchors, 4)
        """
        return (per_anchor(self.class_conv(features), self.classes),
                per_anchor(self.box_conv(features), 4))


class SiblingDetectionHead(nn.Module):
    """
    One shared 3x3 convolution, then sibling 1x1 convolutions for class and box (PairNet).

    :param in_channels: channels of the layer
    :param width: channels between the two
    :param anchors: anchors per cell
    :param classes: classes, background included
    """

    def __init__(self, in_channels: int, width: int, anchors: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.shared = ConvNormAct(in_channels, width, 3)
        self.class_conv = nn.Conv2d(width, anchors * classes, 1)
        self.box_conv = nn.Conv2d(width, anchors * 4, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """
        Score every anchor of one layer.

        :param features: (N, C, H, W)
        :return: class logits (N, H * W * anchors, classes), box codes (N, H * W * anchors, 4)
        """
        shared = self.shared(features)
        return (per_anchor(self.class_conv(shared), self.classes),
                per_anchor(self.box_conv(shared), 4))


class InnerConnection(nn.Module):
    """
    Joins a layer's segmentation logits, seen through two 3x3 convolutions, to its features.

    The inner-connected module (IC) of TripleNet figure 3b, up to its detection head.

    :param labels: segmentation classes
    """

    WIDTHS = (48, 128)

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.embed = nn.Sequential(ConvNormAct(labels, self.WIDTHS[0], 3),
                                   ConvNormAct(*self.WIDTHS, 3))

    def forward(self, features: Tensor, logits: Tensor) -> Tensor:
        """Join (N, C, H, W) and (N, labels, H, W) to (N, C + 128, H, W)."""
        return torch.cat([features, self.embed(logits)], dim=1)


class FusedSegmentationHead(nn.Module):
    """
    Labels from all layers at once, at the finest layer's size (TripleNet's MFS, BlitzNet).

    :param in_channels: channels of each layer, finest first
    :param labels: segmentation classes
    :param kernel_size: of the convolution on each layer: 3 in TripleNet, 1 in BlitzNet
    """

    def __init__(self, in_channels: Sequence[int], labels: int, kernel_size: int) -> None:
        super().__init__()
        self.squeeze = nn.ModuleList(
            ConvNormAct(channels, FUSED_WIDTH, kernel_size) for channels in in_channels)
        self.logits = nn.Conv2d(FUSED_WIDTH * len(in_channels), labels, 3, padding=1)

    def forward(self, layers: Sequence[Tensor]) -> Tensor:
        """Map layers (N, C, h, w), finest first, to logits (N, labels, H, W) of the finest."""
        squeezed = [upsample_to(squeeze(layer), layers[0])
                    for squeeze, layer in zip(self.squeeze, layers)]
        return self.logits(torch.cat(squeezed, dim=1))


def per_anchor(maps: Tensor, values: int) -> Tensor:
    """Reorder (N, anchors * values, H, W) to (N, H * W * anchors, values), rows first."""
    return maps.permute(0, 2, 3, 1).reshape(maps.shape[0], -1, values)

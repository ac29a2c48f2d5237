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

"""The joint network: one encoder, one decoder, boxes and labels from every layer of it."""

from typing import NamedTuple, Optional, Sequence

import torch
from torch import nn, Tensor

from triplenet_ros.network.anchors import detection_layers
from triplenet_ros.network.backbone import build_encoder
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.heads import (
    FusedSegmentationHead, InnerConnection, PlainDetectionHead, SiblingDetectionHead)
from triplenet_ros.network.layers import Decoder, EncoderLayers


class NetworkOutput(NamedTuple):
    """
    What one forward pass gives; a part that was not computed is None or empty.

    :param class_logits: (N, A, 1 + classes), background first, anchors in make_anchors' order
    :param box_codes: (N, A, 4), see encode_boxes
    :param segmentation: (N, labels, H, W) logits at the finest layer's size
    :param layer_segmentation: in training, each layer's own logits (N, labels, h, w)
    :param layer_objectness: in training, each layer's logits (N, 2, h, w): background, object
    """

    class_logits: Optional[Tensor] = None
    box_codes: Optional[Tensor] = None
    segmentation: Optional[Tensor] = None
    layer_segmentation: tuple[Tensor, ...] = ()
    layer_objectness: tuple[Tensor, ...] = ()


class JointNetwork(nn.Module):
    """
    Any network of the family, built from its configuration.

    In training mode every branch that a loss reads is computed; in evaluation mode only what
    boxes and labels need.

    :param config: which network
    :param pretrained: ImageNet weights for the encoder, see ``build_encoder``; None: random
    """

    def __init__(self, config: NetworkConfig, pretrained: Optional[str] = None) -> None:
        super().__init__()
        self.config = config
        self.register_buffer('mean', torch.empty(1, 3, 1, 1), persistent=False)
        self.register_buffer('std', torch.empty(1, 3, 1, 1), persistent=False)
        self.reset_constants()
        self.encoder = build_encoder(config, pretrained)
        self.finest = self.encoder.strides.index(config.finest_stride)
        self.layers = _build_layers(config, self.encoder.channels[self.finest:])
        channels = self.layers.channels
        labels = len(config.classes.segmentation)
        self.detection = _build_detection_heads(config, channels) if config.detects else None
        self.connections = nn.ModuleDict({
            str(layer): InnerConnection(labels) for layer in detection_layers(config)
            if config.detects and config.inner_connected})
        self.layer_logits = nn.ModuleDict({
            str(layer): nn.Conv2d(channels[layer], labels, 3, padding=1)
            for layer in _layers_with_logits(config, len(channels))})
        self.objectness = nn.ModuleList(
            nn.Conv2d(width, 2, 3, padding=1)
            for width in channels if config.class_agnostic_supervision)
        self.fused = _build_fused_head(config, channels)

    def forward(self, images: Tensor, detection: bool = True,
                segmentation: bool = True) -> NetworkOutput:
        """
        Compute boxes and labels.

        :param images: (N, 3, H, W) RGB, 0..255, any dtype and size
        :param detection: whether boxes are wanted
        :param segmentation: whether labels are wanted
        """
        maps = self.encoder((images.to(self.mean.dtype) - self.mean) / self.std)
        layers = self.layers(maps[self.finest:])
        logits: dict[int, Tensor] = {}
        class_logits = box_codes = labels = None
        if detection and self.detection is not None:
            class_logits, box_codes = self._detect(layers, logits)
        if segmentation and self.config.segments:
            labels = self._segment(layers, logits)
        if not self.training:
            return NetworkOutput(class_logits, box_codes, labels)
        return NetworkOutput(class_logits, box_codes, labels, *self._supervised(layers, logits))

    def reset_constants(self) -> None:
        """Fill the buffers that come from the configuration and are in no weights file."""
        for buffer, values in ((self.mean, self.config.mean), (self.std, self.config.std)):
            buffer.copy_(torch.tensor(values, device='cpu').reshape(1, 3, 1, 1))

    def _layer_logits(self, layers: Sequence[Tensor], layer: int,
                      logits: dict[int, Tensor]) -> Tensor:
        """One layer's own segmentation logits, computed once however many parts read them."""
        if layer not in logits:
            logits[layer] = self.layer_logits[str(layer)](layers[layer])
        return logits[layer]

    def _detect(self, layers: Sequence[Tensor],
                logits: dict[int, Tensor]) -> tuple[Tensor, Tensor]:
        outputs = []
        for layer, head in zip(detection_layers(self.config), self.detection):
            features = layers[layer]
            if self.config.inner_connected:
                features = self.connections[str(layer)](
                    features, self._layer_logits(layers, layer, logits))
            outputs.append(head(features))
        class_logits, box_codes = zip(*outputs)
        return torch.cat(class_logits, dim=1), torch.cat(box_codes, dim=1)

    def _segment(self, layers: Sequence[Tensor], logits: dict[int, Tensor]) -> Tensor:
        if self.fused is not None:
            return self.fused(layers)
        return self._layer_logits(layers, 0, logits)

    def _supervised(self, layers: Sequence[Tensor], logits: dict[int, Tensor]
                    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Give the logits that only a loss reads."""
        class_aware = tuple(
            self._layer_logits(layers, layer, logits) for layer in range(len(layers))
            if self.config.class_aware_supervision)
        class_agnostic = tuple(conv(layer) for conv, layer in zip(self.objectness, layers))
        return class_aware, class_agnostic


def _build_layers(config: NetworkConfig, channels: Sequence[int]) -> nn.Module:
    if config.fusion == 'none':
        return EncoderLayers(channels)
    return Decoder(channels, config.decoder_width, config.fusion)


def _build_detection_heads(config: NetworkConfig, channels: Sequence[int]) -> nn.ModuleList:
    classes = 1 + len(config.classes.detection)
    joined = InnerConnection.WIDTHS[-1] if config.inner_connected else 0
    heads = nn.ModuleList()
    for layer in detection_layers(config):
        if config.detection_head == 'plain':
            head = PlainDetectionHead(channels[layer], config.anchors_per_cell, classes)
        else:
            head = SiblingDetectionHead(channels[layer] + joined, config.head_width,
                                        config.anchors_per_cell, classes)
        heads.append(head)
    return heads


def _layers_with_logits(config: NetworkConfig, count: int) -> list[int]:
    """Which layers have logits of their own: for a loss, the inner connection or the answer."""
    wanted = set()
    if config.class_aware_supervision:
        wanted |= set(range(count))
    if config.detects and config.inner_connected:
        wanted |= set(detection_layers(config))
    if config.segmentation_head == 'last':
        wanted.add(0)
    return sorted(wanted)


def _build_fused_head(config: NetworkConfig,
                      channels: Sequence[int]) -> Optional[FusedSegmentationHead]:
    kernel_sizes = {'fused_1x1': 1, 'fused_3x3': 3}
    if config.segmentation_head not in kernel_sizes:
        return None
    return FusedSegmentationHead(channels, len(config.classes.segmentation),
                                 kernel_sizes[config.segmentation_head])

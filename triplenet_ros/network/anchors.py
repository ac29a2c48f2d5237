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

"""Anchors: the boxes that detection starts from, and the code of a box relative to one (SSD)."""

from functools import lru_cache
from math import sqrt
from typing import Sequence

import torch
from torch import Tensor

from triplenet_ros.network.config import NetworkConfig

BOX_VARIANCES = (0.1, 0.1, 0.2, 0.2)


def layer_sizes(config: NetworkConfig, height: int, width: int) -> list[tuple[int, int]]:
    """Return (rows, columns) of every layer for an input of this size, finest first."""
    coarsest = 32 * 2 ** config.extra_blocks
    stride, sizes = config.finest_stride, []
    while stride < coarsest:
        sizes.append((-(-height // stride), -(-width // stride)))
        stride *= 2
    return [*sizes, (1, 1)]


def detection_layers(config: NetworkConfig) -> range:
    """Return the indices of the layers that have anchors, finest first."""
    sizes = layer_sizes(config, config.input_height, config.input_width)
    finest = config.detection_stride or config.finest_stride
    return range((finest // config.finest_stride).bit_length() - 1, len(sizes))


def anchor_scales(config: NetworkConfig) -> list[float]:
    """Return each detection layer's scale, finest first, in shorter sides of the input."""
    steps = len(detection_layers(config)) - 2
    return [config.smallest_scale, *(
        config.min_scale + (config.max_scale - config.min_scale) * step / steps
        for step in range(steps + 1))]


def anchor_shapes(config: NetworkConfig) -> list[list[tuple[float, float]]]:
    """
    Return (width, height) in input pixels of a cell's anchors, for each detection layer.

    A square of the layer's scale, one of the geometric mean with the next layer's scale (beyond
    the last: the whole input), and a rectangle of the layer's scale for each aspect ratio. Scales
    are measured in the shorter side, so squares are square where the input is not.
    """
    side = min(config.input_height, config.input_width)
    scales = [scale * side for scale in anchor_scales(config)]
    return [
        [(scale, scale), (sqrt(scale * following), sqrt(scale * following)),
         *((scale * sqrt(ratio), scale / sqrt(ratio)) for ratio in config.aspect_ratios)]
        for scale, following in zip(scales, [*scales[1:], side])]


@lru_cache(maxsize=64)
def make_anchors(config: NetworkConfig, height: int, width: int) -> Tensor:
    """
    Lay out all anchors for an input of this size.

    Their sizes are the configuration's whatever the input is, so a network can learn from crops.

    :return: (A, 4) float32 centre x, centre y, width, height in input pixels; finest layer first,
        row by row, a cell's anchors together: the order of the heads' outputs. Shared between
        calls: not to be changed.
    """
    sizes = layer_sizes(config, height, width)
    layers = [_layer_anchors(sizes[layer], shapes, height, width)
              for layer, shapes in zip(detection_layers(config), anchor_shapes(config))]
    return torch.cat(layers)


def _layer_anchors(size: tuple[int, int], shapes: Sequence[tuple[float, float]], height: int,
                   width: int) -> Tensor:
    rows, columns = size
    y = (torch.arange(rows) + 0.5) * height / rows
    x = (torch.arange(columns) + 0.5) * width / columns
    centres = torch.stack(torch.meshgrid(x, y, indexing='xy'), dim=-1)  # (rows, columns, 2)
    centres = centres[:, :, None].expand(rows, columns, len(shapes), 2)
    return torch.cat([centres, torch.tensor(shapes).expand_as(centres)], dim=-1).reshape(-1, 4)


def encode_boxes(boxes: Tensor, anchors: Tensor) -> Tensor:
    """
    Express boxes relative to anchors.

    :param boxes: (..., 4) x1 y1 x2 y2
    :param anchors: (..., 4) centre x, centre y, width, height
    :return: (..., 4) (dx / w, dy / h, log(w' / w), log(h' / h)) over the variances
    """
    centres = (boxes[..., :2] + boxes[..., 2:]) / 2
    sizes = boxes[..., 2:] - boxes[..., :2]
    offsets = (centres - anchors[..., :2]) / anchors[..., 2:]
    codes = torch.cat([offsets, (sizes / anchors[..., 2:]).log()], dim=-1)
    return codes / codes.new_tensor(BOX_VARIANCES)


def decode_boxes(codes: Tensor, anchors: Tensor) -> Tensor:
    """Turn codes (..., 4) back to boxes (..., 4) x1 y1 x2 y2; the inverse of encode_boxes."""
    # Factors as plain numbers: a tensor of them would be brought to a GPU, and waited for.
    centre_variance, size_variance = BOX_VARIANCES[1:3]
    centres = anchors[..., :2] + codes[..., :2] * centre_variance * anchors[..., 2:]
    half_sizes = anchors[..., 2:] * (codes[..., 2:] * size_variance).exp() / 2
    return torch.cat([centres - half_sizes, centres + half_sizes], dim=-1)

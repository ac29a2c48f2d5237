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
"""Images resized on a GPU: the same pixels as OpenCV's, by two products of matrices."""

from functools import lru_cache
from typing import Sequence

import numpy as np
import torch
from torch import Tensor

from triplenet_ros.inference.preprocess import Fit
from triplenet_ros.inference.transfer import to_device
from triplenet_ros.network.config import NetworkConfig


def to_device_inputs(config: NetworkConfig, images: Sequence[np.ndarray], fits: Sequence[Fit],
                     device: torch.device) -> Tensor:
    """
    Bring images to a device as they are, and resize them there as ``to_network_inputs`` does.

    :param config: of the network
    :param images: each (H, W, 3) uint8 RGB
    :param fits: of these images
    :param device: where the network runs
    :return: (N, input_height, input_width, 3) uint8 RGB on the device
    """
    inputs = _mean_colour(config, device).repeat(
        len(images), config.input_height, config.input_width, 1)
    for canvas, image, fit in zip(inputs, images, fits):
        rows, columns = fit.content_height, fit.content_width
        canvas[:rows, :columns] = resize(to_device(image, device), rows, columns)
    return inputs


def resize(image: Tensor, height: int, width: int) -> Tensor:
    """
    Resize an image, each axis by averaging where it shrinks and bilinearly where it grows.

    :param image: (H, W, 3) uint8
    :return: (height, width, 3) uint8, at most one level from what OpenCV's INTER_AREA and
        INTER_LINEAR give where both axes shrink or both grow
    """
    down = _weights(image.shape[0], height, image.device)
    across = _weights(image.shape[1], width, image.device)
    rows = (down @ image.flatten(1).float()).reshape(height, image.shape[1], 3)
    return (across @ rows).round_().to(torch.uint8)


@lru_cache(maxsize=16)
def _weights(source: int, target: int, device: torch.device) -> Tensor:
    """Return (target, source) float32: how much each pixel of an axis counts in each new one."""
    weights = _area_weights if target < source else _linear_weights
    return torch.from_numpy(weights(source, target).astype(np.float32)).to(device)


def _area_weights(source: int, target: int) -> np.ndarray:
    """Weigh pixels by the share of the new one that they cover."""
    scale = source / target
    begin = np.arange(target)[:, None] * scale
    pixel = np.arange(source)
    covered = np.minimum(begin + scale, pixel + 1) - np.maximum(begin, pixel)
    return covered.clip(0) / scale


def _linear_weights(source: int, target: int) -> np.ndarray:
    """Weigh the two nearest pixels by how near they are."""
    centre = (np.arange(target)[:, None] + 0.5) * (source / target) - 0.5
    return (1 - abs(centre.clip(0, source - 1) - np.arange(source))).clip(0)


@lru_cache(maxsize=16)
def _mean_colour(config: NetworkConfig, device: torch.device) -> Tensor:
    return torch.tensor(config.mean).round().to(device, torch.uint8).expand(1, 1, 1, 3)

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

"""From the image's pixels to the network's, and back: the one place that knows both frames."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from triplenet_ros.errors import InputError
from triplenet_ros.inference.transfer import to_device
from triplenet_ros.network.config import NetworkConfig


@dataclass(frozen=True)
class Fit:
    """
    How an image lies in the network's input: its top left corner on the input's, scaled.

    :param image_height: rows of the image
    :param image_width: columns of the image
    :param content_height: rows of the input that the image covers; padding is below
    :param content_width: columns of the input that the image covers; padding is to the right
    """

    image_height: int
    image_width: int
    content_height: int
    content_width: int

    def coverage(self, input_height: int, input_width: int) -> tuple[float, float]:
        """Return the shares of the input's height and width that the image covers."""
        return self.content_height / input_height, self.content_width / input_width

    def boxes_to_image(self, boxes_net: np.ndarray) -> np.ndarray:
        """
        Bring boxes back to the image.

        :param boxes_net: (N, 4) x1 y1 x2 y2 in the network's input pixels
        :return: (N, 4) float32 in the image's pixels, cut off at its borders
        """
        scale_x = self.image_width / self.content_width
        scale_y = self.image_height / self.content_height
        boxes = boxes_net * np.array([scale_x, scale_y, scale_x, scale_y])
        limits = [self.image_width, self.image_height] * 2
        return np.clip(boxes, 0, limits).astype(np.float32)


def fit_image(config: NetworkConfig, height: int, width: int) -> Fit:
    """
    Fit an image of this size into a network's input, filling it or keeping the aspect ratio.

    :raises InputError: for an image without pixels
    """
    if height < 1 or width < 1:
        raise InputError(f'image is {height} x {width}, must have at least one pixel')
    if not config.keep_aspect:
        return Fit(height, width, config.input_height, config.input_width)
    scale = min(config.input_height / height, config.input_width / width)
    return Fit(height, width,
               _whole_cells(height * scale, config.finest_stride, config.input_height),
               _whole_cells(width * scale, config.finest_stride, config.input_width))


def _whole_cells(length: float, stride: int, limit: int) -> int:
    """Round to whole cells of the finest layer, so that labels are cut out without a remainder."""
    return min(max(round(length / stride), 1) * stride, limit)


def to_network_inputs(config: NetworkConfig, images: Sequence[np.ndarray], fits: Sequence[Fit],
                      device: torch.device = torch.device('cpu')) -> Tensor:
    """
    Bring images to a device as they are and resize them there, padding with the mean colour.

    They are resized as in training, by torchvision's antialiased bilinear filter.

    :param config: of the network
    :param images: each (H, W, 3) uint8 RGB
    :param fits: of these images
    :param device: where the network runs
    :return: (N, input_height, input_width, 3) uint8 RGB on the device
    """
    inputs = _mean_colour(config.mean, device).repeat(
        len(images), config.input_height, config.input_width, 1)
    for canvas, image, fit in zip(inputs, images, fits):
        rows, columns = fit.content_height, fit.content_width
        planes = to_device(image, device).permute(2, 0, 1)[None]
        canvas[:rows, :columns] = _resize(planes, (rows, columns))[0].permute(1, 2, 0)
    return inputs


def _resize(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize (1, 3, H, W) uint8."""
    if planes.device.type == 'cuda':  # which has this filter for floats alone
        return F.interpolate(planes.float(), size, mode='bilinear', antialias=True).round_()
    return F.interpolate(planes, size, mode='bilinear', antialias=True)


@lru_cache(maxsize=16)
def _mean_colour(mean: tuple[float, float, float], device: torch.device) -> Tensor:
    return torch.tensor(mean).round().to(device, torch.uint8)

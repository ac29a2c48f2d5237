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
from typing import Sequence

import cv2
import numpy as np

from triplenet_ros.errors import InputError
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

    @property
    def shrinks(self) -> bool:
        """Tell whether pixels of the image are left out, along either axis."""
        return self.content_height < self.image_height or self.content_width < self.image_width

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


def to_network_inputs(config: NetworkConfig, images: Sequence[np.ndarray],
                      fits: Sequence[Fit]) -> np.ndarray:
    """
    Resize images to the network's input, padding with the mean colour.

    :param config: of the network
    :param images: each (H, W, 3) uint8 RGB
    :param fits: of these images
    :return: (N, input_height, input_width, 3) uint8 RGB
    """
    inputs = np.empty((len(images), config.input_height, config.input_width, 3), np.uint8)
    for canvas, image, fit in zip(inputs, images, fits):
        rows, columns = fit.content_height, fit.content_width
        # In place: no second copy of the pixels.
        cv2.resize(image, (columns, rows), dst=canvas[:rows, :columns],
                   interpolation=cv2.INTER_AREA if fit.shrinks else cv2.INTER_LINEAR)
        canvas[rows:] = canvas[:, columns:] = np.round(config.mean)
    return inputs

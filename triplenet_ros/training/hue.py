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

"""Hue of uint8 images, in a tenth of the time that a conversion in floating point takes."""

from typing import Any

import cv2
import numpy as np
import torch
from torchvision import tv_tensors


class RandomHue:
    """
    Turns the hue of the image among the parts of an example; torchvision's transforms call it so.

    :param limit: largest turn either way, in whole turns, up to 0.5
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __call__(self, parts: dict[str, Any]) -> dict[str, Any]:
        """Change ``image``, (3, H, W) uint8 RGB."""
        turn = self.limit * (2 * torch.rand(()).item() - 1)
        return {**parts, 'image': turn_hue(parts['image'], turn)}


def turn_hue(image: torch.Tensor, turn: float) -> tv_tensors.Image:
    """
    Turn the hue, in steps of 1/256.

    :param image: (3, H, W) uint8 RGB
    :param turn: -0.5 .. 0.5
    """
    pixels = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    colours = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV_FULL)
    colours[..., 0] += np.uint8(round(turn * 256) % 256)  # a hue of 256 is one of 0
    pixels = cv2.cvtColor(colours, cv2.COLOR_HSV2RGB_FULL)
    return tv_tensors.Image(torch.from_numpy(pixels).permute(2, 0, 1).contiguous())

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
"""The label and the confidence of every pixel of an image, from the network's logits."""

import cv2
import torch
from torch import Tensor
from torch.nn import functional as F

from triplenet_ros.inference.border_argmax import argmax_resized
from triplenet_ros.inference.preprocess import Fit


def cut_to_image(logits: Tensor, coverage: tuple[float, float]) -> Tensor:
    """
    Return the segmentation logits of one image without the padding.

    :param logits: (C, h, w) of the finest layer
    :param coverage: shares of the input's height and width that the image covers
    :return: (C, rows, columns) float32
    """
    rows = max(round(logits.shape[1] * coverage[0]), 1)
    columns = max(round(logits.shape[2] * coverage[1]), 1)
    return logits[:, :rows, :columns].float()


def label_image(logits: Tensor, fit: Fit) -> Tensor:
    """
    Return the best class of every pixel.

    The logits, not the labels, are resized to what the network saw of the image, so that borders
    are smooth; from there to a larger image the nearest label is taken. Resizing the logits all
    the way there would cost several times more and gain 0.0003 mIoU (1080p, the shipped weights).

    :param logits: (C, h, w) float32, as ``cut_to_image`` gives them
    :param fit: of the image
    :return: (H, W) uint8 on the same device
    """
    size = _seen_size(fit)
    if logits.device.type == 'cpu':
        return _nearest(torch.from_numpy(argmax_resized(logits, size)), fit)
    return _nearest(_resized(logits, size).argmax(dim=0).to(torch.uint8), fit)


def winner_confidence(logits: Tensor, fit: Fit) -> Tensor:
    """
    Return the softmax of every pixel's best class, at the resolution of ``label_image``.

    :param logits: (C, h, w) float32, as ``cut_to_image`` gives them
    :param fit: of the image
    :return: (H, W) uint8 on the same device, 255 = certain
    """
    logits = _resized(logits, _seen_size(fit))
    certainty = (logits.amax(dim=0) - logits.logsumexp(dim=0)).exp()
    return _nearest((255 * certainty).round().to(torch.uint8), fit)


def _seen_size(fit: Fit) -> tuple[int, int]:
    """Return height and width of the image, or of its place in the network where that is less."""
    return (min(fit.content_height, fit.image_height), min(fit.content_width, fit.image_width))


def _resized(logits: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(logits[None], size=size, mode='bilinear', align_corners=False)[0]


def _nearest(values: Tensor, fit: Fit) -> Tensor:
    """Bring (h, w) uint8 to the size of the image."""
    size = fit.image_height, fit.image_width
    if tuple(values.shape) == size:
        return values
    if values.device.type == 'cpu':  # OpenCV takes a fifth of PyTorch's time, for the same pixels
        return torch.from_numpy(cv2.resize(values.numpy(), size[::-1],
                                           interpolation=cv2.INTER_NEAREST_EXACT))
    return F.interpolate(values[None, None], size, mode='nearest-exact')[0, 0]

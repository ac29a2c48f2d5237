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
What happens to an image and its truth before it is learned from.

Built from torchvision's transforms, which move image, boxes and labels together.
"""

from dataclasses import replace
from typing import Callable, Sequence

import cv2
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.errors import InputError
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.training.example import Example, IGNORED

SMALLEST_BOX = 2
"""Pixels; a box narrower or lower than this after augmentation is dropped."""

SMALLEST_SHARE = 0.25
"""Of its area, that a box must keep when an image is cropped."""

Augmentation = Callable[[Example], Example]


class SsdAugmentation:
    """
    SSD's: colours, zooming out, cropping around a box, flipping, then the network's input size.

    :param config: gives the input size and the mean colour
    """

    def __init__(self, config: NetworkConfig) -> None:
        fill = _fill(config)
        self.distort = photometric_distortion(brightness=0.125)
        self.zoom_out = v2.RandomZoomOut(fill=fill, side_range=(1.0, 4.0), p=0.5)
        self.crop = v2.RandomIoUCrop(trials=50)
        self.flip = v2.RandomHorizontalFlip(p=0.5)
        self.resize = v2.Resize((config.input_height, config.input_width), antialias=True)

    def __call__(self, example: Example) -> Example:
        """Give a randomly changed example of the network's input size."""
        transforms = [self.distort, self.zoom_out]
        if example.boxes is not None and len(example.boxes):
            transforms.append(self.crop)
        return clean_boxes(transform_all(example, [*transforms, self.flip, self.resize]))


class ScaleCropAugmentation:
    """
    Segmentation's: flipping, a random scale, a crop of fixed size, strong colours.

    The network sees crops smaller than its input at many scales, which costs less per image.

    :param config: gives the mean colour for what lies outside the image
    :param height: rows of the crop
    :param width: columns of the crop
    :param scales: smallest and largest factor
    :param degrade: how often each: an image is blurred, compressed, or dark as at night
    """

    def __init__(self, config: NetworkConfig, height: int, width: int,
                 scales: Sequence[float], degrade: float = 0.0) -> None:
        self.scales = scales
        self.flip = v2.RandomHorizontalFlip(p=0.5)
        self.crop = v2.RandomCrop((height, width), pad_if_needed=True, fill=_fill(config))
        self.distort = v2.Compose([photometric_distortion(brightness=0.35),
                                   *degradations(degrade).values()])

    def __call__(self, example: Example) -> Example:
        """Give a randomly changed example of the crop's size."""
        low, high = self.scales
        scale = low * (high / low) ** torch.rand(()).item()  # as often halved as doubled
        height, width = example.image.shape[-2:]
        resize = v2.Resize((round(height * scale), round(width * scale)), antialias=True)
        whole = transform_all(example, [self.flip, resize])
        return keep_visible(whole, transform_all(whole, [self.crop, self.distort]))


class ResizeOnly:
    """
    Nothing but the network's input size, filled or padded as the network wants it.

    :param config: gives the input size and the mean colour
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config

    def __call__(self, example: Example) -> Example:
        """Give the example at the network's input size."""
        height, width = self.config.input_height, self.config.input_width
        if not self.config.keep_aspect:
            return clean_boxes(transform_all(
                example, [v2.Resize((height, width), antialias=True)]))
        rows, columns = example.image.shape[-2:]
        scale = min(height / rows, width / columns)
        rows, columns = round(rows * scale), round(columns * scale)
        pad = v2.Pad([0, 0, width - columns, height - rows], fill=_fill(self.config))
        return clean_boxes(transform_all(
            example, [v2.Resize((rows, columns), antialias=True), pad]))


def make_augmentation(name: str, config: NetworkConfig, crop: Sequence[int],
                      scales: Sequence[float], degrade: float = 0.0) -> Augmentation:
    """
    Build an augmentation by its name in a recipe.

    :raises InputError: for an unknown name
    """
    if name == 'ssd':
        return SsdAugmentation(config)
    if name == 'scale_crop':
        return ScaleCropAugmentation(config, *crop, scales, degrade)
    if name == 'resize':
        return ResizeOnly(config)
    raise InputError(f'augmentation is {name!r}, must be ssd, scale_crop or resize')


def photometric_distortion(brightness: float) -> v2.Transform:
    """
    Return SSD's distortion: brightness, contrast, saturation and hue, each half of the time.

    Not torchvision's RandomPhotometricDistort: that also permutes the channels, and a sky that
    may be of any colour is not learned.
    """
    jitters = (v2.ColorJitter(brightness=brightness), v2.ColorJitter(contrast=0.5),
               v2.ColorJitter(saturation=0.5), v2.ColorJitter(hue=0.07))
    return v2.Compose([v2.RandomApply([jitter], p=0.5) for jitter in jitters])


def degradations(probability: float) -> dict[str, v2.Transform]:
    """
    Return what worse cameras, links and light do to a picture, by name, in their order.

    :param probability: how often each happens, whether or not the others do; 0: there is none
    """
    if not probability:
        return {}
    effects = {'blur': v2.GaussianBlur(5, sigma=(0.3, 1.5)),
               'night': v2.Lambda(_as_at_night, tv_tensors.Image),
               'compression': v2.Lambda(_compressed, tv_tensors.Image)}
    return {name: v2.RandomApply([effect], p=probability) for name, effect in effects.items()}


def _as_at_night(image: tv_tensors.Image) -> tv_tensors.Image:
    return v2.functional.adjust_gamma(image, gamma=1.5 + 1.5 * torch.rand(()).item())


def _compressed(image: tv_tensors.Image) -> tv_tensors.Image:
    # Not torchvision's JPEG: it goes with torchvision 0.29's decoders.
    quality = int(torch.randint(30, 91, ()))
    _, data = cv2.imencode('.jpg', image.permute(1, 2, 0).contiguous().numpy(),
                           [cv2.IMWRITE_JPEG_QUALITY, quality])
    pixels = torch.from_numpy(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return tv_tensors.wrap(pixels.permute(2, 0, 1).contiguous(), like=image)


def transform_all(example: Example, transforms: Sequence[v2.Transform]) -> Example:
    """Put image, boxes and labels through transforms with the same random choices."""
    parts = {name: getattr(example, name) for name in ('image', 'boxes', 'labels')
             if getattr(example, name) is not None}
    for transform in transforms:
        parts = transform(parts)
    return replace(example, **parts)


def clean_boxes(example: Example) -> Example:
    """Drop boxes with a side under SMALLEST_BOX pixels inside the image."""
    if example.boxes is None:
        return example
    boxes = v2.functional.clamp_bounding_boxes(example.boxes)
    sides = (boxes[:, 2:] - boxes[:, :2]).as_subclass(torch.Tensor)
    return select(replace(example, boxes=boxes), (sides >= SMALLEST_BOX).all(dim=1))


def keep_visible(whole: Example, cropped: Example) -> Example:
    """Ignore the boxes of which a crop shows less than SMALLEST_SHARE."""
    if whole.boxes is None:
        return cropped
    boxes = v2.functional.clamp_bounding_boxes(cropped.boxes)
    share = _areas(boxes) / _areas(whole.boxes)
    class_ids = cropped.class_ids.masked_fill(share < SMALLEST_SHARE, IGNORED)
    return clean_boxes(replace(cropped, boxes=boxes, class_ids=class_ids))


def select(example: Example, keep: torch.Tensor) -> Example:
    """Keep the marked boxes."""
    boxes = tv_tensors.wrap(example.boxes.as_subclass(torch.Tensor)[keep], like=example.boxes)
    return replace(example, boxes=boxes, class_ids=example.class_ids[keep])


def _areas(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).as_subclass(torch.Tensor).prod(dim=1)


def _fill(config: NetworkConfig) -> dict:
    mean = [round(value) for value in config.mean]
    return {tv_tensors.Image: mean, tv_tensors.Mask: UNLABELLED}

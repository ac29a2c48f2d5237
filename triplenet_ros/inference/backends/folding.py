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

"""Batch norm folded into the convolutions before it: the same function, fewer passes."""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.resnet import BasicBlock, Bottleneck


def fold_batch_norm(network: nn.Module) -> None:
    """
    Fold every batch norm of a network in evaluation mode into its convolution, in place.

    :param network: made of Sequential blocks and torchvision's residual units
    """
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            names = list(module._modules)
            for conv, norm in zip(names, names[1:]):
                _fold(module, conv, norm)
        elif isinstance(module, (BasicBlock, Bottleneck)):
            for index in ('1', '2', '3'):
                _fold(module, f'conv{index}', f'bn{index}')


def _fold(module: nn.Module, conv: str, norm: str) -> None:
    convolution, batch_norm = getattr(module, conv, None), getattr(module, norm, None)
    if isinstance(convolution, nn.Conv2d) and isinstance(batch_norm, nn.BatchNorm2d):
        setattr(module, conv, fuse_conv_bn_eval(convolution, batch_norm))
        setattr(module, norm, nn.Identity())

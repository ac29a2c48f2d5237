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

from collections import Counter
from typing import Any

import torch
from torch import nn, Tensor
from torch.nn.utils.fusion import fuse_conv_bn_eval

from triplenet_ros.network.joint import JointNetwork

_MAKER, _READERS = '_made_by_convolution', '_read_by'


def fold_batch_norm(network: JointNetwork) -> None:
    """
    Fold every batch norm that can be into its convolution, in place.

    Which one that is, is seen in a forward pass: names and order of modules are each library's
    own. A layer that is run more than once, or whose answer others read too, stays as it is.

    :param network: in evaluation mode
    """
    if not any(isinstance(module, nn.BatchNorm2d) for module in network.modules()):
        return
    names = {module: name for name, module in network.named_modules()}
    for norm, convolution in _pairs(network).items():
        _replace(network, names[convolution], fuse_conv_bn_eval(convolution, norm))
        # timm's batch norms bring the activation behind them along.
        _replace(network, names[norm], getattr(norm, 'act', nn.Identity()))


def _pairs(network: JointNetwork) -> dict[nn.BatchNorm2d, nn.Conv2d]:
    """Return the convolution before each batch norm, where nothing else is in between."""
    runs: Counter = Counter()
    pairs: dict[nn.BatchNorm2d, tuple[nn.Conv2d, list]] = {}

    def read(module: nn.Module, inputs: tuple) -> None:
        runs[module] += 1
        maker = getattr(inputs[0], _MAKER, None) if inputs else None
        if maker is not None:
            getattr(inputs[0], _READERS).append(module)
            if isinstance(module, nn.BatchNorm2d):
                pairs[module] = maker, getattr(inputs[0], _READERS)

    def made(module: nn.Module, inputs: tuple, output: Any) -> None:
        setattr(output, _MAKER, module)
        setattr(output, _READERS, [])

    hooks = [module.register_forward_pre_hook(read) for module in network.modules()]
    hooks += [module.register_forward_hook(made) for module in network.modules()
              if isinstance(module, nn.Conv2d)]
    try:
        with torch.inference_mode():
            network(_black(network))
    finally:
        for hook in hooks:
            hook.remove()
    return {norm: maker for norm, (maker, readers) in pairs.items()
            if runs[norm] == runs[maker] == len(readers) == 1}


def _replace(network: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, own = name.rpartition('.')
    setattr(network.get_submodule(parent), own, module)


def _black(network: JointNetwork) -> Tensor:
    size = network.config.input_height, network.config.input_width
    return torch.zeros((1, 3, *size), dtype=torch.uint8, device=network.mean.device)

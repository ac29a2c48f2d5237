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

"""Batch norm's statistics, taken anew from whole images."""

from typing import Iterable

import torch
from torch import nn, Tensor


def renew_norm(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """
    Take the running statistics of batch norm anew: those of crops are not those of whole images.

    Of the modules in training mode; frozen ones keep theirs. Each batch counts alike.

    :param network: changed in place, its mode is not
    :param batches: each (N, 3, H, W) of images as the network is going to see them
    """
    norms = [module for module in network.modules()
             if isinstance(module, nn.BatchNorm2d) and module.training]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean of all batches
    with torch.no_grad():
        for images in batches:
            network(images)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum

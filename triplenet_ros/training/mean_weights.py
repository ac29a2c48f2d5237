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

"""The mean of a network's weights and of those that it started from."""

import torch
from torch import nn


@torch.no_grad()
def mix_in(network: nn.Module, other: nn.Module, share: float) -> None:
    """
    Move weights and statistics towards those of another network of the same layers.

    Between what a network was before a training and what it is after it lie networks that often
    do better than both (Wortsman et al., *Robust fine-tuning of zero-shot models*, CVPR 2022).

    :param network: changed in place
    :param other: as it was before
    :param share: of the other in the mean, 0..1
    """
    before = other.state_dict()
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            tensor.lerp_(before[name].to(tensor), share)

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

"""What a network costs: parameters and multiply-adds of one forward pass at test time."""

from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

from triplenet_ros.network.anchors import layer_sizes, make_anchors
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.joint import JointNetwork


@dataclass(frozen=True)
class Costs:
    """
    Size and work of one network.

    :param parameters: of everything, the branches that only training needs included
    :param macs: multiply-adds of one image's forward pass in evaluation mode
    :param anchors: boxes that detection starts from
    :param layers: (rows, columns) of each layer, finest first
    """

    parameters: int
    macs: int
    anchors: int
    layers: tuple[tuple[int, int], ...]


def measure_costs(config: NetworkConfig) -> Costs:
    """Count a network's costs at its own input size, without memory or work for its weights."""
    height, width = config.input_height, config.input_width
    with torch.device('meta'):
        network = JointNetwork(config).eval()
        image = torch.empty(1, 3, height, width)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(image)
    return Costs(
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        macs=counter.get_total_flops() // 2,
        anchors=len(make_anchors(config, height, width)) if config.detects else 0,
        layers=tuple(layer_sizes(config, height, width)))

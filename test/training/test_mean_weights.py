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

"""The mean of two networks lies between them."""

import pytest
import torch
from torch import nn

from triplenet_ros.training.mean_weights import mix_in


def network(value):
    """Return a layer and its statistics, all of one value."""
    layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    with torch.no_grad():
        for tensor in layers.state_dict().values():
            tensor.fill_(value)
    return layers


@pytest.mark.parametrize('share, expected', [(0, 8), (0.25, 6.5), (1, 2)])
def test_weights_and_statistics_are_a_share_of_the_way_from_the_other(share, expected):
    mixed, other = network(8), network(2)
    mix_in(mixed, other, share)
    for name, tensor in mixed.state_dict().items():
        # A count is nothing to take the mean of.
        assert (tensor == (8 if 'tracked' in name else expected)).all(), name
    assert all((tensor == 2).all() for tensor in other.state_dict().values())

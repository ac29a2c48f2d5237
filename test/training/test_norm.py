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

"""Batch norm's statistics are those of the images it is shown."""

import pytest
import torch
from torch import nn

from triplenet_ros.training.norm import renew_norm


def test_statistics_are_the_mean_of_all_batches():
    network = nn.Sequential(nn.BatchNorm2d(1, momentum=0.3)).train()
    network[0].running_mean += 100
    renew_norm(network, [torch.full((1, 1, 2, 2), value) for value in (1.0, 2.0, 6.0)])
    assert network[0].running_mean.item() == pytest.approx(3)
    assert network[0].momentum == 0.3 and network.training


def test_frozen_norm_keeps_its_statistics():
    network = nn.Sequential(nn.BatchNorm2d(1).eval(), nn.BatchNorm2d(1).train())
    renew_norm(network, [torch.ones(1, 1, 2, 2)])
    assert (network[0].running_mean.item(), network[1].running_mean.item()) == (
        0, pytest.approx(1, abs=1e-4))

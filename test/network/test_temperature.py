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

"""Temperatures are in the weights, and change confidences alone."""

from copy import deepcopy
from dataclasses import replace

import torch

from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.temperature import divide_logits

IMAGES = torch.randint(0, 256, (1, 3, 64, 96), dtype=torch.uint8,
                       generator=torch.Generator().manual_seed(0))


def test_logits_of_boxes_and_labels_are_divided_and_nothing_else(tiny_network):
    cooled = deepcopy(tiny_network)
    assert divide_logits(cooled, detection=2.0, segmentation=0.5) == ('detection', 'segmentation')
    with torch.no_grad():
        before, after = tiny_network(IMAGES), cooled(IMAGES)
    torch.testing.assert_close(after.class_logits, before.class_logits / 2)
    torch.testing.assert_close(after.segmentation, before.segmentation * 2)
    torch.testing.assert_close(after.box_codes, before.box_codes)


def test_labels_that_are_a_layers_own_stay_and_are_not_said_to_be_divided(tiny_config):
    config = replace(tiny_config, segmentation_head='last')
    network = JointNetwork(config).eval()
    cooled = deepcopy(network)
    assert divide_logits(cooled, detection=2.0, segmentation=0.5) == ('detection',)
    with torch.no_grad():
        torch.testing.assert_close(cooled(IMAGES).segmentation, network(IMAGES).segmentation)

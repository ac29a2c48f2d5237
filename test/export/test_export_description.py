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

"""What an exported file says is enough to make boxes of its outputs."""

import json

import pytest
import torch

from triplenet_ros.export.description import describe
from triplenet_ros.inference.weights import WeightsCard
from triplenet_ros.network.anchors import make_anchors
from triplenet_ros.network.registry import NETWORKS


@pytest.mark.parametrize('name', ['triplenet-drive', 'triplenet512-r50', 'ssd300-r50'])
def test_anchors_can_be_laid_out_from_the_words_alone(name):
    metadata = describe(WeightsCard(NETWORKS[name]))
    config, anchors = json.loads(metadata['card'])['config'], json.loads(metadata['anchors'])
    laid_out = [
        [(column + 0.5) * config['input_width'] / layer['columns'],
         (row + 0.5) * config['input_height'] / layer['rows'], *shape]
        for layer in anchors['layers'] for row in range(layer['rows'])
        for column in range(layer['columns']) for shape in layer['shapes']]
    expected = make_anchors(NETWORKS[name], config['input_height'], config['input_width'])
    torch.testing.assert_close(torch.tensor(laid_out), expected)
    assert anchors['variances'] == [0.1, 0.1, 0.2, 0.2]


def test_a_network_without_boxes_has_no_anchors():
    assert json.loads(describe(WeightsCard(NETWORKS['ablation-b']))['anchors'])['layers'] == []

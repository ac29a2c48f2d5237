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
"""
Encoders that pad unevenly, by the size of what they are given, answer alike by every engine.

TensorFlow's 'same' padding, which timm's tf_ encoders keep, differs from PyTorch's at every size,
and its rows and columns above and below differ in number wherever a side is even.
"""

import pytest
import torch
from torch import nn

from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.exported import read_exported
from triplenet_ros.inference.graph import ExportGraph
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS

timm = pytest.importorskip('timm')
SIZES = [(64, 96), (75, 101), (98, 67)]
NAMES = ('class_logits', 'box_codes', 'segmentation')


@pytest.fixture(scope='module', params=SIZES, ids=str)
def network(request):
    """Return a small network on an EfficientNet-Lite, for inputs of each size."""
    height, width = request.param
    torch.manual_seed(0)
    network = JointNetwork(NETWORKS['triplenet-drive'].evolve(
        name='lite', backbone='timm/tf_efficientnet_lite0', input_height=height,
        input_width=width, extra_blocks=1, extra_width=16, decoder_width=16, head_width=16))
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):  # statistics that matter
            module.running_mean.uniform_(-0.5, 0.5, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return network.eval()


@pytest.fixture
def images(network):
    """Return two images of noise."""
    return torch.randint(0, 256, (2, network.config.input_height, network.config.input_width, 3),
                         dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def expected(network, images):
    """Return what the network says as it comes: eager, contiguous, nothing folded."""
    with torch.no_grad():
        return network(images.permute(0, 3, 1, 2).contiguous())


def largest_difference(given, expected):
    """Return the largest difference of a raw output, as a share of its largest value."""
    return max(float((getattr(given, name) - getattr(expected, name)).abs().max()
                     / getattr(expected, name).abs().max()) for name in NAMES)


@pytest.mark.parametrize('backend', ['torch', 'onnxruntime', 'openvino'])
def test_every_engine_answers_as_the_bare_network(network, images, expected, backend):
    for package in BACKENDS[backend].packages:
        pytest.importorskip(package)
    run = BACKENDS[backend](network, 'cpu', 'float32')
    assert largest_difference(run(images, True, True), expected) < 1e-4


def test_the_graph_has_no_padding_that_is_computed(network, images, expected):
    graph = ExportGraph(network)
    assert not any(isinstance(module, timm.layers.Conv2dSame) for module in graph.modules())
    assert any(isinstance(module, timm.layers.Conv2dSame) for module in network.modules())
    with torch.no_grad():
        given = graph(images)
    for name, output in zip(NAMES, given):
        torch.testing.assert_close(output, getattr(expected, name), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize('network', SIZES[1:2], indirect=True, ids=str)  # takes seconds each
def test_int8_is_near(network, images, expected, tmp_path):
    for package in ('openvino', 'onnx', 'nncf'):
        pytest.importorskip(package)
    from triplenet_ros.export.write import export
    from triplenet_ros.inference.weights import WeightsCard

    path = tmp_path / 'lite.xml'
    pictures = list(images.numpy())
    export(network, WeightsCard(network.config), 'openvino', path, pictures, calibration=pictures)
    given = BACKENDS['openvino'](read_exported(path), 'cpu', 'int8')(images, True, True)
    for name in NAMES:
        error = (getattr(given, name) - getattr(expected, name)).abs().mean()
        assert 0 < error < 0.3 * getattr(expected, name).abs().mean()  # its weights are random

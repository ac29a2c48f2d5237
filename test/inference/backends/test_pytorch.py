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

"""The backend computes what the network computes."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from triplenet_ros.inference.backends.folding import fold_batch_norm
from triplenet_ros.inference.backends.pytorch import PyTorchBackend
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS


def with_statistics(network):
    """Give every batch norm statistics and weights that matter."""
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low, high in ((module.running_mean, -1, 1), (module.running_var, 0.5, 2),
                                      (module.weight.data, 0.5, 1.5), (module.bias.data, -1, 1)):
                tensor.uniform_(low, high, generator=generator)
    return network.eval()


@pytest.mark.parametrize('backbone', [
    'resnet18', 'resnet50', 'timm/tf_efficientnet_lite0', 'timm/mobilenetv3_small_050'])
def test_folding_changes_nothing_but_the_number_of_layers(backbone):
    config = NETWORKS['triplenet300-r50'].evolve(
        backbone=backbone, extra_width=32, decoder_width=32, input_height=75, input_width=101)
    network = with_statistics(JointNetwork(config))
    folded = deepcopy(network)
    fold_batch_norm(folded)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    images = torch.randint(0, 256, (1, 3, 75, 101))
    with torch.no_grad():
        for given, expected in zip(folded(images)[:3], network(images)[:3]):
            scale = expected.abs().max()
            torch.testing.assert_close(given / scale, expected / scale, rtol=0, atol=1e-4)


def test_the_given_network_is_left_alone(tiny_network):
    before = [name for name, _ in tiny_network.named_parameters()]
    PyTorchBackend(tiny_network, 'cpu', 'float32')
    assert [name for name, _ in tiny_network.named_parameters()] == before
    assert all(parameter.requires_grad for parameter in tiny_network.parameters())


def test_nothing_is_kept_for_a_backward_pass(tiny_network):
    backend = PyTorchBackend(tiny_network, 'cpu', 'float32')
    output = backend(torch.zeros((1, 64, 96, 3), dtype=torch.uint8), True, True)
    assert not output.class_logits.requires_grad


def test_bfloat16_answers_like_float32(tiny_network):
    images = torch.randint(0, 256, (1, 64, 96, 3), dtype=torch.uint8)
    exact, rough = (PyTorchBackend(tiny_network, 'cpu', precision)(images, True, True)
                    for precision in ('float32', 'bfloat16'))
    error = (rough.segmentation.float() - exact.segmentation).abs().mean()
    assert error < 0.05 * exact.segmentation.abs().mean()


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
def test_a_gpu_answers_like_the_cpu(tiny_network):
    images = torch.randint(0, 256, (1, 64, 96, 3), dtype=torch.uint8)
    cpu = PyTorchBackend(tiny_network, 'cpu', 'float32')(images, True, True)
    gpu = PyTorchBackend(tiny_network, 'cuda', 'float32')(images.cuda(), True, True)
    torch.testing.assert_close(gpu.segmentation.cpu(), cpu.segmentation, rtol=1e-2, atol=1e-2)

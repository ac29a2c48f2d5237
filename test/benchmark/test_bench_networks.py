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

"""The yardstick is the bare network, and what is around it is what is around all others."""

import numpy as np
import pytest
import torch
from torch import nn

from triplenet_ros import Predictor
from triplenet_ros.benchmark import networks
from triplenet_ros.benchmark.networks import EagerPredictor, RandomNetwork, TrainedNetwork
from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends import OpenVinoBackend
from triplenet_ros.inference.weights import save_weights, WeightsCard

IMAGE = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)


def test_nothing_is_done_to_the_network(tiny_network, monkeypatch):
    seen = []
    real = networks.deepcopy
    monkeypatch.setattr(networks, 'deepcopy',
                        lambda network: seen.append(real(network)) or seen[-1])
    predictor = EagerPredictor(tiny_network, 'cpu')
    [network] = seen
    ran = []
    network.register_forward_pre_hook(lambda _, inputs: ran.append(inputs[0]))
    predictor(IMAGE)
    assert [images.shape for images in ran] == [(1, 3, 64, 96)] and ran[0].is_contiguous()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms and not network.training
    assert all(tensor.dtype == torch.float32 and tensor.is_contiguous()
               for tensor in network.parameters())
    assert (predictor.backend, predictor.precision, predictor.device) == ('eager', 'float32',
                                                                          'cpu')


def test_it_predicts_what_the_predictor_does(tiny_network):
    ours = Predictor(tiny_network, device='cpu', backend='torch', precision='float32')(IMAGE)
    bare = EagerPredictor(tiny_network, 'cpu')(IMAGE)
    assert (ours.label_map == bare.label_map).mean() > 0.999
    assert ours.scores == pytest.approx(bare.scores, abs=1e-4)
    assert set(bare.timings) == {'preprocess', 'forward', 'postprocess'}


def test_random_networks_are_the_same_in_every_run(tiny_config):
    torch.manual_seed(5)
    first = RandomNetwork(tiny_config).predictor('eager', 'cpu', 'float32')
    torch.manual_seed(6)
    state = torch.random.get_rng_state()
    second = RandomNetwork(tiny_config).predictor('torch', 'cpu', 'float32')
    assert torch.equal(state, torch.random.get_rng_state())
    assert (first(IMAGE).label_map == second(IMAGE).label_map).mean() > 0.999


def test_random_answers_are_not_judged(tiny_config, monkeypatch):
    pytest.importorskip('openvino')
    pytest.importorskip('onnx')
    monkeypatch.setattr(OpenVinoBackend, 'native', staticmethod(lambda _: ['bfloat16']))
    monkeypatch.setattr('triplenet_ros.export.choice.find_agreement', None)
    predictor = RandomNetwork(tiny_config).predictor('auto', 'cpu', 'auto')
    assert (predictor.backend, predictor.precision) == ('openvino', 'bfloat16')


def test_weights_are_found_before_they_are_loaded(tiny_network, tmp_path):
    with pytest.raises(InputError, match="no weights 'nowhere'"):
        TrainedNetwork('nowhere')
    path = tmp_path / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config), torch.float32)
    network = TrainedNetwork(str(path))
    assert network.config == tiny_network.config
    for backend in ('eager', 'torch'):
        predictor = network.predictor(backend, 'cpu', 'float32')
        assert predictor.backend == backend and predictor.network == 'tiny'


@pytest.mark.parametrize('backend', ['eager', 'torch'])
def test_boxes_are_reported_from_the_score_of_the_weights_on(tiny_network, tmp_path, backend):
    path = tmp_path / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config, score_threshold=0.43))
    network = TrainedNetwork(str(path))
    own, other = (network.predictor(backend, 'cpu', 'float32', score) for score in (None, 0.2))
    assert (own.thresholds.score, other.thresholds.score) == (0.43, 0.2)


def test_exported_files_do_not_run_eagerly(tmp_path):
    path = tmp_path / 'tiny.onnx'
    path.touch()
    with pytest.raises(InputError, match='is an exported file'):
        TrainedNetwork(str(path)).predictor('eager', 'cpu', 'float32')

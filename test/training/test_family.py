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

"""Every named network goes the whole way: a training step, a file, a prediction."""

import numpy as np
import pytest
import torch

from triplenet_ros.inference.weights import load_weights, save_weights, WeightsCard
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS
from triplenet_ros.predictor import Predictor
from triplenet_ros.scenes import Scenes
from triplenet_ros.training.augment import ResizeOnly
from triplenet_ros.training.batch import collate
from triplenet_ros.training.examples import TrainingExamples
from triplenet_ros.training.fit import freeze_norm
from triplenet_ros.training.losses import JointLoss


def small(name):
    config = NETWORKS[name]
    return config.evolve(backbone='resnet18', extra_width=32, decoder_width=32, head_width=32,
                         input_height=96, input_width=128, keep_aspect=False)


@pytest.fixture(scope='module')
def scenes():
    return Scenes(count=2, seed=3, height=96, width=128)


@pytest.mark.parametrize('name', NETWORKS)
def test_a_network_learns_from_a_step_and_predicts_the_same_from_its_file(
        name, scenes, tmp_path):
    torch.manual_seed(0)
    config = small(name).evolve(classes=scenes.classes)
    network = JointNetwork(config).train()
    freeze_norm(network)  # the statistics of two images' 1x1 layers are noise
    examples = TrainingExamples(scenes, config, ResizeOnly(config))
    batch, criterion = collate([examples[0], examples[1]]), JointLoss(config)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4)
    before = sum(criterion(network(batch.images), batch).values())
    before.backward()
    optimizer.step()
    after = sum(criterion(network(batch.images), batch).values())
    assert after < before

    path = tmp_path / 'weights.safetensors'
    save_weights(path, network, WeightsCard(config), dtype=torch.float32)
    loaded, card = load_weights(path)
    assert card.config == config
    image = scenes[0].image
    first, again = (Predictor(each, device='cpu', backend='torch', precision='float32',
                              score_threshold=0.01)(image) for each in (network, loaded))
    np.testing.assert_array_equal(first.boxes, again.boxes)
    np.testing.assert_array_equal(first.scores, again.scores)
    assert (len(first.boxes) > 0) == bool(first.detection_classes) == config.detects
    assert (first.label_map is not None) == bool(first.segmentation_classes) == config.segments
    if config.segments:
        np.testing.assert_array_equal(first.label_map, again.label_map)

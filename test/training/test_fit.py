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

"""A training does to the network what its recipe says, and to the rest nothing."""

import pytest

pytest.importorskip('lightning')

from lightning.pytorch.callbacks import Callback  # noqa: E402, I100
import torch  # noqa: E402
from torch import nn  # noqa: E402

from triplenet_ros.evaluation.scoring import ScoreValidation  # noqa: E402
from triplenet_ros.network.joint import JointNetwork  # noqa: E402
from triplenet_ros.training import mixed_precision  # noqa: E402
from triplenet_ros.training.fit import fit  # noqa: E402
from triplenet_ros.training.recipe import Recipe  # noqa: E402

LITE0 = 'timm/tf_efficientnet_lite0'
FIRST = tuple(f'encoder.base.{part}.' for part in ('conv_stem', 'bn1', 'blocks.0', 'blocks.1'))
"""What makes its map at stride 4."""


def scenes(count):
    """Return so many scenes as a recipe names them."""
    return {'scenes': {'count': count, 'height': 64, 'width': 96}}


def train(config, folder, callbacks=(), **changes):
    """Train a network for two steps with a validation after the first; return it."""
    recipe = Recipe(**{'network': 'tiny', 'data': scenes(2), 'validation': scenes(1),
                       'batch_size': 2, 'augmentation': 'resize', 'iterations': 2, 'drops': (),
                       'learning_rate': 1e-2, 'workers': 0, 'validate_every': 1,
                       'accelerator': 'cpu', **changes})
    torch.manual_seed(0)
    network = JointNetwork(config)
    fit(recipe, network, folder / 'run', [*callbacks, ScoreValidation()])
    return network


def test_frozen_stages_stay_as_they_are_and_the_others_learn(tiny_config, tmp_path):
    config = tiny_config.evolve(backbone=LITE0)
    torch.manual_seed(0)
    before = JointNetwork(config).state_dict()
    after = train(config, tmp_path, frozen_stages=1).state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    first = {name for name in before if name.startswith(FIRST)}
    others = {name for name in before if name.startswith('encoder.base.')} - first
    # Weights and what batch norm has seen, of every layer there is.
    kinds = {name.rpartition('.')[2] for name in first}
    assert {'weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'} <= kinds
    assert others and others <= changed
    assert changed & first == set()


class KeepDtypes(Callback):
    """Keeps the dtypes of what convolutions of one channel and of all give in training."""

    def __init__(self):
        self.of_depthwise, self.of_dense = set(), set()

    def on_train_start(self, trainer, pl_module):
        for module in pl_module.network.modules():
            if isinstance(module, nn.Conv2d):
                kept = self.of_depthwise if module.groups > 1 else self.of_dense
                module.register_forward_hook(
                    lambda module, _, output, kept=kept: kept.add(output.dtype)
                    if pl_module.training else None)


@pytest.mark.parametrize('precision, dense', [('bf16-mixed', torch.bfloat16),
                                              ('32-true', torch.float32)])
def test_a_step_on_a_cpu_has_depthwise_convolutions_in_float32(tiny_config, tmp_path, precision,
                                                               dense):
    kept = KeepDtypes()
    train(tiny_config.evolve(backbone=LITE0), tmp_path, [kept],
          precision=precision, iterations=1)
    assert kept.of_depthwise == {torch.float32} and kept.of_dense == {dense}


def test_the_precision_is_that_of_what_trains(tiny_config, tmp_path, monkeypatch):
    monkeypatch.setattr(mixed_precision, '_has_bfloat16_units', lambda name: name == 'cpu')
    kept = KeepDtypes()
    train(tiny_config.evolve(backbone=LITE0), tmp_path, [kept], precision='auto', iterations=1)
    assert kept.of_dense == {torch.bfloat16}

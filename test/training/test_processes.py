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

"""Two processes learn what one learns from the same images."""

from dataclasses import replace

import pytest

pytest.importorskip('lightning')

from lightning.pytorch.callbacks import Callback  # noqa: E402, I100
import torch  # noqa: E402

from triplenet_ros.evaluation.scoring import ScoreValidation  # noqa: E402
from triplenet_ros.network.joint import JointNetwork  # noqa: E402
from triplenet_ros.training import losses  # noqa: E402
from triplenet_ros.training.fit import fit  # noqa: E402
from triplenet_ros.training.recipe import Recipe  # noqa: E402

SCENES = {'count': 8, 'height': 96, 'width': 128}
# An object that two anchors fit equally well may take either: this seed draws none.
RECIPE = Recipe(seed=1, network='tiny', data={'scenes': SCENES}, augmentation='ssd', batch_size=4,
                iterations=1, frozen_norm=True, workers=0, balance_classes=True,
                accelerator='cpu')
IN_TWO = replace(RECIPE, batch_size=2, devices=2, strategy='ddp_fork')


class KeepGradients(Callback):
    """Writes the gradients of the first process into a file."""

    def __init__(self, path):
        self.path = path

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        if trainer.is_global_zero:
            torch.save({name: parameter.grad for name, parameter
                        in pl_module.network.named_parameters()}, self.path)


def gradients(recipe, config, folder):
    """Return the gradients of one step."""
    torch.manual_seed(0)
    folder.mkdir(exist_ok=True)
    fit(recipe, JointNetwork(config), folder / 'run', [KeepGradients(folder / 'gradients')])
    return torch.load(folder / 'gradients')


def largest_difference(one, other):
    """Return the largest difference of two gradients, in norms of each parameter's."""
    return max(((one[name] - other[name]).norm() / (one[name].norm() + 1e-3)).item()
               for name in one)


@pytest.fixture(scope='module')
def of_one(tiny_config, tmp_path_factory):
    """Return the gradients of one process with all the images."""
    return gradients(RECIPE, tiny_config, tmp_path_factory.mktemp('one'))


@pytest.mark.own_process
def test_two_processes_have_the_gradients_of_one(tiny_config, tmp_path, of_one):
    of_two = gradients(IN_TWO, tiny_config, tmp_path)
    assert largest_difference(of_one, of_two) < 1e-5


@pytest.mark.own_process
def test_they_would_not_if_each_counted_for_itself(tiny_config, tmp_path, of_one, monkeypatch):
    monkeypatch.setattr(losses, 'mean_per_process', lambda count: count.clamp(min=1))
    of_two = gradients(IN_TWO, tiny_config, tmp_path)
    assert largest_difference(of_one, of_two) > 1e-2


@pytest.mark.own_process
def test_they_would_not_if_each_mined_its_own_negatives(tiny_config, tmp_path, of_one,
                                                        monkeypatch):
    monkeypatch.setattr(losses, 'gather_from_processes', lambda values: values[None])
    monkeypatch.setattr(losses, 'process_rank', lambda: 0)
    of_two = gradients(IN_TWO, tiny_config, tmp_path)
    assert largest_difference(of_one, of_two) > 1e-3


class KeepBest(Callback):
    """Writes the best figures of each process into a file."""

    def __init__(self, folder, scoring):
        self.folder = folder
        self.scoring = scoring

    def on_train_end(self, trainer, pl_module):
        torch.save((self.scoring.best, trainer.callback_metrics['score'].item()),
                   self.folder / f'best{trainer.global_rank}')


def best_figures(recipe, config, folder):
    """Return what each process knows after validating an untrained network."""
    torch.manual_seed(0)
    folder.mkdir(exist_ok=True)
    recipe = replace(recipe, validation={'scenes': {**SCENES, 'count': 5}}, learning_rate=0.0)
    scoring = ScoreValidation()
    fit(replace(recipe, validate_every=1), JointNetwork(config), folder / 'run',
        [scoring, KeepBest(folder, scoring)])
    return [torch.load(path, weights_only=False) for path in sorted(folder.glob('best?'))]


@pytest.mark.own_process
def test_the_scores_of_two_processes_are_those_of_one(tiny_config, tmp_path):
    alone, = best_figures(RECIPE, tiny_config, tmp_path / 'one')
    first, second = best_figures(IN_TWO, tiny_config, tmp_path / 'two')
    assert first == second == alone
    assert alone[0]['images'] == 5 and alone[1] > 0

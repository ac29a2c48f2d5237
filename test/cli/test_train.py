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

"""Training runs, resumes, and leaves weights that predict."""

import json

import pytest

pytest.importorskip('lightning')

from safetensors.torch import load_file  # noqa: E402
import torch  # noqa: E402

from triplenet_ros import Predictor  # noqa: E402
from triplenet_ros.cli.main import main  # noqa: E402
from triplenet_ros.data.scenes import Scenes  # noqa: E402
from triplenet_ros.inference.weights import read_card  # noqa: E402

RECIPE = """
network: tiny
data:
  scenes: {count: 6, height: 64, width: 96}
validation:
  scenes: {count: 2, split: val, height: 64, width: 96}
augmentation: scale_crop
crop: [64, 96]
batch_size: 2
iterations: 3
optimizer: adamw
learning_rate: 1.0e-3
schedule: one_cycle
average_decay: 0.5
balance_classes: true
pretrained: ''
workers: 0
validate_every: 3
"""


@pytest.fixture
def recipe(tmp_path, tiny_config, monkeypatch):
    """Return a recipe file for a registered tiny network."""
    from triplenet_ros.network import registry
    monkeypatch.setitem(registry.NETWORKS, 'tiny', tiny_config)
    path = tmp_path / 'tiny.yaml'
    path.write_text(RECIPE)
    return path


def test_training_leaves_weights_that_say_what_they_are(recipe, tmp_path):
    out = tmp_path / 'run'
    assert main(['train', str(recipe), '--out', str(out)]) == 0
    card = read_card(out / 'weights.safetensors')
    assert card.config.name == 'tiny' and card.trained_on == 'scenes train'
    assert card.scores['scenes']['segmentation']['mIoU'] >= 0
    prediction = Predictor.load(out / 'weights.safetensors', device='cpu')(
        Scenes(count=1, height=64, width=96)[0].image)
    assert prediction.label_map.shape == (64, 96)


def test_training_goes_on_where_it_stopped(recipe, tmp_path, capsys):
    out = tmp_path / 'run'
    assert main(['train', str(recipe), '--out', str(out)]) == 0
    assert main(['train', str(recipe), '--out', str(out)]) == 2
    assert 'is not empty' in capsys.readouterr().err
    assert main(['train', str(recipe), '--out', str(out), '--resume',
                 '--set', 'iterations=6', '--set', 'schedule=steps']) == 0
    last = torch.load(out / 'last.ckpt', map_location='cpu', weights_only=False)
    assert last['global_step'] == 6


@pytest.mark.parametrize('frozen', [True, False])
def test_training_goes_on_from_weights_with_batch_norm_frozen_or_not(recipe, tmp_path, frozen):
    first, second = tmp_path / 'first', tmp_path / 'second'
    main(['train', str(recipe), '--out', str(first)])
    main(['train', str(recipe), '--out', str(second), '--set', f'frozen_norm={frozen}',
          '--set', f'initial_weights={first / "weights.safetensors"}'])
    before, after = (load_file(folder / 'weights.safetensors') for folder in (first, second))
    name = 'encoder.stem.1.running_mean'
    assert torch.equal(before[name], after[name]) == frozen
    # The layers' own logits learn only in training mode.
    name = 'objectness.0.weight'
    assert not torch.equal(before[name], after[name])


def test_there_must_be_something_to_resume(recipe, tmp_path, capsys):
    assert main(['train', str(recipe), '--out', str(tmp_path / 'run'), '--resume']) == 2
    assert 'nothing to resume' in capsys.readouterr().err


def test_a_loss_that_is_not_finite_stops_with_its_terms_and_images(recipe, tmp_path, capsys):
    assert main(['train', str(recipe), '--out', str(tmp_path / 'run'),
                 '--set', 'learning_rate=1.0e30', '--set', 'iterations=20',
                 '--set', 'schedule=steps', '--set', 'average_decay=0.0']) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith('error: the loss is not finite at step') and 'scene-' in line
    assert 'classification' in line


def test_the_recipe_is_kept_beside_the_checkpoints(recipe, tmp_path):
    out = tmp_path / 'run'
    main(['train', str(recipe), '--out', str(out), '--set', 'seed=5'])
    assert 'seed: 5' in (out / 'recipe.yaml').read_text()
    assert json.loads(json.dumps(read_card(out / 'weights.safetensors').scores))

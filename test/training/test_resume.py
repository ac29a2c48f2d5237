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

"""A training that was stopped and goes on ends as one that was not."""

import io
import signal

import pytest

pytest.importorskip('lightning')

from lightning.pytorch.callbacks import Callback  # noqa: E402, I100
import torch  # noqa: E402

from triplenet_ros.errors import InputError  # noqa: E402
from triplenet_ros.evaluation.scoring import ScoreValidation  # noqa: E402
from triplenet_ros.network.joint import JointNetwork  # noqa: E402
from triplenet_ros.training.fit import fit  # noqa: E402
from triplenet_ros.training.recipe import Recipe  # noqa: E402


class CtrlC(Callback):
    """Presses it in the middle of a step."""

    def __init__(self, step):
        self.step = step

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        if trainer.global_step + 1 == self.step:
            signal.raise_signal(signal.SIGINT)


def make_recipe(**changes):
    """Return six steps over five images in random order, randomly augmented."""
    return Recipe(**{
        'network': 'tiny', 'data': {'scenes': {'count': 5, 'height': 96, 'width': 128}},
        'augmentation': 'ssd', 'batch_size': 2, 'iterations': 6, 'drops': (2, 5),
        'learning_rate': 1e-3, 'workers': 0, 'validate_every': 100, **changes})


def train(recipe, config, folder, seed, callbacks=(), resume=False):
    """Train a network that begins as the seed says; return what last.ckpt holds."""
    torch.manual_seed(seed)
    network = JointNetwork(config)
    scoring = [ScoreValidation()] if recipe.validation else []
    fit(recipe, network, folder, [*scoring, *callbacks], resume)
    return torch.load(folder / 'last.ckpt', weights_only=True), network.state_dict()


AVERAGED = {'schedule': 'one_cycle', 'average_decay': 0.5, 'validate_every': 2,
            'validation': {'scenes': {'count': 1, 'height': 96, 'width': 128}}}


@pytest.mark.parametrize('changes, workers', [({}, 0), (AVERAGED, 2)], ids=['plain', 'averaged'])
def test_a_stopped_training_goes_on_to_the_same_weights(tiny_config, tmp_path, changes, workers):
    recipe = make_recipe(**changes)
    whole, weights = train(recipe, tiny_config, tmp_path / 'whole', 0)
    in_parts = make_recipe(**changes, workers=workers)
    with pytest.raises(KeyboardInterrupt):
        train(in_parts, tiny_config, tmp_path / 'parts', 0, callbacks=[CtrlC(3)])
    assert torch.load(tmp_path / 'parts' / 'last.ckpt', weights_only=True)['global_step'] == 3
    # What the network holds before it goes on must not matter.
    resumed, same_weights = train(in_parts, tiny_config, tmp_path / 'parts', 1, resume=True)
    assert resumed['global_step'] == whole['global_step'] == 6
    for one, other in ((whole['state_dict'], resumed['state_dict']), (weights, same_weights)):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)
    scores = [last['callbacks'].get('ScoreValidation') for last in (whole, resumed)]
    assert scores[0] == scores[1]


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), 'w')


def test_a_checkpoint_that_would_run_something_is_refused_in_one_line(tiny_config, tmp_path):
    folder = tmp_path / 'run'
    train(make_recipe(iterations=1), tiny_config, folder, 0)
    last = torch.load(folder / 'last.ckpt', weights_only=True)
    torch.save({**last, 'callbacks': {'ours': Bomb(tmp_path / 'exploded')}},
               folder / 'last.ckpt')
    with pytest.raises(InputError, match='last.ckpt holds more than the numbers') as caught:
        train(make_recipe(iterations=2), tiny_config, folder, 0, resume=True)
    assert not (tmp_path / 'exploded').exists() and '\n' not in str(caught.value)


def test_a_checkpoint_that_was_cut_is_refused_in_one_line(tiny_config, tmp_path):
    folder = tmp_path / 'run'
    folder.mkdir()
    content = io.BytesIO()
    torch.save({'state_dict': {}}, content)
    for data in (content.getvalue()[:-30], b'PK\3\4', b'', b'text'):
        (folder / 'last.ckpt').write_bytes(data)
        with pytest.raises(InputError, match='last.ckpt is no whole checkpoint'):
            train(make_recipe(iterations=2), tiny_config, folder, 0, resume=True)

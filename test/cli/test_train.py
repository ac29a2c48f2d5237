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

from dataclasses import replace
import json
import re
import signal

import pytest

pytest.importorskip('lightning')

from safetensors.torch import load_file  # noqa: E402
from tensorboard.backend.event_processing.event_accumulator import (  # noqa: E402
    EventAccumulator)
import torch  # noqa: E402

from triplenet_ros import Predictor  # noqa: E402
from triplenet_ros.cli.main import main  # noqa: E402
from triplenet_ros.errors import InputError  # noqa: E402
from triplenet_ros.inference.weights import read_card  # noqa: E402
from triplenet_ros.network.registry import NETWORKS  # noqa: E402
from triplenet_ros.outputs import filling  # noqa: E402
from triplenet_ros.scenes import Scenes  # noqa: E402
from triplenet_ros.training.task import TrainingTask  # noqa: E402

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
    monkeypatch.setitem(NETWORKS, 'tiny', tiny_config)
    path = tmp_path / 'tiny.yaml'
    path.write_text(RECIPE)
    return path


def test_training_tells_how_far_it_is_and_leaves_weights_that_say_what_they_are(
        recipe, tmp_path, capsys):
    out = tmp_path / 'run'
    assert main(['train', str(recipe), '--out', str(out), '--set', 'log_every=1']) == 0
    told = capsys.readouterr().err
    assert re.findall(r'^step (\d)/3  loss [\d.]+  [\d.]+ images/s  0:\d\d:\d\d left$', told,
                      re.MULTILINE) == ['1', '2', '3']
    assert not re.search('litlogger|deprecated|weights_only|limit_val_batches', told)
    card = read_card(out / 'weights.safetensors')
    assert card.config.name == 'tiny' and card.trained_on == 'scenes train'
    assert card.scores['scenes']['segmentation']['mIoU'] >= 0
    prediction = Predictor.load(out / 'weights.safetensors', device='cpu')(
        Scenes(count=1, height=64, width=96)[0].image)
    assert prediction.label_map.shape == (64, 96)


def test_a_recipe_may_renew_norm_and_calibrate_at_the_end(recipe, tmp_path):
    plain, finished = tmp_path / 'plain', tmp_path / 'finished'
    assert main(['train', str(recipe), '--out', str(plain)]) == 0
    assert main(['train', str(recipe), '--out', str(finished), '--set', 'renew_norm=4',
                 '--set', 'calibrate=true']) == 0
    before, after = (read_card(out / 'weights.safetensors') for out in (plain, finished))
    assert before.temperatures == {} and set(after.temperatures) <= {'detection', 'segmentation'}
    assert 0.25 <= after.temperatures['segmentation'] <= 4
    weights = [load_file(out / 'weights.safetensors') for out in (plain, finished)]
    changed = {name for name in weights[0] if not torch.equal(weights[0][name], weights[1][name])}
    assert all('running_' in name or 'num_batches' in name or 'class_conv' in name
               or name.startswith('fused.logits') for name in changed)
    assert {'encoder.stem.1.running_mean', 'fused.logits.weight'} <= changed


def test_tensorboard_shows_losses_scores_pictures_and_the_rate(recipe, tmp_path, capsys):
    out = tmp_path / 'run'
    assert main(['train', str(recipe), '--out', str(out), '--set', 'iterations=10',
                 '--set', 'validate_every=5']) == 0
    printed = capsys.readouterr().out.splitlines()
    assert any(line.endswith('of the time waiting for data') for line in printed)
    events = EventAccumulator(str(out)).Reload()
    scalars = set(events.Tags()['scalars'])
    assert {'loss', 'loss/classification', 'loss/localisation', 'loss/segmentation',
            'loss/class_aware', 'loss/class_agnostic', 'mAP50', 'mIoU', 'score',
            'data/images_per_second', 'data/waiting_share'} <= scalars
    assert set(events.Tags()['images']) == {'predicted/0', 'predicted/1'}
    pictures = events.Images('predicted/0')
    assert [picture.step for picture in pictures] == [5, 10]
    assert (pictures[0].height, pictures[0].width) == (64, 192)  # truth and prediction


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_the_step_it_came_in(recipe, tmp_path, monkeypatch, number):
    out = tmp_path / 'run'

    def press(self, optimizer):
        if self.global_step == 1:
            signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingTask, 'on_before_optimizer_step', press)
        assert main(['train', str(recipe), '--out', str(out)]) == 130
    assert torch.load(out / 'last.ckpt', weights_only=False)['global_step'] == 2
    assert not (out / 'weights.safetensors').exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert main(['train', str(recipe), '--out', str(out), '--resume']) == 0
    assert torch.load(out / 'last.ckpt', weights_only=False)['global_step'] == 3
    assert read_card(out / 'weights.safetensors').scores['scenes']['images'] == 2


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_during_a_validation_keeps_the_step_before_it(recipe, tmp_path, monkeypatch,
                                                             number):
    out = tmp_path / 'run'
    with monkeypatch.context() as patch:
        patch.setattr(TrainingTask, 'validation_step',
                      lambda *_: signal.raise_signal(number))
        assert main(['train', str(recipe), '--out', str(out), '--set', 'validate_every=2']) == 130
    assert torch.load(out / 'last.ckpt', weights_only=False)['global_step'] == 2


def test_a_folder_is_that_of_one_training(recipe, tmp_path, capsys):
    from triplenet_ros.training.fit import _write_recipe
    from triplenet_ros.training.recipe import load_recipe
    out, one = tmp_path / 'run', load_recipe(str(recipe))
    with filling(out):
        assert main(['train', str(recipe), '--out', str(out)]) == 2
        assert 'being written by another process' in capsys.readouterr().err
    _write_recipe(one, out / 'recipe.yaml', resume=False)
    with pytest.raises(InputError, match='the folder of another training'):
        _write_recipe(one, out / 'recipe.yaml', resume=False)
    _write_recipe(one, out / 'recipe.yaml', resume=True)


@pytest.mark.own_process
def test_two_processes_leave_one_file_of_weights(recipe, tmp_path):
    out = tmp_path / 'run'
    assert main(['train', str(recipe), '--out', str(out), '--set', 'accelerator=cpu',
                 '--set', 'devices=2', '--set', 'strategy=ddp_fork']) == 0
    card = read_card(out / 'weights.safetensors')
    assert card.scores['scenes']['images'] == 2  # one in each process


@pytest.mark.parametrize('change, message', [
    ('iteratons=5', "unknown key 'iteratons' (did you mean iterations?)"),
    ('network=tniy', 'did you mean tiny'),
    ('data.scenes.count=0', 'the training data scenes holds no images'),
    ('strategy=ddpp', 'strategy ddpp'),
    ('precision=7-bits', 'precision 7-bits'),
    ('devices=0', 'devices is 0, must be at least 1, or auto'),
    ('initial_weights=nowhere', 'nowhere')])
def test_a_bad_recipe_is_one_line_and_leaves_nothing(recipe, tmp_path, capsys, change, message):
    assert main(['train', str(recipe), '--out', str(tmp_path / 'run'), '--set', change]) == 2
    line, = [line for line in capsys.readouterr().err.splitlines() if 'error' in line]
    assert line.startswith('error: ') and message in line
    assert not (tmp_path / 'run').exists()


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


def test_initial_weights_are_those_of_the_network_but_for_how_its_boxes_are_merged_and_colours(
        recipe, tmp_path, tiny_config, monkeypatch, capsys):
    first = tmp_path / 'first'
    main(['train', str(recipe), '--out', str(first)])
    goes_on = ['train', str(recipe), '--set', f'initial_weights={first / "weights.safetensors"}',
               '--out']
    second = tmp_path / 'second'
    grey = tuple((level, level, level) for level in range(len(tiny_config.classes.palette)))
    recoloured = tiny_config.evolve(classes=replace(tiny_config.classes, palette=grey))
    monkeypatch.setitem(NETWORKS, 'tiny', recoloured)
    assert main([*goes_on, str(second), '--set', 'network_changes={merge_iou: 0.6}']) == 0
    config = read_card(second / 'weights.safetensors').config
    assert config.merge_iou == 0.6 and config.classes.palette == grey
    capsys.readouterr()
    assert main([*goes_on, str(tmp_path / 'third'), '--set',
                 'network_changes={head_width: 24}']) == 2
    assert 'are of another network (tiny)' in capsys.readouterr().err


def test_a_share_of_the_initial_weights_is_in_those_that_are_kept(recipe, tmp_path):
    folders = {share: tmp_path / str(share) for share in (None, 0.0, 0.75, 1.0)}
    for share, folder in folders.items():
        changes = [] if share is None else [
            '--set', f'initial_weights={folders[None] / "weights.safetensors"}',
            '--set', f'initial_share={share}']
        assert main(['train', str(recipe), '--out', str(folder), *changes]) == 0
    initial, trained, mixed, same = (
        load_file(folder / 'weights.safetensors')['objectness.0.weight'].float()
        for folder in folders.values())
    assert torch.equal(initial, same) and not torch.equal(initial, trained)
    torch.testing.assert_close(mixed, 0.75 * initial + 0.25 * trained, atol=1e-4, rtol=1e-3)


def test_weights_say_what_those_that_they_began_with_had_learned_from(recipe, tmp_path):
    first, second = tmp_path / 'first', tmp_path / 'second'
    initial = first / 'weights.safetensors'
    main(['train', str(recipe), '--out', str(first)])
    main(['train', str(recipe), '--out', str(second), '--set', f'initial_weights={initial}',
          '--set', 'data={scenes: {count: 4, split: val, height: 64, width: 96}}'])
    assert read_card(second / 'weights.safetensors').trained_on == (
        f'scenes val; before that, {initial}: scenes train')


def test_a_set_without_a_folder_has_none_in_what_weights_learned_from(recipe, tmp_path):
    assert main(['train', str(recipe), '--out', str(tmp_path / 'run'),
                 '--set', 'data.scenes.root=null']) == 0
    assert read_card(tmp_path / 'run' / 'weights.safetensors').trained_on == 'scenes train'


@pytest.mark.parametrize('validation', ['{}', '{scenes: {count: 2, height: 64, width: 96}}'])
def test_a_training_that_ended_before_its_weights_were_written_gives_the_same_ones(
        recipe, tmp_path, validation):
    train = ['train', str(recipe), '--out', str(tmp_path / 'run'), '--set',
             f'validation={validation}']
    path = tmp_path / 'run' / 'weights.safetensors'
    assert main(train) == 0
    whole = load_file(path)
    path.unlink()
    assert main([*train, '--resume']) == 0
    resumed = load_file(path)
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())


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

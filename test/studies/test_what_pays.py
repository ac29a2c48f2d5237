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

"""The study of what pays changes one thing at a time."""

from dataclasses import asdict
from pathlib import Path

import pytest

from triplenet_ros.training.configuration import network_config
from triplenet_ros.training.recipe import load_recipe

STUDY = Path(__file__).parents[2] / 'studies' / 'what_pays.py'


@pytest.fixture
def study(load_script):
    """Return the study."""
    return load_script(STUDY)


def test_every_trial_is_a_training_of_the_base_but_for_what_it_names(study):
    base = load_recipe(study.RECIPE, study.BASE)
    for name, changes in study.TRIALS.items():
        trial = load_recipe(study.RECIPE, [*study.BASE, *changes])
        changed = {key for key, value in asdict(trial).items() if value != asdict(base)[key]}
        assert changed == {change.partition('=')[0].partition('.')[0] for change in changes}, name
        network_config(trial)  # which such a network is


def test_folders_stand_where_a_trial_names_them_whatever_they_are_called(
        study, monkeypatch, tmp_path):
    trained = []
    monkeypatch.setattr(study, 'train', lambda _, __, changes: trained.append(changes) or 1 / 0)
    monkeypatch.setattr('sys.argv', ['what_pays.py', '/BDD/CITYSCAPES', '/CITYSCAPES/BDD',
                                     '--out', str(tmp_path), '--trials', 'base'])
    with pytest.raises(ZeroDivisionError):
        study.main()
    assert trained[0][:2] == ['data.0.folder.root=/BDD/CITYSCAPES',
                              'data.1.folder.root=/CITYSCAPES/BDD']


def test_runs_that_are_finished_are_not_repeated(study, monkeypatch, tmp_path, capsys):
    figures = '{"segmentation": {"mIoU": 0.5}, "detection": {"mAP50": 0.25, "per_class": ' \
              '{"car": {"AP50": 0.125}, "person": {"AP50": 1.0}}}}'
    for name in ('weights.safetensors', 'cityscapes.json', 'bdd.json'):
        (tmp_path / 'another_seed').mkdir(exist_ok=True)
        (tmp_path / 'another_seed' / name).write_text(figures)
    monkeypatch.setattr('subprocess.run', lambda *_, **__: pytest.fail('something was run'))
    monkeypatch.setattr('sys.argv', ['what_pays.py', 'a', 'b', '--out', str(tmp_path),
                                     '--trials', 'another seed'])
    study.main()
    assert capsys.readouterr().out.splitlines()[-1] == (
        '| another seed | 50.0 | 25.0 | 12.5 | 100.0 | 25.0 | 12.5 | 100.0 |')

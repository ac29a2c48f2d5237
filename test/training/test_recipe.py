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

"""Recipes are checked before anything is spent on them."""

from dataclasses import fields
from pathlib import Path
import re

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.training.configuration import network_config
from triplenet_ros.training.recipe import load_recipe, Recipe, recipe_names

import yaml


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a recipe file."""
    def writer(text):
        path = tmp_path / 'mine.yaml'
        path.write_text(text)
        return str(path)
    return writer


GOOD = 'network: triplenet-drive\ndata:\n  scenes: {count: 4}\n'


@pytest.mark.parametrize('name', recipe_names())
def test_every_shipped_recipe_loads(name):
    assert load_recipe(name).data


def test_the_documents_list_every_key_and_no_other():
    text = (Path(__file__).parents[2] / 'docs' / 'training.md').read_text(encoding='utf-8')
    section = text.split('\n## Recipes\n')[1].split('\n## ')[0]
    named = [key for cells in re.findall(r'^\| (`.*?) \|', section, re.MULTILINE)
             for key in re.findall(r'`(\w+)`', cells)]
    assert sorted(named) == sorted(field.name for field in fields(Recipe))


def test_a_recipe_survives_its_file(write):
    recipe = load_recipe(write(GOOD))
    assert load_recipe(write(recipe.to_yaml())).to_yaml() == recipe.to_yaml()


def test_a_recipe_has_the_keys_of_the_one_that_it_is_based_on_but_for_its_own(write, tmp_path):
    (tmp_path / 'base.yaml').write_text(GOOD + 'seed: 3\ncrop: [32, 48]\n')
    (tmp_path / 'middle.yaml').write_text(f'based_on: {tmp_path / "base.yaml"}\nseed: 4\n')
    recipe = load_recipe(write(f'based_on: {tmp_path / "middle.yaml"}\n'
                               'data: {scenes: {seed: 9}}\n'), ['crop.0=64'])
    assert (recipe.network, recipe.seed, list(recipe.crop)) == ('triplenet-drive', 4, [64, 48])
    assert recipe.data == {'scenes': {'seed': 9}}  # a key's value is replaced, not filled up
    assert load_recipe(write('based_on: drive\n')) == load_recipe('drive')


@pytest.mark.parametrize('base, message', [
    ('mine.yaml', 'mine.yaml is based on itself'),
    ('other.yaml', 'mine.yaml is based on itself'),
    ('drvie', "no recipe 'drvie' \\(did you mean drive"),
    ('[drive]', r"based_on is \['drive'\], must be a recipe")])
def test_a_recipe_is_based_on_another_one(write, tmp_path, monkeypatch, base, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'other.yaml').write_text('based_on: mine.yaml\n')
    with pytest.raises(InputError, match=message):
        load_recipe(write(f'based_on: {base}\n'))


def test_changes_reach_into_mappings(write):
    recipe = load_recipe(write(GOOD), ['data.scenes.count=9', 'iterations=5', 'crop=[32, 48]',
                                       'validation.camvid.root=/data'])
    assert recipe.data == {'scenes': {'count': 9}}
    assert (recipe.iterations, list(recipe.crop)) == (5, [32, 48])
    assert recipe.validation == {'camvid': {'root': '/data'}}


def test_several_sets_of_one_kind_are_a_list(write):
    text = 'network: triplenet-drive\ndata:\n- scenes: {count: 4}\n- scenes: {count: 5}\n'
    recipe = load_recipe(write(text), ['data.1.scenes.count=9'])
    assert recipe.data_sets == [('scenes', {'count': 4}), ('scenes', {'count': 9})]
    assert load_recipe(write(recipe.to_yaml())).data_sets == recipe.data_sets
    with pytest.raises(InputError, match='2 is no index of a list of 2'):
        load_recipe(write(text), ['data.2.scenes.count=9'])
    with pytest.raises(InputError, match='2 is no index of a list of 2'):
        load_recipe(write(text), ['data.2=1'])
    with pytest.raises(InputError, match='x is no index of a list of 2'):
        load_recipe(write(text), ['data.x=1'])
    assert load_recipe(write(text), ['data.1={scenes: {count: 3}}']).data_sets[1] == (
        'scenes', {'count': 3})


def test_a_number_may_be_written_without_a_dot(write):
    assert load_recipe(write(GOOD), ['learning_rate=1e-3']).learning_rate == 0.001


@pytest.mark.parametrize('text, message', [
    (GOOD + 'iteratons: 5\n', r"unknown key 'iteratons' \(did you mean iterations\?\)"),
    ('data: {scenes: {}}\n', 'network missing'),
    ('- a\n- b\n', 'holds list, must be keys with values'),
    ('a: [\n', 'is no YAML'),
    (GOOD + 'iterations: many\n', "iterations is 'many', must be like 40000"),
    (GOOD + 'iterations: 0\n', 'iterations is 0, must be at least 1'),
    (GOOD + 'optimizer: sgd\n', "optimizer is 'sgd', must be one of adam, adamw"),
    (GOOD + 'balance_classes: 1\n', 'balance_classes is 1'),
    (GOOD + 'degrade: 2\n', 'degrade is 2, must be 0 .. 1'),
    (GOOD + 'initial_share: 0.5\n', 'initial_share is 0.5, must be 0 without initial_weights'),
    (GOOD + 'validation: {scenes: {}, camvid: {}}\n',
     'validation has scenes, camvid, must be one data set'),
    (GOOD + 'initial_share: 0.5\ninitial_weights: drive\ninitial_parts: [encoder]\n',
     'or where only initial_parts are taken'),
    (GOOD + 'negative_iou: 0.6\n', 'positive_iou is 0.5, must be 0.6 .. 1'),
    (GOOD + 'frozen_stages: 5\n', 'frozen_stages is 5, must be one of 0, 1, 2, 3, 4'),
    ('network: triplenet-drive\ndata: [scenes]\n', "data has 'scenes', must be like"),
    ('network: triplenet-drive\ndata: []\n', 'data is empty'),
    ('network: triplenet-drive\ndata: {}\n', 'data is empty')])
def test_a_bad_recipe_is_refused_in_one_line(write, text, message):
    with pytest.raises(InputError, match=message) as caught:
        load_recipe(write(text))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('change, message', [
    ('iterations', 'must be key=value'), ('iteration=5', 'did you mean iterations'),
    ('network.name=x', 'it has no keys')])
def test_a_bad_change_is_refused(write, change, message):
    with pytest.raises(InputError, match=message):
        load_recipe(write(GOOD), [change])


def test_an_unknown_recipe_is_refused_with_the_nearest():
    with pytest.raises(InputError, match='did you mean drive'):
        load_recipe('drvie')


@pytest.mark.parametrize('rename', ['camvid_to_cityscapes', 'mine', {'pedestrian': 'person'}])
def test_class_names_are_read_with_the_recipe(write, tmp_path, rename):
    path = tmp_path / 'names.yaml'
    path.write_text('pedestrian: person\n')
    rename = str(path) if rename == 'mine' else rename
    text = yaml.safe_dump({'network': 'triplenet-drive', 'classes': 'data', **{
        key: {'scenes': {'count': 4, 'rename': rename}} for key in ('data', 'validation')}})
    recipe = load_recipe(write(text))
    path.unlink()  # what is written beside the weights does not need it
    again = load_recipe(write(recipe.to_yaml()))
    for one in (again.data, again.validation):
        assert one['scenes']['rename']['pedestrian'] == 'person'
    names = network_config(again).classes
    assert 'person' in names.detection and 'person' in names.segmentation
    assert 'pedestrian' not in names.detection + names.segmentation

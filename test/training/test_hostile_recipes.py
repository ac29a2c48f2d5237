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

"""Whatever a recipe holds, it is read or refused in one line."""

import os

from hypothesis import example, given, settings, strategies as st
import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.training import recipe as recipe_module
from triplenet_ros.training.configuration import network_config
from triplenet_ros.training.recipe import load_recipe, Recipe

import yaml

EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', 0))
"""More than the few that every run tries, and others each time."""
fuzz = settings(max_examples=EXAMPLES or 100, derandomize=not EXAMPLES, deadline=None,
                database=None)

KEYS = sorted(recipe_module.Recipe.__dataclass_fields__)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates()
    | st.text(max_size=10) | st.binary(max_size=5) | st.sampled_from(['auto', 'adam', 'scenes']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(max_size=6) | st.integers() | st.none(), inner, max_size=3), max_leaves=8)
GOOD = {'network': 'triplenet-drive', 'data': {'scenes': {'count': 4}}}


def check(path, text):
    """Fail unless a text is a recipe that can be written down again, or one line."""
    path.write_text(text, encoding='utf-8', errors='surrogateescape')
    try:
        recipe = load_recipe(str(path))
    except InputError as error:
        assert '\n' not in str(error) and len(str(error)) <= 2000
    else:
        assert isinstance(recipe, Recipe) and recipe.data_sets
        assert isinstance(yaml.safe_load(recipe.to_yaml()), dict)


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return tmp_path_factory.mktemp('recipes') / 'fuzzed.yaml'


@fuzz
@given(changes=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6) | st.integers(),
                               VALUES, max_size=4))
@example(changes={3: 'three'})  # a key that is no text had no most similar one
@example(changes={'learning_rate': float('nan')})  # no comparison refused it
@example(changes={'scales': [0.5, float('inf')]})
@example(changes={'data': {'scenes': [1, 2]}})  # options that are no mapping
@example(changes={'data': {None: {}}})
@example(changes={'validation': {'scenes': 7}})
@example(changes={'data': {'scenes': {'rename': 'camvid_to_cityscapes'}}})
@example(changes={'data': {'scenes': {'rename': 300 * 'x'}}})  # longer than files' names
@example(changes={'data': {'scenes': {'rename': 'a\0b'}}})
@example(changes={'data': {'scenes': {3: 'three'}}})
def test_any_value_under_any_key_is_a_recipe_or_one_line(path, changes):
    check(path, yaml.safe_dump({**GOOD, **changes}))


@fuzz
@given(text=st.text(alphabet='&*![]{}:-? \n\t"\'|>%@`#,ab1.~<=\x07', max_size=60))
@example(text='<<: 3')
@example(text='=: 1')
@example(text='? [a]\n: b')
@example(text='2026-13-45')
@example(text='0x')
@example(text='1' * 5000)
def test_any_text_is_a_recipe_or_one_line(path, text):
    check(path, text)


@pytest.mark.parametrize('line', ['learning_rate: .nan', 'scales: [0.5, .inf]', 'cache: -.inf'])
def test_numbers_that_are_not_finite_are_refused(path, line):
    path.write_text(yaml.safe_dump(GOOD) + line, encoding='utf-8')
    with pytest.raises(InputError, match='must be finite'):
        load_recipe(str(path))


@pytest.mark.parametrize('line', [
    'learning_rate: -1', 'weight_decay: -0.1', 'clip_gradient: -1', 'average_decay: 2',
    'seed: 4294967296', 'crop: [0, 0]', 'crop: [a, b]', 'crop: [64]', 'crop: [64.5, 64]',
    'scales: [0, 1]', 'scales: [1]', 'scales: [2, 0.5]', 'scales: [true, 1]', 'drops: [-5]',
    'drops: [1.5]'])
def test_numbers_that_would_fail_in_the_middle_of_a_training_are_refused_before_it(path, line):
    path.write_text(yaml.safe_dump(GOOD) + line, encoding='utf-8')
    with pytest.raises(InputError, match=f'recipe: {line.partition(":")[0]} is .*, must be '):
        load_recipe(str(path))


@pytest.mark.parametrize('repeat', [0, -3, 'two', 1.5, True])
def test_data_that_would_be_seen_no_times_are_refused(path, repeat):
    recipe = {**GOOD, 'data': {'scenes': {'count': 4, 'repeat': repeat}}}
    path.write_text(yaml.safe_dump(recipe), encoding='utf-8')
    with pytest.raises(InputError, match='data scenes: repeat is .*, must be a whole number'):
        load_recipe(str(path))


@pytest.mark.parametrize('key', ['data', 'validation'])
@pytest.mark.parametrize('rename, message', [
    ('camvid_to_citiscapes', r"no class mapping 'camvid_to_citiscapes' \(did you mean camvid_to"),
    (['pedestrian'], r"{key} scenes: rename is \['pedestrian'\], must be names to names"),
    (3, '{key} scenes: rename is 3, must be names to names'),
    (None, '{key} scenes: rename is None, must be names to names'),
    ({'pedestrian': 3}, "{key} scenes: rename maps 'pedestrian' to 3, must be name to name"),
    ({'a': 'b', 'b': 'c'}, "{key} scenes: rename maps 'a' to 'b', and that to 'c'")])
def test_class_names_that_no_mapping_gives_are_refused(path, key, rename, message):
    path.write_text(yaml.safe_dump({**GOOD, key: {'scenes': {'rename': rename}}}),
                    encoding='utf-8')
    with pytest.raises(InputError, match=message.replace('{key}', key)):
        load_recipe(str(path))


@pytest.mark.parametrize('options, message', [
    ({'root': 5}, 'data scenes: option root is 5, must be str or Path'),
    ({'split': 3}, 'data scenes: option split is 3, must be str'),
    ({'name': 'camvid'}, "data scenes has no option 'name' .*, it takes rename, count")])
def test_options_that_no_data_have_are_refused_when_they_are_opened(path, options, message):
    path.write_text(yaml.safe_dump({**GOOD, 'data': {'scenes': options}, 'classes': 'data'}),
                    encoding='utf-8')
    with pytest.raises(InputError, match=message):
        network_config(load_recipe(str(path)))

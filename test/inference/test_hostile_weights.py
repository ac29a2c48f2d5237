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

"""Weights files made to do harm are refused in one line, in bounded time and memory."""

import json
import os
import resource
from time import monotonic

from hypothesis import example, given, HealthCheck, settings, strategies as st
import pytest
from safetensors.torch import load_file, save_file
import torch

from triplenet_ros.errors import InputError
from triplenet_ros.inference.weights import (
    card_metadata, HEADER_BYTES, load_weights, read_card, save_weights, WeightsCard)
from triplenet_ros.printable import is_printable

SECONDS, MEGABYTES = 20, 300
EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', 0))
"""More than the few that every run tries, and others each time."""
fuzz = settings(max_examples=EXAMPLES or 25, derandomize=not EXAMPLES, deadline=None,
                suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)


def write_file(path, header, data=b''):
    """Write a safetensors file of any header, given as bytes or as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, 'little') + text + data)
    return path


def refused(path):
    """Return why a file is refused: in one short line, at once, and for little memory."""
    begun, before = monotonic(), peak_megabytes()
    with pytest.raises(InputError) as caught:
        load_weights(path)
    assert monotonic() - begun < SECONDS and peak_megabytes() - before < MEGABYTES
    text = str(caught.value)
    assert path.name in text and is_printable(text) and len(text) < 3000
    return text


def peak_megabytes():
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'hostile.safetensors'


@pytest.fixture(scope='session')
def card_data(tiny_config):
    """Return what a good file says of itself, as JSON has it."""
    return json.loads(card_metadata(WeightsCard(tiny_config))['card'])


def header_of(card, **tensors):
    """Return a header with a card, given as data or as text."""
    text = card if isinstance(card, str) else json.dumps(card)
    return {'__metadata__': {'format': 'triplenet_ros 1', 'card': text}, **tensors}


@pytest.mark.parametrize('length', [2 ** 64 - 1, 2 ** 63, 10 ** 12, 99_999_999, 0, 1])
def test_a_header_of_absurd_length_is_refused(path, length):
    path.write_bytes(length.to_bytes(8, 'little') + b'{}')
    assert 'no whole .safetensors file' in refused(path)


def test_a_pointer_of_git_lfs_is_named(path):
    path.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n')
    assert 'pointer of Git LFS' in refused(path)


def test_a_header_larger_than_any_of_ours_is_not_read(path):
    write_file(path, b'{' + b' ' * HEADER_BYTES + b'}')
    assert 'its header takes' in refused(path)


@pytest.mark.parametrize('tensor', [
    {'dtype': 'F32', 'shape': [2 ** 40, 2 ** 10], 'data_offsets': [0, 4]},
    {'dtype': 'F32', 'shape': [2 ** 62, 4], 'data_offsets': [0, 4]},
    {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 2 ** 50]},
    {'dtype': 'F32', 'shape': [1], 'data_offsets': [4, 0]},
    {'dtype': 'F32', 'shape': [-1], 'data_offsets': [0, 4]},
    {'dtype': 'X99', 'shape': [1], 'data_offsets': [0, 4]},
    {'dtype': 'F32', 'shape': [0] * 100, 'data_offsets': [0, 0]}])
def test_shapes_and_offsets_that_the_file_cannot_hold_are_refused(path, card_data, tensor):
    write_file(path, header_of(card_data, mean=tensor), bytes(4))
    refused(path)


@pytest.mark.parametrize('card', [
    'no JSON', '', '[]', '3', 'null', '"text"', '{"config": []}', '[' * 100_000,
    '{"a":' * 100_000, '9' * 10_000, '{"config": {"name": 1e999}}', '\x1b[2J'], ids=range(12))
def test_metadata_that_is_no_card_is_refused(path, card):
    assert 'describes no network' in refused(write_file(path, header_of(card)))


@pytest.mark.parametrize('field, value', [
    ('decoder_width', 10 ** 9), ('head_width', 10 ** 12), ('extra_width', 10 ** 9),
    ('extra_width', 0), ('extra_blocks', 10 ** 6), ('input_height', 10 ** 9),
    ('input_width', 16384), ('input_height', -5), ('input_height', 64.0), ('keep_aspect', 'no'),
    ('mean', [float('nan')] * 3), ('mean', []), ('std', [0, 0, 0]), ('smallest_scale', 1e999),
    ('aspect_ratios', [1.0] * 100_000), ('aspect_ratios', [0.0]), ('supervision_stride', 0),
    ('backbone', 'timm/hf-hub:someone/something'), ('backbone', '/etc/passwd'),
    ('backbone', 7), ('name', 'a\x1b[2J\nb'), ('finest_stride', True)])
def test_a_configuration_that_no_machine_can_hold_or_no_network_has_is_refused(
        path, card_data, field, value):
    card = {**card_data, 'config': {**card_data['config'], field: value}}
    if field == 'input_width':
        card['config']['input_height'] = 16384
    assert 'describes no network' in refused(write_file(path, header_of(card)))


@pytest.mark.parametrize('changes', [
    {'trained_on': 3}, {'scores': []}, {'secret': 1}, {'temperatures': 1},
    {'score_threshold': 'high'}, {'score_threshold': 2.0}])
def test_a_card_with_other_things_in_it_is_refused(path, card_data, changes):
    assert 'describes no network' in refused(
        write_file(path, header_of({**card_data, **changes})))


@pytest.mark.parametrize('names', [['a\x1b[2J'], ['car', ''], [3], 'car', ['x'] * 300])
def test_classes_that_cannot_be_shown_or_told_apart_are_refused(path, card_data, names):
    classes = {**card_data['config']['classes'], 'segmentation': names, 'objects': []}
    card = {**card_data, 'config': {**card_data['config'], 'classes': classes}}
    assert 'describes no network' in refused(write_file(path, header_of(card)))


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_weights_that_hold_nan_or_infinity_are_refused_by_name(tiny_network, path, value):
    save_weights(path, tiny_network, WeightsCard(tiny_network.config))
    metadata, tensors = metadata_of(path), load_file(path)
    name = list(tensors)[-1]
    tensors[name].reshape(-1)[0] = value
    save_file(tensors, path, metadata=metadata)
    assert f'{name} holds NaN or infinity' in refused(path)


def test_tensors_of_whole_numbers_are_not_taken_for_weights(tiny_network, path):
    save_weights(path, tiny_network, WeightsCard(tiny_network.config))
    metadata, tensors = metadata_of(path), load_file(path)
    name = next(iter(tensors))
    tensors[name] = tensors[name].to(torch.int8)
    save_file(tensors, path, metadata=metadata)
    assert f'{name} is' in refused(path) and 'torch.int8' in refused(path)


def metadata_of(path):
    """Return the text beside the tensors."""
    data = path.read_bytes()
    return json.loads(data[8:8 + int.from_bytes(data[:8], 'little')])['__metadata__']


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20)
    | st.integers(-2 ** 70, 2 ** 70) | st.sampled_from([0, 1, 2, 4, 8, 64, 4096, 16384]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner,
                                                                max_size=4), max_leaves=12)


@st.composite
def spoilt(draw, data):
    """Return data of which up to four values, at any depth, are others."""
    data = json.loads(json.dumps(data))
    for _ in range(draw(st.integers(1, 4))):
        place = data
        while True:
            keys = sorted(place) if isinstance(place, dict) else range(len(place))
            key = draw(st.sampled_from(list(keys)))
            if not (isinstance(place[key], (dict, list)) and place[key] and draw(st.booleans())):
                break
            place = place[key]
        place[key] = draw(VALUES)
        if not isinstance(data, dict):
            break
    return data


# What was found to end in a traceback, or not at all: two detection layers have no scale between
# them, and a card need not be in the order of its fields.
FOUND = [
    {'extra_blocks': 3, 'finest_stride': 8, 'detection_stride': 128},
    {'extra_blocks': 0, 'detection_stride': None, 'fusion': 'none', 'inner_connected': False},
    {'backbone': 'timm/none_such'}, {'extra_width': 1}, {'decoder_width': 1}, {'head_width': 1},
    {'classes': {'detection': [], 'segmentation': [], 'objects': [], 'palette': []}},
    # No character yet: Python's own isprintable refuses it, a terminal does nothing.
    {'classes': {'\U00014647': []}}]


@fuzz
@given(draw=st.data())
def test_whatever_a_file_says_of_itself_it_is_read_or_refused_in_one_line(
        card_data, path, draw):
    check_card(path, draw.draw(spoilt(card_data)))


@pytest.mark.parametrize('changes', FOUND)
def test_what_the_fuzzer_found_is_refused_in_one_line(card_data, path, changes):
    check_card(path, {**card_data, 'config': {**card_data['config'], **changes}})


def check_card(path, card):
    """Fail unless a file without tensors is refused, its card read or not."""
    write_file(path, header_of(card))
    try:
        assert read_card(path).config.input_height >= 1
    except InputError as error:
        assert path.name in str(error) and '\n' not in str(error)
    refused(path)


@fuzz
@given(data=st.binary(max_size=200), at=st.integers(0, 4000))
@example(data=b'\xff' * 8, at=0)
def test_bytes_changed_anywhere_in_the_header_are_one_line_or_the_same_network(
        card_data, path, data, at):
    write_file(path, header_of(card_data))
    whole = bytearray(path.read_bytes())
    whole[at:at + len(data)] = data
    path.write_bytes(whole)
    refused(path)

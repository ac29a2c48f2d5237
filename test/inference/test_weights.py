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

"""Weights files describe themselves, and foreign ones are refused in one line."""

import gc
import pickle
import sys

import pytest
from safetensors.torch import load_file, save_file
import torch

from triplenet_ros.errors import InputError
from triplenet_ros.inference import weights
from triplenet_ros.inference.weights import load_weights, read_card, save_weights, WeightsCard
from triplenet_ros.inference.weights_file import find_weights


@pytest.fixture
def saved(tiny_network, tmp_path):
    """Return a weights file of the tiny network."""
    path = tmp_path / 'tiny.safetensors'
    card = WeightsCard(tiny_network.config, 'noise', 'triplenet train noise', {'noise': 0.5})
    save_weights(path, tiny_network, card, torch.float32)
    return path


def test_a_network_comes_back_as_it_was(saved, tiny_network):
    network, card = load_weights(saved)
    images = torch.randint(0, 256, (1, 3, 64, 96))
    with torch.no_grad():
        for given, expected in zip(network(images)[:3], tiny_network(images)[:3]):
            assert torch.equal(given, expected)
    assert not network.training and card == read_card(saved)
    assert (card.trained_on, card.scores) == ('noise', {'noise': 0.5})


def test_a_network_for_another_input_size_has_the_same_weights_and_no_scores(saved):
    network, card = load_weights(saved, (128, 160))
    assert network.config == card.config == load_weights(saved)[0].config.made_for(128, 160)
    assert (card.config.input_height, card.config.input_width) == (128, 160)
    for given, expected in zip(network.parameters(), load_weights(saved)[0].parameters()):
        assert torch.equal(given, expected)
    assert card.trained_on == 'noise' and not card.scores


def test_half_precision_halves_the_file(saved, tiny_network, tmp_path):
    half = tmp_path / 'half.safetensors'
    save_weights(half, tiny_network, WeightsCard(tiny_network.config))
    assert half.stat().st_size < 0.55 * saved.stat().st_size
    assert load_weights(half)[0].mean.dtype == torch.float32


def test_loading_again_keeps_nothing(saved, tiny_network):
    def memory_blocks():
        for _ in range(4):
            load_weights(saved)
        gc.collect()
        return sys.getallocatedblocks()

    before = min(memory_blocks() for _ in range(2))
    assert memory_blocks() - before < len(tiny_network.state_dict())


def test_a_file_that_is_cut_while_it_is_read_is_refused(saved, monkeypatch):
    # Read from memory that stands for the file, it would end Python.
    monkeypatch.setattr(weights, '_check_fit', lambda path, *_: path.write_bytes(b''))
    with pytest.raises(InputError, match='no whole .safetensors file'):
        load_weights(saved)


def test_an_existing_file_is_not_overwritten(saved, tiny_network):
    before = saved.read_bytes()
    with pytest.raises(InputError, match='exists'):
        save_weights(saved, tiny_network, WeightsCard(tiny_network.config))
    assert saved.read_bytes() == before


def refused(path):
    """Return why a file is refused; it must be one line that names the file."""
    with pytest.raises(InputError) as caught:
        load_weights(path)
    assert path.name in str(caught.value) and '\n' not in str(caught.value)
    return str(caught.value)


def test_a_text_file_is_refused(tmp_path):
    path = tmp_path / 'text.safetensors'
    path.write_text('these are not weights\n' * 100)
    assert 'no whole .safetensors file' in refused(path)


def test_a_pickle_is_refused_and_not_executed(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / 'exploded'), 'w'))
    path = tmp_path / 'pickle.safetensors'
    path.write_bytes(pickle.dumps(Bomb()))
    assert 'no whole .safetensors file' in refused(path)
    assert not (tmp_path / 'exploded').exists()


@pytest.mark.parametrize('share', [0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(saved, share):
    data = saved.read_bytes()
    saved.write_bytes(data[:int(len(data) * share)])
    assert 'no whole .safetensors file' in refused(saved)


def test_weights_of_another_program_are_refused(tmp_path):
    path = tmp_path / 'foreign.safetensors'
    save_file({'weight': torch.zeros(3)}, path)
    assert 'another program' in refused(path)


def test_tensors_that_do_not_fit_the_description_are_refused(saved):
    metadata = read_metadata(saved)
    tensors = load_file(saved)
    tensors['encoder.stem.0.weight'] = torch.zeros(1, 1, 1, 1)
    save_file(tensors, saved, metadata=metadata)
    assert 'encoder.stem.0.weight is (1, 1, 1, 1), must be (64, 3, 7, 7)' in refused(saved)
    del tensors['encoder.stem.0.weight']
    save_file(tensors, saved, metadata=metadata)
    assert 'encoder.stem.0.weight is missing' in refused(saved)


def test_a_damaged_description_is_refused(saved):
    metadata = read_metadata(saved)
    tensors = load_file(saved)
    for card in ('{', '{}', metadata['card'].replace('"resnet18"', '"vgg"')):
        save_file(tensors, saved, metadata={**metadata, 'card': card})
        assert 'describes no network' in refused(saved)


def test_a_missing_file_is_refused_with_the_shipped_names():
    with pytest.raises(InputError, match="no weights 'nowhere'"):
        find_weights('nowhere')


def read_metadata(path):
    from safetensors import safe_open
    with safe_open(path, framework='pt') as file:
        return file.metadata()


@pytest.mark.parametrize('new', [True, False])
def test_checkpoint_of_pytorch_is_refused_unread_and_named_as_what_it_is(tmp_path, new):
    path = tmp_path / 'best.pth'
    torch.save({'model': torch.zeros(2)}, path, _use_new_zipfile_serialization=new)
    with pytest.raises(InputError, match='best.pth is no .* PyTorch checkpoint.*triplenet train'):
        load_weights(path)

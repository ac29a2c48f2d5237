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

"""Exported files describe themselves, and foreign or damaged ones are refused in one line."""

import shutil

import numpy as np
import pytest

from triplenet_ros import Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.inference.exported import read_exported


@pytest.fixture
def copied(exported, tmp_path):
    """Return an exported file that may be spoilt."""
    for file in exported.parent.glob('tiny.*'):
        shutil.copy(file, tmp_path)
    return tmp_path / exported.name


def refused(path):
    """Return why a file is refused; it must be one line that names the file."""
    with pytest.raises(InputError) as caught:
        Predictor.load(path)
    assert path.name in str(caught.value) and '\n' not in str(caught.value)
    return str(caught.value)


def test_the_card_comes_back_as_it_was(exported, card):
    found = read_exported(exported)
    assert found.card == card and found.config == card.config


def test_the_file_alone_predicts_as_the_network(exported, tiny_predictor, noise):
    predictor = Predictor.load(exported, precision='float32', score_threshold=0.2)
    assert predictor.backend == {'.onnx': 'onnxruntime', '.xml': 'openvino'}[exported.suffix]
    assert predictor.network == 'tiny' and predictor.classes == tiny_predictor.classes
    for given, expected in zip(predictor.batch(noise), tiny_predictor.batch(noise)):
        np.testing.assert_allclose(given.scores, expected.scores, atol=1e-4)
        assert (given.label_map == expected.label_map).mean() > 0.999


def test_a_file_can_be_moved(copied):
    Predictor.load(copied)


def test_openvino_runs_an_onnx_file_too(exported, tiny_predictor, noise):
    pytest.importorskip('openvino')
    if exported.suffix != '.onnx':
        pytest.skip('about .onnx')
    predictor = Predictor.load(exported, backend='openvino', precision='float32',
                               score_threshold=0.2)
    np.testing.assert_allclose(predictor(noise[0]).scores, tiny_predictor(noise[0]).scores,
                               atol=1e-4)


@pytest.mark.parametrize('backend', ['torch', 'onnxruntime'])
def test_a_backend_that_cannot_run_the_file_says_which_can(exported, backend):
    if (exported.suffix, backend) == ('.onnx', 'onnxruntime'):
        pytest.skip('this one can')
    with pytest.raises(InputError, match=f'{backend}.*must be auto or .*openvino'):
        Predictor.load(exported, backend=backend)


@pytest.mark.parametrize('share', [0, 0.3, 0.99])
def test_a_truncated_file_is_refused(copied, share):
    data = copied.read_bytes()
    copied.write_bytes(data[:int(len(data) * share)])
    assert 'no whole' in refused(copied) or 'another program' in refused(copied)


def test_half_a_pair_is_refused(copied):
    tensors = copied.with_suffix('.bin')
    if copied.suffix != '.xml':
        pytest.skip('about pairs')
    data = tensors.read_bytes()
    tensors.write_bytes(data[:-100])
    assert 'no whole OpenVINO file' in refused(copied)
    tensors.unlink()
    assert 'tiny.bin' in refused(copied)


def test_a_graph_of_another_program_is_refused(copied):
    copied.write_bytes(copied.read_bytes().replace(b'triplenet_ros 1', b'triplenet_ros 0'))
    assert 'another program' in refused(copied)


def test_a_damaged_card_is_refused(copied):
    copied.write_bytes(copied.read_bytes().replace(b'resnet18', b'resnet99'))
    assert 'describes no network' in refused(copied)

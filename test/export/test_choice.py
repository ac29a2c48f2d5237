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
"""What auto chooses on which machine, and what it says of it."""

from dataclasses import replace
import sys

import pytest
import torch

from triplenet_ros import clip, Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export.choice import choose
from triplenet_ros.inference.backends import (
    BACKENDS, OnnxRuntimeBackend, OpenVinoBackend, PyTorchBackend)
from triplenet_ros.inference.names import PRECISIONS

ALIKE = Agreement(images=64, boxes=100, strays=0, ap50=1.0, overlap=0.99, labels=0.99)

pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')
pytest.importorskip('openvino')


@pytest.fixture(autouse=True)
def _fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))


@pytest.fixture
def has_bfloat16(monkeypatch):
    """Make this a CPU with units for bfloat16, which it may not be."""
    monkeypatch.setattr(OpenVinoBackend, 'native', staticmethod(lambda _: ['bfloat16']))


@pytest.fixture
def judged(monkeypatch):
    """Return a table of what is found about each precision; to be filled."""
    table = {}
    monkeypatch.setattr('triplenet_ros.export.choice.find_agreement',
                        lambda network, backend, precision, device: table[precision])
    return table


@pytest.fixture
def has_none(monkeypatch):
    """Make this a CPU without."""
    monkeypatch.setattr(OpenVinoBackend, 'native', staticmethod(lambda _: []))


@pytest.mark.parametrize('missing, expected', [
    ([], 'openvino'), (['openvino'], 'onnxruntime'), (['onnxruntime'], 'openvino'),
    (['openvino', 'onnxruntime'], 'torch'), (['onnx'], 'torch')])
def test_the_fastest_that_is_installed_runs(
        tiny_network, has_none, monkeypatch, missing, expected):
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    choice = choose('auto', tiny_network, 'cpu', 'auto')
    assert (choice.backend, choice.precision) == (expected, 'float32')
    assert f'{expected} is the fastest installed for cpu' in choice.reason
    if expected != 'openvino':
        advice = f"{missing[0]} is not installed: pip install 'triplenet_ros[speed]'"
        assert advice in choice.reason
    assert 'float32, as this CPU has no units' in choice.reason


def test_what_is_asked_for_is_not_questioned(tiny_network, has_bfloat16, told):
    for name in ('torch', 'onnxruntime', 'openvino'):
        choice = choose(name, tiny_network, 'cpu', 'float32')
        assert (choice.backend, choice.precision) == (name, 'float32')
        assert choice.reason == f'{name} was asked for; float32 was asked for'
    assert told.messages == []


def test_bfloat16_is_taken_where_it_answers_alike(tiny_network, has_bfloat16, judged, told):
    judged['bfloat16'] = ALIKE
    predictor = Predictor(tiny_network, device='cpu')
    assert (predictor.backend, predictor.precision) == ('openvino', 'bfloat16')
    assert 'bfloat16 answers as float32 does (AP50 1.000, ' in predictor.choice_reason
    assert f'tiny: {predictor.choice_reason}' in told.messages


def test_bfloat16_is_not_taken_where_it_answers_otherwise(tiny_network, has_bfloat16, judged):
    judged['bfloat16'] = replace(ALIKE, ap50=0.9)
    choice = choose('auto', tiny_network, 'cpu', 'auto')
    assert choice.precision == 'float32'
    assert ('float32; bfloat16 does not answer as float32 does: AP50 of boxes is 0.900'
            in choice.reason)


def test_without_a_real_drive_to_judge_by_it_stays_with_float32(
        tiny_network, has_bfloat16, monkeypatch, tmp_path):
    monkeypatch.setattr(clip, 'CLIP', tmp_path / 'none.mp4')
    choice = choose('auto', tiny_network, 'cpu', 'auto')
    assert choice.precision == 'float32'
    assert 'bfloat16 cannot be compared with it: ' in choice.reason and 'H.264' in choice.reason


@pytest.mark.parametrize('first_answers, expected', [(True, 'float16'), (False, 'bfloat16')])
def test_the_next_type_is_tried_where_the_first_answers_otherwise(
        tiny_network, monkeypatch, judged, first_answers, expected):
    monkeypatch.setattr(PyTorchBackend, 'native', staticmethod(lambda _: ['float16', 'bfloat16']))
    judged.update(float16=ALIKE if first_answers else replace(ALIKE, labels=0.5), bfloat16=ALIKE)
    choice = choose('torch', tiny_network, 'cpu', 'auto')
    assert choice.precision == expected
    assert ('float16 does not answer as float32 does: share of equal labels is 0.5'
            in choice.reason) == (not first_answers)


def test_pytorch_on_a_cpu_stays_with_float32(tiny_network):
    choice = choose('torch', tiny_network, 'cpu', 'auto')
    assert choice.precision == 'float32' and 'this CPU has no units' in choice.reason


def test_a_gpu_has_shorter_floats(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', lambda: True)
    assert PyTorchBackend.native(torch.device('cuda')) == ['float16', 'bfloat16']
    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', lambda: False)
    assert PyTorchBackend.native(torch.device('cuda')) == ['float16']


@pytest.mark.parametrize('capabilities, native', [
    (['FP32', 'INT8'], []), (['FP32', 'FP16', 'BF16'], ['bfloat16', 'float16']),
    (['FP32', 'FP16'], ['float16'])])
def test_openvino_is_asked_what_the_cpu_has(monkeypatch, capabilities, native):
    class Core:
        def get_property(self, *name):
            assert name == ('CPU', 'OPTIMIZATION_CAPABILITIES')
            return capabilities
    monkeypatch.delenv('ONEDNN_MAX_CPU_ISA', raising=False)
    monkeypatch.setattr('triplenet_ros.inference.backends.openvino.openvino_core', Core)
    assert OpenVinoBackend.native(torch.device('cpu')) == native
    monkeypatch.setenv('ONEDNN_MAX_CPU_ISA', 'avx512_core_bf16')
    assert OpenVinoBackend.native(torch.device('cpu')) == native
    monkeypatch.setenv('ONEDNN_MAX_CPU_ISA', 'AVX2')
    assert OpenVinoBackend.native(torch.device('cpu')) == []


@pytest.mark.parametrize('backend', [PyTorchBackend, OnnxRuntimeBackend])
def test_int8_is_refused_with_who_has_it(tiny_network, backend):
    with pytest.raises(InputError, match="precision is 'int8'.*int8 is for openvino") as caught:
        choose(backend.name, tiny_network, 'cpu', 'int8')
    assert '\n' not in str(caught.value)


def test_int8_on_a_gpu_is_refused(tiny_network):
    with pytest.raises(InputError, match="device is 'cuda', must be auto or cpu .* openvino"):
        Predictor(tiny_network, device='cuda', precision='int8')


def test_precisions_are_those_of_the_backends():
    assert set(PRECISIONS) == {name for backend in BACKENDS.values()
                               for name in backend.precisions}

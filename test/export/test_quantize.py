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
"""Networks in 8 bits: nearly the same answers, built once, silent on standard output."""

from copy import deepcopy
import logging
import sys

import numpy as np
import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export import int8, write
from triplenet_ros.export import quantize as module
from triplenet_ros.export.write import export
from triplenet_ros.inference.exported import read_exported
from triplenet_ros.inference.weights import WeightsCard

ALIKE = Agreement(images=3, boxes=100, strays=0, ap50=1.0, overlap=0.99, labels=0.99)

for runtime in ('onnx', 'openvino', 'nncf'):
    pytest.importorskip(runtime)


@pytest.fixture(scope='module')
def noise():
    """Return images of two sizes."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((50, 90), (64, 96))]


@pytest.fixture(scope='module')
def int8_file(tiny_network, noise, tmp_path_factory):
    """Return the tiny network as an int8 file; not to be changed."""
    path = tmp_path_factory.mktemp('int8') / 'tiny.xml'
    export(tiny_network, WeightsCard(tiny_network.config), 'openvino', path, noise,
           calibration=iter(noise))
    return path


@pytest.fixture
def few_images(monkeypatch, tmp_path):
    """Calibrate and judge on few images, for an engine that is not there yet."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setattr(module, 'CALIBRATION_IMAGES', 2)
    monkeypatch.setattr(int8, 'JUDGED_FRAMES', 3)


def raw_outputs(predictor):
    """Return what the network gives for an image of noise."""
    images = torch.randint(0, 256, (1, 64, 96, 3), dtype=torch.uint8,
                           generator=torch.Generator().manual_seed(0))
    return predictor._backend(images, True, True)


def test_a_file_knows_that_it_is_int8(int8_file):
    assert read_exported(int8_file).precision == 'int8'
    for precision in ('auto', 'int8'):
        predictor = Predictor.load(int8_file, precision=precision)
        assert (predictor.backend, predictor.precision) == ('openvino', 'int8')
    assert 'int8 is what the file holds' in predictor.choice_reason


@pytest.mark.parametrize('precision', ['float32', 'bfloat16'])
def test_a_file_is_not_run_in_another_precision(int8_file, precision):
    with pytest.raises(InputError, match=f"'{precision}', must be auto or int8 .*tiny.xml"):
        Predictor.load(int8_file, precision=precision)


def test_answers_are_nearly_the_same(int8_file, tiny_predictor):
    exact, rough = map(raw_outputs, (tiny_predictor, Predictor.load(int8_file)))
    for name in ('class_logits', 'box_codes', 'segmentation'):
        expected = getattr(exact, name)
        error = (getattr(rough, name) - expected).abs().mean()
        # Its weights are random, and sums in 16 bits may have left their range.
        assert 0 < error < 0.5 * expected.abs().mean()


@pytest.mark.parametrize(('sums_in_16_bits', 'largest'), [(False, 127), (True, 64)])
def test_weights_leave_room_for_sums_in_16_bits(tiny_network, noise, tmp_path, monkeypatch,
                                                sums_in_16_bits, largest):
    monkeypatch.setattr(module, 'sums_in_16_bits', lambda: sums_in_16_bits)
    path = tmp_path / 'tiny.xml'
    export(tiny_network, WeightsCard(tiny_network.config), 'openvino', path, noise,
           calibration=iter(noise))
    whole = [np.abs(operation.data.astype(int)).max()
             for operation in Predictor.load(path)._backend._model.get_ordered_ops()
             if operation.get_type_name() == 'Constant' and operation.data.dtype == np.int8]
    assert len(whole) > 5 and max(whole) in (largest, largest + 1)


def test_all_but_the_last_before_boxes_are_in_8_bits(int8_file):
    weights = {operation.get_friendly_name(): operation.input_value(1).get_node()
               for operation in Predictor.load(int8_file)._backend._model.get_ordered_ops()
               if operation.get_type_name() == 'Convolution'}
    # Whole numbers are brought to scale first.
    floats = {name for name, node in weights.items() if node.get_type_name() != 'Multiply'}
    assert floats == {name for name in weights if 'class_conv' in name or 'box_conv' in name}
    assert 0 < len(floats) < len(weights) / 2


def test_far_answers_are_a_warning_and_the_file_is_there(
        tiny_network, noise, tmp_path, monkeypatch, told):
    other = deepcopy(tiny_network)
    with torch.no_grad():
        other.fused.logits.bias[3] += 10
    right = write.to_onnx
    monkeypatch.setattr(write, 'to_onnx', lambda network: right(other))
    monkeypatch.setattr(write, 'quantize', lambda model, config, images: model)
    found = export(tiny_network, WeightsCard(tiny_network.config), 'openvino',
                   tmp_path / 'x.xml', noise, calibration=noise)
    assert found.agreement.labels < 0.98 and (tmp_path / 'x.xml').exists()
    assert told.records[-1].levelno == logging.WARNING
    assert 'x.xml does not answer as PyTorch does: ' in told.messages[-1]


def test_weights_become_int8_when_asked_and_the_next_time_they_are_there(
        tiny_network, few_images, monkeypatch, told, capfd):
    monkeypatch.setattr(int8, 'compare_results', lambda *_: ALIKE)
    first = Predictor(tiny_network, device='cpu', precision='int8')
    assert (first.backend, first.precision) == ('openvino', 'int8')
    warnings = [record.message for record in told.records if record.levelname == 'WARNING']
    assert len(warnings) == 1 and 'about a minute' in warnings[0]
    assert capfd.readouterr().out == ''
    told.clear()
    monkeypatch.setattr(module, 'import_runtime', None)
    again = Predictor(tiny_network, device='cpu', backend='openvino', precision='int8')
    assert torch.equal(raw_outputs(first).segmentation, raw_outputs(again).segmentation)
    assert told.records == []


def test_an_int8_engine_is_judged_when_it_is_built_and_a_bad_one_told_each_time(
        tiny_network, few_images, monkeypatch, told):
    network = deepcopy(tiny_network)
    with torch.no_grad():  # the steps of 8 bits are wider than what tells labels apart
        network.fused.logits.weight[0] *= 1000
    for _ in range(2):
        told.clear()
        int8.int8_network(network)
        assert [record.message for record in told.records if record.levelname == 'WARNING'][-1] \
            .startswith('tiny in int8 does not answer as float32 does: ')
        monkeypatch.setattr(int8, 'compare_results', None)


def test_calibration_scenes_are_not_those_that_files_are_compared_on():
    from triplenet_ros.scenes import Scenes
    first = next(module.calibration_scenes())
    assert all((first != Scenes(count=1, seed=seed)[0].image).any() for seed in (0, 2))


def test_without_nncf_it_says_how_to_get_it(tiny_network, monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setitem(sys.modules, 'nncf', None)
    with pytest.raises(InputError, match=r"nncf is not installed: pip install 'triplenet_ros\["):
        Predictor(tiny_network, device='cpu', precision='int8')

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

from dataclasses import replace
import shutil

import numpy as np
import pytest

from triplenet_ros import Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.export.description import describe
from triplenet_ros.inference.exported import read_exported, SECTION
from triplenet_ros.inference.graph import to_onnx
from triplenet_ros.inference.runtimes import import_runtime, openvino_core
from triplenet_ros.network.joint import JointNetwork


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


def test_another_input_size_is_refused_by_the_file_it_is_not_that_of(exported):
    with pytest.raises(InputError, match=f"'128x192', must be auto for .*{exported.name}"):
        Predictor.load(exported, input_size='128x192')


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


def other_graph(path, card, height, classes):
    """Write the graph of another network under a card, as a file of either format."""
    onnx = pytest.importorskip('onnx')
    config = card.config.evolve(
        input_height=height, classes=replace(card.config.classes, detection=classes))
    model = to_onnx(JointNetwork(config).eval())
    if path.suffix == '.onnx':
        onnx.helper.set_model_props(model, describe(card))
        onnx.save(model, str(path))
    else:
        graph = openvino_core().read_model(model.SerializeToString())
        for key, value in describe(card).items():
            graph.set_rt_info(value, [SECTION, key])
        import_runtime('openvino').save_model(graph, str(path))


@pytest.mark.parametrize('height, classes, cause', [
    (32, ('car', 'pedestrian', 'bicyclist'), 'images is (32, 96, 3), must be (64, 96, 3)'),
    (64, ('car',), 'class_logits is'),
    (64, ('car', 'pedestrian', 'bicyclist'), None)])
def test_the_graph_of_another_network_under_our_description_is_refused(
        copied, card, height, classes, cause):
    other_graph(copied, card, height, classes)
    if cause is None:
        read_exported(copied)
    else:
        reason = refused(copied)
        assert 'does not fit the network tiny' in reason and cause in reason


def test_an_onnx_file_that_points_at_other_files_is_refused(copied):
    onnx = pytest.importorskip('onnx')
    if copied.suffix != '.onnx':
        pytest.skip('about .onnx')
    model = onnx.load(str(copied))
    tensor = model.graph.initializer[0]
    tensor.ClearField('raw_data')
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key='location', value='/etc/passwd')
    copied.write_bytes(model.SerializeToString())
    assert 'keeps tensors in other files' in refused(copied)


def test_an_onnx_graph_that_no_runtime_has_is_refused_in_one_line(copied):
    onnx = pytest.importorskip('onnx')
    if copied.suffix != '.onnx':
        pytest.skip('about .onnx')
    model = onnx.load(str(copied))
    model.graph.node[0].op_type = 'Secret'
    copied.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match='tiny.onnx cannot be run by ONNX Runtime') as caught:
        Predictor.load(copied)(np.zeros((64, 96, 3), np.uint8))
    assert '\n' not in str(caught.value)


def test_files_overwritten_or_deleted_while_they_are_used_change_nothing(copied, noise):
    predictor = Predictor.load(copied, precision='float32', score_threshold=0.2)
    before = predictor(noise[0])
    for file in copied.parent.glob('tiny.*'):
        size = file.stat().st_size
        with file.open('r+b') as stream:  # as cp does it: in place
            stream.write(bytes(size))
            stream.truncate(size // 2)
    assert_same(predictor(noise[0]), before)
    for file in copied.parent.glob('tiny.*'):
        file.unlink()
    assert_same(predictor(noise[0]), before)


def assert_same(given, expected):
    """Compare two predictions, number by number."""
    np.testing.assert_array_equal(given.scores, expected.scores)
    np.testing.assert_array_equal(given.boxes, expected.boxes)
    np.testing.assert_array_equal(given.label_map, expected.label_map)

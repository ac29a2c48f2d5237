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
"""Networks of others run at our input size, by the engines that run ours."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from triplenet_ros.benchmark import ultralytics_rivals
from triplenet_ros.benchmark.graph_rivals import make_graph_run, read_graph
from triplenet_ros.benchmark.measure import STAGES
from triplenet_ros.benchmark.networks import RandomNetwork
from triplenet_ros.benchmark.plan import Plan
from triplenet_ros.cli.main import main
from triplenet_ros.errors import InputError
from triplenet_ros.inference.backends import OpenVinoBackend
from triplenet_ros.network.registry import NETWORKS

for runtime in ('onnx', 'onnxruntime', 'openvino'):
    pytest.importorskip(runtime)

SIZE = (24, 40)


class Halved(nn.Module):
    """Half of every pixel."""

    def forward(self, pixels):
        return pixels * 0.5


@pytest.fixture
def graph(tmp_path):
    """Return an ONNX file that any program may have written, for batches of any size."""
    path = tmp_path / 'halved.onnx'
    torch.onnx.export(Halved(), (torch.zeros(1, 3, *SIZE),), str(path), input_names=['x'],
                      output_names=['y'], dynamic_axes={'x': {0: 'N'}, 'y': {0: 'N'}},
                      dynamo=False)
    return path


@pytest.mark.parametrize('backend', ['openvino', 'onnxruntime'])
@pytest.mark.parametrize('count', [1, 2])
def test_a_graph_is_given_pixels_of_0_to_1(graph, backend, count):
    image = np.arange(24 * 40 * 3, dtype=np.uint32).astype(np.uint8).reshape(24, 40, 3)
    answers = []
    run = make_graph_run(read_graph(graph, SIZE), SIZE, backend, 'float32', answers.append)
    stages = run([image] * count)
    assert set(stages) == set(STAGES) and min(stages.values()) >= 0
    assert answers[0].shape == (count, 3, 24, 40)
    np.testing.assert_allclose(answers[0][-1], image.transpose(2, 0, 1) / 510, atol=1e-3)


def test_a_graph_of_another_input_size_is_no_rival(graph):
    with pytest.raises(InputError, match=r'halved.onnx takes \[\[0, 3, 24, 40\]\], must take one '
                                         r'float32 \(N, 3, 384, 640\)'):
        read_graph(graph, (384, 640))


def test_a_file_that_is_no_graph_is_one_line(tmp_path):
    (tmp_path / 'x.onnx').write_bytes(b'\x00\x01nothing of the kind')
    with pytest.raises(InputError, match='x.onnx is no whole .onnx file') as caught:
        read_graph(tmp_path / 'x.onnx', SIZE)
    assert '\n' not in str(caught.value)


def test_graphs_run_by_what_is_asked_for_ours_and_in_the_numbers_the_cpu_has(monkeypatch):
    monkeypatch.setattr(OpenVinoBackend, 'native', staticmethod(lambda _: ['bfloat16']))
    plan = Plan([RandomNetwork(NETWORKS['triplenet-drive'])],
                ('eager', 'torch', 'onnxruntime', 'openvino', 'auto'),
                ('auto', 'float32', 'int8'), image_size=None, rivals=['ultralytics', 'x.onnx'])
    engines = [each for each in plan.engines() if each.network != 'triplenet-drive']
    fast = [('onnxruntime', 'float32'), ('openvino', 'bfloat16'), ('openvino', 'float32')]
    assert [(each.network, each.asked) for each in engines] == [
        *((name, way) for name in ultralytics_rivals.YOLOS
          for way in [('eager', 'float32'), *fast]), *(('x', way) for way in fast)]
    boxes = len(NETWORKS['triplenet-drive'].given_classes.detection)
    assert {each.classes for each in engines} == {(boxes, 0), (0, 0)}
    assert all(each.image_size == each.input_size == (384, 640) for each in engines)


def test_a_graph_has_its_row(graph, capsys, tmp_path):
    assert main(['bench', '--network', 'ablation-b', '--input-size', '24x40', '--backend', 'torch',
                 'onnxruntime', '--precision', 'float32', '--runs', '1', '--against',
                 str(graph)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if 'halved' in line]
    assert len(lines) == 1 and 'onnxruntime' in lines[0]


@pytest.mark.parametrize('rival, message', [
    ('ultralytics', 'not installed: pip install ultralytics'), ('no.onnx', 'no file no.onnx')])
def test_what_is_not_there_is_one_line(monkeypatch, capsys, rival, message):
    monkeypatch.setitem(sys.modules, 'ultralytics', None)
    monkeypatch.setattr(ultralytics_rivals, 'find_spec', lambda name: None)
    assert main(['bench', '--network', 'ablation-b', '--against', rival]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count('\n') == 1


@pytest.mark.own_process  # it changes how Pillow opens files
@pytest.mark.parametrize('backend', ['eager', 'onnxruntime', 'openvino'])
def test_a_detector_of_ultralytics_gives_boxes(backend, monkeypatch):
    nms = pytest.importorskip('ultralytics.utils.nms')
    selected, real = [], nms.non_max_suppression
    monkeypatch.setattr(nms, 'non_max_suppression', lambda output, *thresholds, **most: (
        selected.append((*thresholds, most)) or real(output, *thresholds, **most)))
    run = ultralytics_rivals.make_yolo_run('yolo11n', 7, (32, 64), backend, 'float32', 0.43)
    stages = run([np.zeros((32, 64, 3), np.uint8)] * 2)
    assert selected == [(0.43, 0.45, {'max_det': 200})]
    assert set(stages) == set(STAGES) and min(stages.values()) > 0
    with pytest.raises(InputError, match='multiples of 32, not 33x64'):
        ultralytics_rivals.make_yolo_run('yolo11n', 7, (33, 64), backend, 'float32')

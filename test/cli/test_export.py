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

"""``triplenet export``: what it writes, prints and refuses."""

import json

import cv2
import numpy as np
import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.cli import export
from triplenet_ros.cli.main import main
from triplenet_ros.export.write import SUFFIXES
from triplenet_ros.inference.weights import save_weights, WeightsCard

pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')


@pytest.fixture(scope='module')
def weights(tmp_path_factory, tiny_network):
    """Return a weights file of the tiny network."""
    path = tmp_path_factory.mktemp('weights') / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config), torch.float32)
    return path


@pytest.fixture(autouse=True)
def _few_frames(monkeypatch):
    monkeypatch.setattr('triplenet_ros.export.comparison.JUDGED_FRAMES', 4)


def refused(capsys, *arguments):
    """Return why the command refuses its arguments, in one line."""
    assert main(['export', *map(str, arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == '' and captured.err.startswith('error: ')
    assert captured.err.count('\n') == 1
    return captured.err


def test_the_file_is_written_and_the_differences_told(weights, tmp_path, capsys):
    out = tmp_path / 'tiny.onnx'
    out.write_text('old')
    assert main(['export', '--weights', str(weights), '--format', 'onnx', str(out),
                 '--overwrite', '--json', '-']) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert figures['file'] == str(out) and figures['bytes'] == out.stat().st_size
    assert figures['images'] == 4 and figures['labels'] > 0.999 and figures['ap50'] > 0.98
    largest = figures['largest_difference']
    assert set(largest) == {'class_logits', 'box_codes', 'segmentation'}
    assert 0 < largest['segmentation'] < 1e-3 * figures['largest_value']['segmentation']
    assert 'tiny.onnx' in captured.err and 'segmentation' in captured.err
    assert 'on 4 images (of a real drive)' in captured.err and '% are the same' in captured.err
    assert Predictor.load(out)(np.zeros((30, 40, 3), np.uint8)).label_map.shape == (30, 40)


def test_the_file_has_the_input_size_that_was_asked_for(weights, tmp_path, capsys):
    out = tmp_path / 'large.onnx'
    assert main(['export', '--weights', str(weights), '--format', 'onnx', str(out),
                 '--input-size', '128x192']) == 0
    assert 'images (N, 128, 192, 3) uint8 RGB' in capsys.readouterr().out
    predictor = Predictor.load(out)
    assert (predictor.config.input_height, predictor.config.input_width) == (128, 192)
    assert "input_size is '100x100'" in refused(
        capsys, tmp_path / 'b.onnx', '--format', 'onnx', '--input-size', '100x100')


def test_given_images_are_what_is_compared(weights, tmp_path, monkeypatch):
    for index in range(30):
        cv2.imwrite(str(tmp_path / f'{index}.png'), np.full((20, 30, 3), index, np.uint8))
    count, *images = export._choose_images(tmp_path)
    compared, others = ([image[0, 0, 0] for image in some] for some in images)
    assert compared == [0, 7, 15, 22] and count == 4
    assert others == [index for index in range(30) if index not in compared]
    count, *images = export._choose_images(tmp_path / '5.png')
    assert [[image[0, 0, 0] for image in some] for some in images] == [[5], [5]] and count == 1


def test_int8_is_calibrated_on_many_images_spread_evenly(monkeypatch, tmp_path):
    monkeypatch.undo()  # the true number of frames
    monkeypatch.setattr(export, '_count_images', lambda path: 1000)
    monkeypatch.setattr(export, '_read', lambda path, wanted: iter(wanted))
    count, *images = export._choose_images(tmp_path)
    compared, others = map(list, images)
    assert len(compared) == count == 64 and len(others) == 128 and not set(compared) & set(others)
    assert others[0] < 10 and others[-1] > 980 and max(np.diff(others)) <= 10


def test_an_int8_file_is_written(weights, tmp_path, monkeypatch, capsys):
    pytest.importorskip('nncf')
    monkeypatch.setattr('triplenet_ros.export.quantize.CALIBRATION_IMAGES', 2)
    out = tmp_path / 'tiny.xml'
    assert main(['export', '--weights', str(weights), '--format', 'openvino', '--precision',
                 'int8', str(out), '--json', '-']) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert figures['precision'] == 'int8' and figures['images'] == 4
    assert 'calibrating, which takes about a minute' in captured.err
    assert 'tiny in int8' in captured.err and 'nncf' not in captured.err.lower()
    assert Predictor.load(out).precision == 'int8'


def test_int8_is_for_openvino(weights, tmp_path, capsys):
    assert "'int8', which is for --format openvino" in refused(
        capsys, '--weights', weights, '--format', 'onnx', '--precision', 'int8',
        tmp_path / 'x.onnx')


def test_formats_are_those_that_can_be_written():
    assert set(export.FORMATS) == set(SUFFIXES)


def test_an_unknown_format_is_refused(tmp_path, capsys):
    assert "'tensorrt'" in refused(capsys, '--format', 'tensorrt', tmp_path / 'x.onnx')


def test_another_ending_than_the_formats_is_refused(tmp_path, capsys):
    assert 'must end in .xml' in refused(capsys, '--format', 'openvino', tmp_path / 'x.onnx')


def test_an_existing_file_is_refused(weights, tmp_path, capsys):
    out = tmp_path / 'x.onnx'
    out.write_text('old')
    assert '--overwrite' in refused(capsys, '--weights', weights, '--format', 'onnx', out)
    assert out.read_text() == 'old'


def test_a_folder_that_cannot_be_made_is_refused(tmp_path, capsys):
    (tmp_path / 'file').write_text('in the way')
    assert 'cannot write into the folder' in refused(
        capsys, '--format', 'onnx', tmp_path / 'file' / 'x.onnx')


@pytest.mark.parametrize('weights', ['nowhere', 'missing.safetensors'])
def test_missing_weights_are_refused(weights, tmp_path, capsys):
    assert weights in refused(capsys, '--weights', weights, '--format', 'onnx',
                              tmp_path / 'x.onnx')
    assert list(tmp_path.iterdir()) == []


def test_missing_images_are_refused(weights, tmp_path, capsys):
    assert 'no.png' in refused(capsys, '--weights', weights, '--format', 'onnx', '--images',
                               tmp_path / 'no.png', tmp_path / 'x.onnx')
    assert list(tmp_path.iterdir()) == []

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

"""``triplenet bench``: its rows, its refusals, and what is left after Ctrl-C."""

import json
import signal
from unittest.mock import patch

import pytest
import torch

from triplenet_ros.benchmark import rivals
from triplenet_ros.benchmark.measure import Subject
from triplenet_ros.benchmark.networks import TrainedNetwork
from triplenet_ros.cli import bench
from triplenet_ros.cli.main import main
from triplenet_ros.inference.weights import save_weights, WeightsCard

SMALL = ('--image-size', '32x48', '--runs', '2')


@pytest.fixture(scope='module')
def weights(tmp_path_factory, tiny_network):
    """Return a weights file of the tiny network."""
    path = tmp_path_factory.mktemp('weights') / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config), torch.float32)
    return str(path)


def figures(capsys, *arguments, code=0):
    """Run the command and return its figures and its text."""
    assert main(['bench', *arguments, '--json', '-']) == code
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


def refused(capsys, *arguments):
    """Return why the command refuses its arguments, in one line."""
    assert main(['bench', *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == '' and captured.err.startswith('error: ')
    assert captured.err.count('\n') == 1
    return captured.err


def test_rows_are_what_was_asked_for(weights, capsys):
    told, text = figures(capsys, '--weights', weights, '--backend', 'eager', 'torch',
                         '--batch', '1', '2', *SMALL)
    assert [(row['network'], row['backend'], row['precision'], row['device'], row['batch'])
            for row in told['rows']] == [
        ('tiny', 'eager', 'float32', 'cpu', 1), ('tiny', 'torch', 'float32', 'cpu', 1),
        ('tiny', 'eager', 'float32', 'cpu', 2), ('tiny', 'torch', 'float32', 'cpu', 2)]
    for row in told['rows']:
        assert set(row['stage']) == {'preprocess', 'forward', 'postprocess', 'total'}
        assert row['fps'] == pytest.approx(1e3 * row['batch'] / row['stage']['total'])
        assert row['runs'] == 2 and row['weights'] == weights and row['image_size'] == [32, 48]
    assert told['pairs'] == [] and told['machine']['threads'] == torch.get_num_threads()
    assert told['machine']['cpu'] in text
    assert told['score_threshold'] == 0.3
    assert 'scenes of 32x48; boxes from a score of 0.30 on' in text
    assert f'torch {torch.__version__.split("+")[0]}' in text


def test_networks_take_any_input_size(capsys):
    told, _ = figures(capsys, '--network', 'triplenet-drive', '--input-size', '64x96', '32x32',
                      '--backend', 'torch', *SMALL)
    assert [(row['network'], row['input_size']) for row in told['rows']] == [
        ('triplenet-drive', [64, 96]), ('triplenet-drive', [32, 32])]


def test_weights_take_any_input_size_of_whole_cells(weights, capsys):
    told, _ = figures(capsys, '--weights', weights, '--input-size', '64x96', '128x192',
                      '--backend', 'eager', 'torch', *SMALL)
    assert [(row['backend'], row['input_size']) for row in told['rows']] == [
        ('eager', [64, 96]), ('torch', [64, 96]), ('eager', [128, 192]), ('torch', [128, 192])]


@pytest.mark.parametrize('backend', ['eager', 'torch'])
def test_weights_run_at_the_input_size_that_their_row_has(weights, backend):
    network = TrainedNetwork(weights, '128x192')
    predictor = network.predictor(backend, 'cpu', 'float32')
    assert predictor.config == network.config
    assert (network.config.input_height, network.config.input_width) == (128, 192)


def test_what_a_backend_cannot_do_is_skipped_with_the_reason(weights, capsys):
    told, text = figures(capsys, '--weights', weights, '--backend', 'torch', '--precision',
                         'int8', 'float32', *SMALL)
    assert [row['precision'] for row in told['rows']] == ['float32']
    [line] = [line for line in text.splitlines() if line.startswith('skipped')]
    assert line.startswith(
        f"skipped tiny ({weights}) 64x96, torch, int8: precision is 'int8'")


def test_nothing_left_is_an_error(weights, capsys):
    assert main(['bench', '--weights', weights, '--backend', 'torch', '--precision', 'int8',
                 *SMALL]) == 2
    error = capsys.readouterr().err
    assert error.startswith('error: nothing that was asked for can run: precision is')


@pytest.mark.parametrize('arguments, message', [
    (['--network', 'triplenet3000'], "no network is named 'triplenet3000'"),
    (['--weights', 'nowhere'], "no weights 'nowhere'"),
    (['--backend', 'abacus'], "'abacus'"), (['--precision', 'float8'], "'float8'"),
    (['--device', 'abacus'], "'abacus'"), (['--batch', '0'], "'0' must be a whole number from 1"),
    (['--runs', 'many'], "'many' must be a whole number"),
    (['--network', 'ssd300-r50', '--input-size', '300'], "'300' must be HxW"),
    (['--image-size', '8x8'], "'8x8' must be HxW"),
    (['--weights', 'drive', '--input-size', '100x100'], "input_size is '100x100'"),
    (['--against', 'detectron'], "'detectron'"),
    (['--against', 'torchvision', '--image-size', '64x64'], '--image-size'),
    (['--plot', 'chart.pdf'], 'must end in .png')])
def test_wrong_words_are_refused_before_anything_is_built(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(bench, '_prepared', lambda *_: pytest.fail('something was built'))
    assert message in refused(capsys, *arguments)


def test_outputs_are_looked_at_before_anything_is_built(tmp_path, monkeypatch, capsys):
    pytest.importorskip('matplotlib')
    monkeypatch.setattr(bench, '_prepared', lambda *_: pytest.fail('something was built'))
    (tmp_path / 'file.png').write_text('mine')
    assert '--overwrite' in refused(capsys, '--plot', str(tmp_path / 'file.png'))
    assert 'cannot write' in refused(capsys, '--json', str(tmp_path / 'file.png' / 'x.json'))
    assert (tmp_path / 'file.png').read_text() == 'mine'


def test_backends_and_precisions_are_those_that_there_are():
    from triplenet_ros.inference.backends import BACKENDS
    assert set(bench._BACKENDS) == {'auto', 'eager', *BACKENDS}
    assert set(bench._PRECISIONS) == {'auto'}.union(*(
        backend.precisions for backend in BACKENDS.values()))


def test_the_picture_is_drawn(weights, tmp_path, capsys):
    pytest.importorskip('matplotlib')
    target = tmp_path / 'chart.png'
    target.write_text('old')
    assert main(['bench', '--weights', weights, '--plot', str(target), '--overwrite',
                 *SMALL]) == 0
    assert target.read_bytes()[:8] == b'\x89PNG\r\n\x1a\n'


@pytest.fixture
def few_rivals():
    """Leave one detector and one segmenter of torchvision; after it all are there in order."""
    boxes, labels = 'retinanet_resnet50_fpn', 'lraspp_mobilenet_v3_large'
    with patch.dict(rivals.BOXES, {boxes: rivals.BOXES[boxes]}, clear=True), \
            patch.dict(rivals.LABELS, {labels: rivals.LABELS[labels]}, clear=True):
        yield


def test_torchvision_stands_beside_ours(weights, few_rivals, capsys):
    told, text = figures(capsys, '--weights', weights, '--backend', 'torch', '--against',
                         'torchvision', '--runs', '1')
    assert [row['network'] for row in told['rows']] == [
        'tiny', 'retinanet_resnet50_fpn', 'lraspp_mobilenet_v3_large']
    ours, boxes, labels = (row['stage']['total'] for row in told['rows'])
    [pair] = told['pairs']
    assert pair['ratios'] == {'0': pytest.approx((boxes + labels) / ours)}
    assert all(row['image_size'] == [64, 96] for row in told['rows'])
    assert 'nobody resizes' in text and 'sum of the two medians' in text


def interrupted_after(calls, monkeypatch):
    """Press Ctrl-C during a call of a subject."""
    count, real = [], Subject.call

    def call(subject, number):
        count.append(1)
        if len(count) == calls:
            signal.raise_signal(signal.SIGINT)
        return real(subject, number)

    monkeypatch.setattr(Subject, 'call', call)


# Each subject is warmed up by 3 calls, and the first call of its turn is not timed.
def test_ctrl_c_keeps_the_rows_measured_so_far(weights, monkeypatch, capsys):
    interrupted_after(2 * 3 + 2, monkeypatch)
    told, text = figures(capsys, '--weights', weights, '--backend', 'eager', 'torch',
                         '--image-size', '32x48', '--runs', '30', code=130)
    assert [(row['backend'], row['runs']) for row in told['rows']] == [('eager', 1)]
    assert 'eager' in text and 'torch  float32' not in text


def test_ctrl_c_before_any_figure_leaves_old_files_alone(weights, tmp_path, monkeypatch, capsys):
    target = tmp_path / 'figures.json'
    target.write_text('old')
    interrupted_after(2 * 3 + 1, monkeypatch)
    assert main(['bench', '--weights', weights, '--json', str(target), *SMALL]) == 130
    assert target.read_text() == 'old'

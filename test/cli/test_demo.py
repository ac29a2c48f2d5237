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

"""The demo leaves everything it promises."""

import json

import cv2
import pytest

from triplenet_ros.bag.source import open_source
from triplenet_ros.cli.main import main
from triplenet_ros.inference.weights import save_weights, WeightsCard
from triplenet_ros.outputs import MARK


@pytest.fixture(scope='module')
def weights(tiny_network, tmp_path_factory):
    """Return a weights file of the tiny network."""
    path = tmp_path_factory.mktemp('weights') / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config))
    return path


@pytest.fixture(scope='module')
def folder(weights, tmp_path_factory):
    """Return the folder of a demo on a generated drive of three frames."""
    path = tmp_path_factory.mktemp('demo') / 'demo'
    assert main(['demo', '--weights', str(weights), '--device', 'cpu', '--generated',
                 '--frames', '3', '--out', str(path)]) == 0
    return path


def test_bag_video_contact_sheet_and_report_are_there(folder):
    assert {path.name for path in folder.iterdir()} == {
        'drive.mcap', 'results.mcap', 'overlay.mp4', 'contact_sheet.png', 'report.json',
        'report.md', MARK}
    video = cv2.VideoCapture(str(folder / 'overlay.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 3
    assert cv2.imread(str(folder / 'contact_sheet.png')).shape[1] > 1000


def test_the_report_says_what_was_done_and_how_well(folder):
    figures = json.loads((folder / 'report.json').read_text())
    assert (figures['frames'], figures['processed'], figures['dropped']) == (3, 3, 0)
    assert figures['metrics']['images'] == 3
    assert 0 <= figures['metrics']['segmentation']['mIoU'] <= 1
    assert 'tiny' in (folder / 'report.md').read_text()


def test_every_frame_of_the_drive_is_in_the_results(folder):
    with open_source(folder / 'results.mcap') as source:
        times = [message.time_ns for message in source.messages()
                 if message.channel.topic == '/perception_node/detections']
    with open_source(folder / 'drive.mcap') as source:
        assert times == [message.time_ns for message in source.messages()]


def test_a_second_demo_needs_overwrite(folder, weights, capsys):
    arguments = ['demo', '--weights', str(weights), '--device', 'cpu', '--generated',
                 '--frames', '1', '--out', str(folder)]
    before = (folder / 'report.json').read_bytes()
    assert main(arguments) == 2
    assert '--overwrite' in capsys.readouterr().err
    assert (folder / 'report.json').read_bytes() == before


def test_a_recording_can_be_given_instead(folder, weights, tmp_path):
    out = tmp_path / 'again'
    assert main(['demo', str(folder / 'drive.mcap'), '--weights', str(weights), '--device', 'cpu',
                 '--out', str(out)]) == 0
    figures = json.loads((out / 'report.json').read_text())
    assert figures['frames'] == 3 and figures['metrics'] == {}
    assert not (out / 'drive.mcap').exists()


def test_without_a_recording_the_real_drive_of_the_package_is_replayed(weights, tmp_path):
    out = tmp_path / 'demo'
    assert main(['demo', '--weights', str(weights), '--device', 'cpu', '--out', str(out)]) == 0
    figures = json.loads((out / 'report.json').read_text())
    assert (figures['frames'], figures['processed'], figures['metrics']) == (221, 221, {})
    assert 'highway drive' in (out / 'report.md').read_text()


def test_a_recording_and_a_generated_drive_are_one_too_many(folder, tmp_path, capsys):
    assert main(['demo', str(folder / 'drive.mcap'), '--generated', '--out',
                 str(tmp_path / 'demo')]) == 2
    assert 'one of them can be replayed' in capsys.readouterr().err


@pytest.mark.parametrize('option', ['--frames', '--seed'])
def test_the_length_and_seed_of_no_generated_drive_are_refused(option, tmp_path, capsys):
    assert main(['demo', option, '0', '--out', str(tmp_path / 'demo')]) == 2
    assert 'give --generated too' in capsys.readouterr().err
    assert not (tmp_path / 'demo').exists()


def test_bad_weights_leave_no_folder(tmp_path, capsys):
    assert main(['demo', '--weights', 'nowhere', '--out', str(tmp_path / 'demo')]) == 2
    assert "no weights 'nowhere'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

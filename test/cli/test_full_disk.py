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

"""A full disk, or an output folder that vanishes: one line, exit 2, nothing half-written."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch

from triplenet_ros.cli import predict, replay
from triplenet_ros.cli.figures import write_figures
from triplenet_ros.cli.main import main
from triplenet_ros.drawing.video import video_file
from triplenet_ros.inference.weights import save_weights, WeightsCard
from triplenet_ros.outputs import NotWritten


@pytest.fixture
def place(tmp_path, monkeypatch, tiny_predictor, tiny_network):
    """Work beside four noisy images and a video of them, with a tiny network."""
    monkeypatch.chdir(tmp_path)
    Path('pics').mkdir()
    writer = cv2.VideoWriter('in.mp4', cv2.VideoWriter_fourcc(*'mp4v'), 10, (160, 96))
    for index in range(4):
        noise = np.random.default_rng(index).integers(0, 256, (96, 160, 3), dtype=np.uint8)
        cv2.imwrite(f'pics/{index}.png', noise)
        writer.write(noise)
    writer.release()
    save_weights(Path('tiny.safetensors'), tiny_network, WeightsCard(tiny_network.config))
    for command in (predict, replay):
        monkeypatch.setattr(command, 'load_predictor', lambda args, **_: tiny_predictor)
    return tmp_path


def names():
    """Return all files there are, hidden ones too."""
    return sorted(str(path) for path in Path('.').rglob('*'))


@pytest.mark.parametrize('line, room', [
    ('record in.mp4 o.mcap', 5_000), ('record in.mp4 o', 5_000), ('predict pics --out o', 5_000),
    ('replay in.mp4 --out o.mcap', 5_000),
    ('replay in.mp4 --out kept.mcap --contact-sheet o.png --no-overlay', 200_000),
    ('export o.onnx --format onnx --weights tiny.safetensors', 5_000),
    ('export o.xml --format openvino --weights tiny.safetensors', 5_000)])
def test_one_line_and_nothing_half_written(little_room, place, capfd, line, room):
    for name in ('onnx', 'onnxruntime', 'openvino') if 'export' in line else ():
        pytest.importorskip(name)
    before = names()
    with little_room(room):
        assert main(line.split()) == 2
    captured = capfd.readouterr()
    errors = [one for one in captured.err.splitlines() if one.startswith('error: ')]
    assert len(errors) == 1 and 'Traceback' not in captured.err
    assert errors[0].startswith('error: o') and 'cannot be written' in errors[0]
    assert [name for name in names() if name != 'kept.mcap'] == before
    assert Path('kept.mcap').exists() == ('kept' in line)


def test_figures_that_cannot_be_written_are_told(little_room, place):
    with little_room(1_000), pytest.raises(NotWritten, match='o.json cannot be written'):
        write_figures(list(range(1_000)), 'o.json')
    assert 'o.json' not in names()


def test_a_video_cut_by_a_full_disk_is_told(little_room, place):
    with little_room(3_000), pytest.raises(NotWritten, match='o.mp4 .* 0 of 9 pictures arrived'):
        with video_file(Path('o.mp4'), 10) as video:
            for index in range(9):
                video.add(np.random.default_rng(index).integers(0, 256, (96, 160, 3), np.uint8))
    assert 'o.mp4' not in names()


PROGRAM = """
from pathlib import Path
import resource

import numpy as np
from triplenet_ros.drawing.video import video_file
from triplenet_ros.outputs import NotWritten

resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))
noise = np.random.default_rng(0).integers(0, 256, (96, 160, 3), np.uint8)
try:
    with video_file(Path('o.mp4'), 10) as video:
        for _ in range(9):
            video.add(noise)
except NotWritten:
    print('told')
"""


def test_opencv_and_ffmpeg_have_no_word_in_it(tmp_path):
    # In a process of its own: what FFmpeg may say is settled when it is used for the first time.
    done = subprocess.run([sys.executable, '-c', PROGRAM], capture_output=True, cwd=tmp_path,
                          env={**os.environ, 'PYTHONPATH': str(Path(__file__).parents[2])})
    assert (done.stdout, done.stderr) == (b'told\n', b'')


def test_a_training_that_cannot_write_its_checkpoint_keeps_the_one_before(
        little_room, place, capfd):
    pytest.importorskip('lightning')
    from triplenet_ros.training.checkpoints import WholeCheckpoints
    checkpoints = WholeCheckpoints()
    checkpoints.save_checkpoint({'step': 1}, 'run/last.ckpt')
    with little_room(1_000), pytest.raises(NotWritten, match='run/last.ckpt cannot be written'):
        checkpoints.save_checkpoint({'step': torch.zeros(9999)}, 'run/last.ckpt')
    assert torch.load('run/last.ckpt') == {'step': 1}
    assert [name for name in names() if name.startswith('run/')] == ['run/last.ckpt']


# Which pytest makes of what a thread would print.
@pytest.mark.filterwarnings('error::pytest.PytestUnhandledThreadExceptionWarning')
def test_events_of_a_training_that_cannot_be_written_are_one_line(little_room, place, capfd):
    pytest.importorskip('lightning')
    from torch.utils.tensorboard import SummaryWriter
    from triplenet_ros.training.fit import _told
    with little_room(100), pytest.raises(NotWritten, match='^run cannot be written: File too'):
        with _told(Path('run')):
            writer = SummaryWriter('run')
            for step in range(100_000):  # a thread of its own writes them
                writer.add_scalar('loss', 1.0, step)
                writer.flush()
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize('line', ['predict pics --out deep/o', 'replay in.mp4 --out deep/o.mcap',
                                  'replay in.mp4 --out deep/o'])
def test_an_output_folder_that_is_deleted_meanwhile_is_one_line(place, capfd, monkeypatch, line,
                                                                tiny_predictor):
    class Deletes:
        network, backend, device = 'tiny', 'none', 'cpu'
        classes = tiny_predictor.classes

        def __call__(self, image):
            shutil.rmtree('deep', ignore_errors=True)
            return tiny_predictor(image)

    for command in (predict, replay):
        monkeypatch.setattr(command, 'load_predictor', lambda args, **_: Deletes())
    before = names()
    assert main(line.split()) == 2
    captured = capfd.readouterr()
    assert captured.err.startswith('error: deep/o') and captured.err.count('\n') == 1
    assert names() == before

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

"""Standard output that is full, closed, or has no sign for a name; requests to end; any shell."""

import fcntl
import json
import os
from pathlib import Path
import pty
import signal
import struct
import subprocess
import sys
import termios

import cv2
import numpy as np
import pytest

from triplenet_ros.bag import topics
from triplenet_ros.bag.source import open_source
from triplenet_ros.cli import predict, replay
from triplenet_ros.cli.main import COMMANDS, main
from triplenet_ros.inference.weights import save_weights, WeightsCard

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = os.fsdecode(b'\xff a\n\x1b[2J\xc3\xa9')
ESCAPED = r'\udcff a\n\x1b[2Jé'


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Work beside a folder of three images."""
    monkeypatch.chdir(tmp_path)
    Path('pics').mkdir()
    for index in range(3):
        cv2.imwrite(f'pics/{index}.png', np.full((48, 80, 3), 40 * index, np.uint8))
    return tmp_path


def shell(line, **environment):
    """Run a line of shell in which ``triplenet`` is the command."""
    command = f'"{sys.executable}" -m triplenet_ros'
    return subprocess.run(
        ['sh', '-c', line.replace('triplenet', command, 1)], capture_output=True, timeout=300,
        env={**os.environ, 'PYTHONPATH': str(ROOT), 'PYTHONUNBUFFERED': '', **environment})


@pytest.mark.parametrize('unbuffered', ['', '1'])
@pytest.mark.parametrize('target', ['>/dev/full', '>&-'])
def test_standard_output_that_takes_nothing_is_told_and_the_work_is_kept(place, target,
                                                                         unbuffered):
    done = shell(f'triplenet record pics o.mcap --json o.json {target}',
                 PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 2
    assert done.stderr.startswith(b'error: ') and b'put' in done.stderr
    assert done.stderr.count(b'\n') == 1
    assert json.loads(Path('o.json').read_text())['frames'] == 3
    with open_source(Path('o.mcap')) as source:
        assert len(list(source.messages())) == 3


@pytest.mark.parametrize('line, code', [
    ('triplenet --help >/dev/full', 2), ('triplenet --version >&-', 2),
    ('triplenet record none o 2>/dev/full', 2), ('triplenet record none o 2>&-', 2),
    ('triplenet --help <&- >&- 2>&-', 2), ('triplenet --help | true', 0)])
def test_streams_that_take_nothing_are_no_traceback(place, line, code):
    done = shell(line)
    assert done.returncode == code and done.stderr.count(b'\n') <= 1
    assert b'Traceback' not in done.stderr and b'Exception' not in done.stderr


def test_no_output_gets_the_number_of_a_closed_stream(place):
    code = ('import os, sys; from triplenet_ros.cli.streams import prepare_streams; '
            'prepare_streams(); number = os.open("out", os.O_CREAT); sys.exit(number < 3)')
    assert subprocess.run(['sh', '-c', f"'{sys.executable}' -c '{code}' <&- >&- 2>&-"],
                          env={**os.environ, 'PYTHONPATH': str(ROOT)}).returncode == 0


@pytest.mark.parametrize('encoding', ['latin-1', 'ascii'])
def test_what_a_terminal_has_no_sign_for_is_shown_by_an_escape(place, encoding):
    done = shell('triplenet record pics 車.mcap', PYTHONIOENCODING=encoding)
    assert done.returncode == 0 and done.stdout.endswith(b'in \\u8eca.mcap\n')


def hostile_inputs():
    """Make a folder, an image in it and a video of names that no terminal should get."""
    Path(HOSTILE).mkdir()
    picture = np.full((48, 80, 3), 90, np.uint8)
    Path(HOSTILE, f'{HOSTILE}.png').write_bytes(cv2.imencode('.png', picture)[1])
    writer = cv2.VideoWriter('in.mp4', cv2.VideoWriter_fourcc(*'mp4v'), 10, (80, 48))
    writer.write(picture)
    writer.release()
    Path('in.mp4').rename(f'{HOSTILE}.mp4')


@pytest.mark.parametrize('line', [
    ['predict', HOSTILE, '--out', f'{HOSTILE} out', '--json', f'{HOSTILE}.json'],
    ['predict', f'{HOSTILE}.mp4', '--out', f'{HOSTILE} out'],
    ['record', HOSTILE, f'{HOSTILE}.mcap', '--json', f'{HOSTILE}.json'],
    ['record', f'{HOSTILE}.mp4', f'{HOSTILE} bag'],
    ['replay', f'{HOSTILE}.mp4', '--out', f'{HOSTILE} bag'],
    ['replay', f'{HOSTILE}.mp4', '--out', f'{HOSTILE}.mcap', '--contact-sheet', f'{HOSTILE}.png',
     '--video', f'{HOSTILE}.out.mp4']], ids=str)
def test_names_that_are_no_text_are_worked_on_and_shown_by_escapes(
        place, capfd, monkeypatch, tiny_predictor, line):
    for command in (predict, replay):
        monkeypatch.setattr(command, 'load_predictor', lambda args, **_: tiny_predictor)
    hostile_inputs()
    assert main(line) == 0
    captured = capfd.readouterr()
    assert ESCAPED in captured.out and captured.err == ''
    assert HOSTILE not in captured.out and '\x1b' not in captured.out


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize('line', ['predict pics --out o', 'replay in.mcap --out o --video o.mp4',
                                  'replay in.mcap --out o --realtime'])
def test_what_is_finished_is_kept_when_asked_to_end(place, interrupt, number, line):
    assert main(['record', 'pics', 'in.mcap']) == 0
    interrupt(predict, replay, number=number)
    assert main([*line.split(), '--json', 'o.json']) == 130
    assert not [name for name in os.listdir() if name.startswith('.')]
    if 'predict' in line:
        assert json.loads(Path('o.json').read_text())['images'] == 1
        return
    assert json.loads(Path('o.json').read_text())['interrupted']
    with open_source(Path('o')) as source:
        assert [one.channel.topic for one in source.messages()].count(topics.DETECTIONS) >= 1


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_asked_to_end_leaves_no_hidden_files(place, number):
    for index in range(3, 400):
        os.link('pics/0.png', f'pics/{index}.png')
    process = subprocess.Popen(
        [sys.executable, '-c', 'import signal; signal.signal(signal.SIGINT, '
         'signal.default_int_handler); from triplenet_ros.cli.main import command; '
         'raise SystemExit(command())', 'record', 'pics', 'o.mcap'],
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, stderr=subprocess.PIPE)
    while process.poll() is None and not any(Path('.').glob('.o.mcap.*/*/*')):
        pass
    process.send_signal(number)
    _, error = process.communicate(timeout=120)
    assert (process.returncode, error) in ((130, b''), (0, b''))
    assert not [name for name in os.listdir() if name.startswith('.')]


@pytest.mark.parametrize('environment', [
    {}, {'HOME': '/nowhere', 'LANG': 'C'}, {'HOME': '/dev/null', 'LC_ALL': 'POSIX'},
    {'HOME': '/proc', 'PYTHONUTF8': '0', 'PYTHONCOERCECLOCALE': '0', 'LC_ALL': 'C'}])
def test_no_home_no_locale_another_folder_and_no_terminal(place, environment):
    environment = {'PATH': os.environ['PATH'], 'PYTHONPATH': str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, '-m', 'triplenet_ros', 'record', place / 'pics', place / 'é.mcap'],
        cwd='/', env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        start_new_session=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, b'')
    assert done.stdout.startswith(b'3 frames on /camera/image') and Path('é.mcap').is_file()


def test_a_home_that_cannot_be_written_is_a_warning(place, tiny_network):
    pytest.importorskip('onnxruntime')
    save_weights(place / 'tiny.safetensors', tiny_network, WeightsCard(tiny_network.config))
    environment = {'PATH': os.environ['PATH'], 'PYTHONPATH': str(ROOT), 'HOME': '/proc',
                   'LC_ALL': 'C'}
    done = subprocess.run(
        [sys.executable, '-m', 'triplenet_ros', 'predict', place / 'pics', '--weights',
         place / 'tiny.safetensors', '--out', place / 'out', '--backend', 'onnxruntime',
         '--device', 'cpu'],
        cwd='/', env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert len(list(Path('out/overlays').iterdir())) == 3
    assert 'engines cannot be kept' in done.stderr and 'Traceback' not in done.stderr


@pytest.mark.parametrize('command', COMMANDS)
def test_help_fits_a_terminal_of_40_columns(monkeypatch, capsys, command):
    monkeypatch.setenv('COLUMNS', '40')
    with pytest.raises(SystemExit):
        main([command.replace('_', '-'), '--help'])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 60


def shown_bar(stream):
    """Return what a bar shows on a stream, told that it has 40 columns if it is a terminal."""
    code = ('import sys; from triplenet_ros.cli import progress; '
            'progress._PATIENCE = 0; bar = progress.progress_bar(5, "generating the drive"); '
            '[bar.refresh() for _ in range(5)]; bar.close()')
    ours, theirs = stream()
    if os.isatty(theirs):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 20, 40, 0, 0))
    done = subprocess.run([sys.executable, '-c', code], stderr=theirs, timeout=120,
                          env={**os.environ, 'PYTHONPATH': str(ROOT)})
    # A terminal gives what is kept in it, then an error; it must not be closed before.
    os.write(theirs, b'end')
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0
    return shown[:-len('end')]


def test_the_bar_fits_a_terminal_of_40_columns():
    parts = shown_bar(pty.openpty).split('\r')
    assert any('generating' in part for part in parts) and max(map(len, parts)) <= 40


def test_the_bar_is_for_terminals():
    assert shown_bar(os.pipe) == ''

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

"""The command line's manners: exit codes, one line for bad input, help without waiting."""

import json
import logging
import subprocess
import sys

import pytest

from triplenet_ros.cli.main import COMMANDS, main


@pytest.mark.parametrize('arguments, message', [
    ([], 'COMMAND'), (['dance'], "'dance'"), (['replay'], '--out'),
    (['predict', 'x.png', '--weights', 'nowhere', '--out', 'y'], 'x.png'),
    (['demo', '--frames', 'many'], "'many'")])
def test_bad_usage_is_one_line_and_exit_2(arguments, message, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == '' and captured.err.count('\n') == 1
    assert captured.err.startswith('error: ') and message in captured.err


@pytest.mark.parametrize('command', COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command.replace('_', '-'), '--help'])
    assert caught.value.code == 0 and 'usage' in capsys.readouterr().out


def test_help_does_not_load_torch():
    code = ('import sys; from triplenet_ros.cli.main import _make_parser; _make_parser(); '
            'sys.exit(any(name in sys.modules for name in ("torch", "cv2", "numpy")))')
    assert subprocess.run([sys.executable, '-c', code]).returncode == 0


def test_what_is_chosen_is_said_beside_the_figures_and_only_meanwhile(monkeypatch, capsys):
    from triplenet_ros.cli import models
    own, other = (logging.getLogger(name) for name in ('triplenet_ros', 'other'))
    monkeypatch.setattr(models, 'run', lambda _: (own.info('chosen'), other.info('noise')))
    assert main(['models']) == 0
    assert capsys.readouterr() == ('', 'chosen\n')
    own.info('later')
    assert capsys.readouterr() == ('', '')


def test_ctrl_c_is_exit_130(monkeypatch):
    from triplenet_ros.cli import models

    def interrupt(_):
        raise KeyboardInterrupt
    monkeypatch.setattr(models, 'run', interrupt)
    assert main(['models']) == 130


def test_models_prints_the_table_and_the_figures(capsys):
    assert main(['models', '--json', '-']) == 0
    captured = capsys.readouterr()
    rows = {row['name']: row for row in json.loads(captured.out)}
    assert rows['triplenet300-r50-s4']['anchors'] == 45390
    assert rows['triplenet300-r50']['anchors'] == 11640
    assert rows['triplenet512-r50']['anchors'] == 32766
    assert rows['triplenet512-r101']['macs'] <= 62e9
    assert rows['triplenet300-r50']['levels'][0] == [38, 38]
    assert 'triplenet-drive' in captured.err


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, '-m', 'triplenet_ros', '--version'],
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith('triplenet ')

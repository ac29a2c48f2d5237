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

"""Names from files stay one line and do nothing to a terminal, wherever they are shown."""

import logging

import pytest

from triplenet_ros.classes import ClassSet
from triplenet_ros.cli.main import main
from triplenet_ros.errors import InputError, LONGEST
from triplenet_ros.printable import is_printable, printable

HOSTILE = 'a\x1b[2J\x07\r\n\u202egnp\udcff\x9b31m\u2028end'
ESCAPED = r'a\x1b[2J\x07\r\n\u202egnp\udcff\x9b31m\u2028end'


def test_control_characters_line_breaks_and_broken_bytes_are_escaped():
    assert printable(HOSTILE) == ESCAPED and is_printable(ESCAPED)


@pytest.mark.parametrize('text', ['Fußgänger', '歩行者', 'a\u200cb', '<b>', 'traffic light', '🚗'])
def test_names_in_any_language_stay_as_they_are(text):
    assert is_printable(text) and printable(text) == text


def test_an_input_error_is_one_line_whatever_it_names():
    assert str(InputError(f'no file {HOSTILE}')) == f'no file {ESCAPED}'


def test_the_command_line_names_a_hostile_file_on_one_line(capsys, tmp_path):
    assert main(['predict', HOSTILE, '--out', str(tmp_path / 'out')]) == 2
    assert capsys.readouterr().err == f'error: {ESCAPED} does not exist\n'


@pytest.mark.parametrize('name', ['', HOSTILE, 3, None])
def test_classes_that_cannot_be_printed_are_refused(name):
    with pytest.raises(InputError, match='a class is named'):
        ClassSet(detection=(name,), segmentation=(), objects=(), palette=())


def test_the_log_of_a_command_stays_one_line(capsys, monkeypatch):
    from triplenet_ros.cli import models
    monkeypatch.setattr(models, 'run', lambda args: logging.getLogger('triplenet_ros').warning(
        HOSTILE))
    monkeypatch.setattr('sys.argv', ['triplenet', 'models'])
    assert main() == 0
    assert capsys.readouterr().err == f'{ESCAPED}\n'


def test_an_input_error_of_any_length_can_be_read():
    text = str(InputError('value is ' + 'x' * 10 ** 6 + ', must be short'))
    assert len(text) <= LONGEST and text.startswith('value is x')
    assert text.endswith('x, must be short')

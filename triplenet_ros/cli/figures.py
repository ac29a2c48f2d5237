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

"""Figures of a command as JSON."""

import argparse
import json
import os
from pathlib import Path
import sys
from typing import Any, Optional, TextIO

from triplenet_ros.errors import InputError
from triplenet_ros.outputs import replacing
from triplenet_ros.overlap import Output


def add_json_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--json FILE``."""
    parser.add_argument('--json', metavar='FILE',
                        help="write the figures there, '-' for standard output; "
                             'an existing file is replaced')


def json_outputs(target: Optional[str]) -> list[Output]:
    """
    Return the file of ``--json`` as ``check_outputs`` takes it: none for a stream.

    :param target: a file, ``-`` for standard output, or None for nowhere
    :raises InputError: if a file is there that is no text
    """
    if target is None or _is_stream(target):
        return []
    path = Path(target)
    if path.is_file() and not _is_text(path):
        raise InputError(f'{target} exists and is no text: choose another name for the figures')
    return [Output(path, overwrite=True)]


def _is_stream(target: str) -> bool:
    """Tell standard output, devices and pipes from files, in whose place figures can be put."""
    path = Path(target)
    special = path.exists() and not path.is_file() and not path.is_dir()
    return target == '-' or special or os.path.abspath(path).startswith(('/dev/', '/proc/'))


def _is_text(path: Path) -> bool:
    with path.open('rb') as file:
        return b'\0' not in file.read(8000)  # as git tells them


def text_stream(target: Optional[str]) -> TextIO:
    """Return where text for people goes: not between the figures on standard output."""
    return sys.stderr if target == '-' else sys.stdout


def write_figures(figures: Any, target: Optional[str]) -> None:
    """
    Write figures.

    :param figures: plain data
    :param target: a file, ``-`` for standard output, or None for nowhere
    :raises InputError: if the file cannot be written
    """
    if target is None:
        return
    text = json.dumps(figures, indent=2, allow_nan=False) + '\n'
    if target == '-':
        sys.stdout.write(text)
        return
    if _is_stream(target):
        Path(target).write_text(text, encoding='utf-8')
        return
    with replacing(Path(target), overwrite=True) as temporary:
        temporary.write_text(text, encoding='utf-8')

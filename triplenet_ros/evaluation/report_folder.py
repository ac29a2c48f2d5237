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

"""The files of a scored run: ``report.json`` and ``frames.jsonl``."""

import json
from pathlib import Path
from typing import Any, Iterator

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.scored_frame import frame_of_figures, ScoredFrame
from triplenet_ros.evaluation.scored_run import FORMAT, run_of_figures, ScoredRun

REPORT, FRAMES = 'report.json', 'frames.jsonl'


def write_run(folder: Path, run: ScoredRun) -> None:
    """
    Write ``report.json``.

    :param folder: that exists
    """
    text = json.dumps(run.figures(), indent=2, allow_nan=False)
    (folder / REPORT).write_text(text + '\n', encoding='utf-8')


def write_frame(file: Any, frame: ScoredFrame) -> None:
    """
    Append a line of ``frames.jsonl``.

    :param file: open for text
    """
    file.write(json.dumps(frame.figures(), separators=(',', ':'), allow_nan=False) + '\n')


def read_run(folder: Path) -> ScoredRun:
    """
    Read ``report.json``.

    :param folder: that ``triplenet score --report`` has written
    :raises InputError: if there is none, or it is damaged or of another format
    """
    path = folder / REPORT
    figures = _parsed(path, _text(path))
    if not isinstance(figures, dict) or figures.get('format') != FORMAT:
        raise InputError(f'{path} is no report of triplenet score of format {FORMAT}')
    try:
        return run_of_figures(figures)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f'{path} is damaged: {error} is missing or of another kind') from error


def read_frames(folder: Path) -> Iterator[ScoredFrame]:
    """
    Yield the frames of ``frames.jsonl``, one at a time.

    :param folder: as above
    :raises InputError: if there is none, or a line is damaged
    """
    path = folder / FRAMES
    try:
        with path.open(encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                try:
                    yield frame_of_figures(_parsed(path, line))
                except (KeyError, TypeError) as error:
                    raise InputError(f'{path}:{number} is no frame: {error} is missing or of '
                                     'another kind') from error
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding='utf-8')
    except OSError as error:
        raise InputError(f'{path} cannot be read: {error.strerror}') from error


def _parsed(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f'{path} is damaged: {error}') from error

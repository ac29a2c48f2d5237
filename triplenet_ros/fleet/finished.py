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

"""Which recordings are finished and whole, so that no work is done twice."""

import json
from pathlib import Path
from typing import Optional

from triplenet_ros.fleet.fleet_row import FleetRow, row_of_figures
from triplenet_ros.outputs import is_whole

ROW = 'row.json'
REPORT = 'report'
"""Folder of the scores of a recording, in the recording's."""


def write_row(folder: Path, key: str, row: FleetRow) -> None:
    """
    Say what came of a recording, the last thing that is written into its folder.

    :param folder: of the recording
    :param key: of what went in: recording, truth, weights, options
    """
    text = json.dumps({'key': key, 'row': row.figures()}, indent=1, allow_nan=False)
    (folder / ROW).write_text(text + '\n', encoding='utf-8')


def finished_row(folder: Path, key: str) -> Optional[FleetRow]:
    """
    Return what came of a recording, if its folder is whole and was made of the same things.

    :param folder: of the recording; nothing need be there
    :param key: as above
    """
    if not is_whole(folder):
        return None
    try:
        content = json.loads((folder / ROW).read_text(encoding='utf-8'))
        return row_of_figures(content['row']) if content['key'] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None

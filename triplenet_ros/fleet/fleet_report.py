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

"""One report over many recordings: a row for each, and the sum."""

import json
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence
from urllib.parse import quote

from triplenet_ros.evaluation.report.pages import page
from triplenet_ros.evaluation.report_folder import read_frames
from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.finished import REPORT
from triplenet_ros.fleet.fleet_row import FleetRow
from triplenet_ros.fleet.plan import BAGS
from triplenet_ros.outputs import is_whole, replacing

FOLDER = 'report'
_COUNTS = ('frames', 'processed', 'dropped', 'detections')
_JSON, _HTML = 'report.json', 'report.html'


def write_report(out: Path, jobs: Sequence[BagJob], rows: Mapping[str, FleetRow],
                 command: str) -> dict[str, Any]:
    """
    Write ``report/report.html`` and ``report/report.json`` over all recordings.

    :param out: folder of the fleet
    :param jobs: all of them, in the order of the report
    :param rows: name -> what came of it, of every job
    :param command: the command line
    :returns: what report.json holds
    :raises InputError: if the folder cannot be written
    """
    ordered = [rows[job.name] for job in jobs]
    figures = {'keys': {job.name: job.key for job in jobs}, 'sum': summed(out, ordered),
               'bags': [row.figures() for row in ordered]}
    with replacing(out / FOLDER, overwrite=True, folder=True) as folder:
        folder.mkdir()
        text = json.dumps(figures, indent=1, allow_nan=False) + '\n'
        (folder / _JSON).write_text(text, encoding='utf-8')
        html = page('fleet.html', rows=ordered, total=figures['sum'], command=command,
                    links={row.name: _link(out, row) for row in ordered})
        (folder / _HTML).write_text(html, encoding='utf-8')
    return figures


def written_report(out: Path, jobs: Sequence[BagJob],
                   rows: Mapping[str, FleetRow]) -> Optional[dict[str, Any]]:
    """Return what report.json holds, if it is whole and says what the rows say."""
    if not is_whole(out / FOLDER):
        return None
    try:
        figures = json.loads((out / FOLDER / _JSON).read_text(encoding='utf-8'))
        same = figures['keys'] == {job.name: job.key for job in jobs} and figures['bags'] == [
            rows[job.name].figures() for job in jobs]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return figures if same else None


def summed(out: Path, rows: Sequence[FleetRow]) -> dict[str, Any]:
    """
    Return counts and scores over all recordings that are done.

    The scores are those of all frames together, not means of the recordings' scores.
    """
    # Loads torch: to say that nothing is to be done must not take seconds.
    from triplenet_ros.fleet.pooled import PooledScores

    done = [row for row in rows if row.is_done]
    pooled = PooledScores()
    for row in done:
        if row.scores:
            pooled.add(read_frames(out / BAGS / row.name / REPORT))
    return {'bags': len(rows), 'done': len(done), 'failed': len(rows) - len(done),
            'missed': sum(bool(row.missed) for row in done),
            **{key: sum(row.replay[key] for row in done) for key in _COUNTS},
            'scored': pooled.frames, 'scores': pooled.compute()}


def _link(out: Path, row: FleetRow) -> str:
    """Return where the report of a recording's scores is, seen from this one."""
    if not (out / BAGS / row.name / REPORT / _HTML).is_file():
        return ''
    return f'../{BAGS}/{quote(row.name)}/{REPORT}/{_HTML}'

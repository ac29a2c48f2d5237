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

"""``report.html`` of a scored run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Sequence

from triplenet_ros.evaluation.report.confusion import box_matrix, label_matrix, Matrix
from triplenet_ros.evaluation.report.curves import class_curves
from triplenet_ros.evaluation.report.latency import histograms
from triplenet_ros.evaluation.report.pages import page
from triplenet_ros.evaluation.report.pictures import embedded, FramePictures
from triplenet_ros.evaluation.report.series import FrameSeries
from triplenet_ros.evaluation.report.timeline import lanes, latency_chart, score_chart
from triplenet_ros.evaluation.report.wording import milliseconds
from triplenet_ros.evaluation.report_folder import read_frames, read_run
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import ScoredRun

PAGE = 'report.html'
_MOST_EVENTS = 100

_ERROR_TEXTS = {
    'class': 'right place, wrong class',
    'place': 'right class, but the box fits badly',
    'both': 'wrong class, and the box fits badly',
    'duplicate': 'a second box for what was found already',
    'background': 'a box where nothing is',
    'missed': 'nothing was found for it'}


@dataclass(frozen=True)
class Tile:
    """
    A figure at the top of the page.

    :param name: what it is
    :param value: as text
    :param unit: behind the value
    :param note: below it
    """

    name: str
    value: str
    unit: str = ''
    note: str = ''


def write_page(folder: Path) -> Path:
    """
    Write ``report.html`` of the other files of its folder.

    :param folder: with report.json, frames.jsonl and, where there are pictures, ``pictures``
    :returns: path of the page
    :raises InputError: if the files are missing or damaged
    """
    run = read_run(folder)
    worst = _Worst(run.worst)
    series = FrameSeries(worst.watching(read_frames(folder)))
    target = folder / PAGE
    target.write_text(_page(run, series, worst.frames, embedded(folder, run.worst)),
                      encoding='utf-8')
    return target


class _Worst:
    """Keeps those frames that are shown while all go by."""

    def __init__(self, stamps: Sequence[int]) -> None:
        self._places = {stamp: place for place, stamp in enumerate(stamps)}
        self._found: dict[int, ScoredFrame] = {}

    def watching(self, frames: Iterable[ScoredFrame]) -> Iterable[ScoredFrame]:
        for frame in frames:
            if frame.stamp_ns in self._places:
                self._found[frame.stamp_ns] = frame
            yield frame

    @property
    def frames(self) -> list[ScoredFrame]:
        return [self._found[stamp] for stamp in self._places if stamp in self._found]


def _page(run: ScoredRun, series: FrameSeries, worst: Sequence[ScoredFrame],
          pictures: Mapping[int, FramePictures]) -> str:
    return page(
        'scored.html', run=run, title=Path(run.run.results).name or 'a recording',
        tiles=tiles(run), series=series,
        scores=score_chart(series, [frame.stamp_ns for frame in worst]),
        lanes=lanes(series, run.events), events=run.events[:_MOST_EVENTS],
        latency=latency_chart(series) if series.stages else None,
        histograms=histograms(series, run.latency_ms),
        curves=class_curves(run.detection) if run.detection else [],
        matrices=_matrices(run), errors=_errors(run.errors), worst=worst, pictures=pictures)


def tiles(run: ScoredRun) -> list[Tile]:
    """Return the figures that one looks for first."""
    shown = []
    if run.detection:
        operating = run.detection['operating']
        shown += [_share('mAP50', run.detection['mAP50'], 'boxes, IoU 0.5'),
                  _share('AP', run.detection['AP'], 'boxes, COCO'),
                  _share('F1', operating['f1'], f'boxes at {operating["threshold"]:g}')]
    if run.segmentation:
        shown.append(_share('mIoU', run.segmentation['mIoU'], 'labels'))
    shown.append(Tile('frames scored', f'{run.scored:,}', '', f'of {run.frames:,}'))
    total = run.latency_ms.get('total', {})
    # The node's own diagnostics tell no p99.
    rank = next((rank for rank in ('p99', 'p95', 'p50') if rank in total), None)
    if rank is not None:
        shown.append(Tile(f'{rank} of total', milliseconds(total[rank]), 'ms',
                          f'p50 {milliseconds(total.get("p50"))}'))
    lost = {key: run.drops.get(key) for key in ('dropped', 'stale', 'errors')}
    if any(count is not None for count in lost.values()):
        shown.append(Tile('frames lost', f'{sum(filter(None, lost.values())):,}', '', ', '.join(
            f'{count:,} {key}' for key, count in lost.items() if count is not None)))
    return shown


def _share(name: str, share: Optional[float], note: str) -> Tile:
    return Tile(name, '–' if share is None else f'{100 * share:.1f}',
                '' if share is None else '%', note)


def _matrices(run: ScoredRun) -> list[tuple[str, Matrix]]:
    shown = []
    if run.detection:
        shown.append(('Boxes', box_matrix(run.detection['confusion'])))
    if run.segmentation:
        shown.append(('Labels', label_matrix(run.segmentation['confusion'])))
    return shown


def _errors(errors: Optional[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if errors is None:
        return []
    most = max([kind['count'] for kind in errors['kinds'].values()] + [1])
    return [{'kind': kind, 'text': _ERROR_TEXTS.get(kind, ''), 'count': one['count'],
             'gain': one['gain'], 'width': round(100 * one['count'] / most, 1)}
            for kind, one in errors['kinds'].items()]

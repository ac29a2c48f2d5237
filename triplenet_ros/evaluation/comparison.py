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

"""Two scored runs of the same frames: what is different, and how sure that is."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Iterator, Optional

import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.bootstrap import block_length, block_weights
from triplenet_ros.evaluation.frame_tables import FrameTables
from triplenet_ros.evaluation.report_folder import read_frames, read_run
from triplenet_ros.evaluation.scored_run import FORMAT, ScoredRun
from triplenet_ros.evaluation.stamps import stamp_text

CHOICES = 1000
BLOCK_SECONDS = 5.0
MARGIN = 0.01
"""Differences within this are none, where the user names no other limit."""
_CHUNK = 100
_MOST_WORSE = 20
_INTERVAL = (2.5, 97.5)

BETTER, WORSE, SAME, UNCLEAR = 'better', 'worse', 'same', 'cannot tell'


@dataclass(frozen=True)
class Difference:
    """
    One metric of two runs.

    :param a: of the first run, over the frames that both have
    :param b: of the second run
    :param value: b - a
    :param low: lower end of the 95 % interval of the difference, None where there is none
    :param high: upper end
    :param verdict: ``better`` or ``worse`` if the whole interval is on one side of 0, ``same`` if
        it lies within the margin, else ``cannot tell``: it is too wide
    """

    a: float
    b: float
    value: float
    low: Optional[float]
    high: Optional[float]
    verdict: str


@dataclass(frozen=True)
class WorseFrame:
    """
    A frame whose score fell.

    :param stamp_ns: nanoseconds
    :param a: score in the first run
    :param b: score in the second run
    """

    stamp_ns: int
    a: float
    b: float


@dataclass(frozen=True)
class Comparison:
    """
    Two runs side by side.

    :param a: the first run
    :param b: the second run
    :param frames: how many both have
    :param only_in_a: frames that only the first has, which count nothing
    :param only_in_b: as above
    :param block: frames of a block of the bootstrap
    :param difference: metric -> difference; ``mAP50``, ``IoU of road``, ...
    :param worse: frames that got worse, the worst first
    :param limit: of ``--fail-below``, None without it
    :param notes: lines for people
    """

    a: ScoredRun
    b: ScoredRun
    frames: int
    only_in_a: int
    only_in_b: int
    block: int
    difference: dict[str, Difference]
    worse: tuple[WorseFrame, ...]
    limit: Optional[float] = None
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> list[str]:
        """Metrics that are below the limit and surely worse."""
        return [name for name, one in self._below() if one.verdict == WORSE]

    @property
    def unclear(self) -> list[str]:
        """Metrics that are below the limit, but by an interval too wide to tell."""
        return [name for name, one in self._below() if one.verdict != WORSE]

    def _below(self) -> list[tuple[str, Difference]]:
        return [] if self.limit is None else [
            (name, one) for name, one in self.difference.items() if one.value < self.limit]

    def figures(self) -> dict[str, Any]:
        """Return plain data: what ``triplenet compare --json`` writes."""
        return {
            'format': FORMAT, 'frames': self.frames, 'only_in_a': self.only_in_a,
            'only_in_b': self.only_in_b, 'block': self.block, 'choices': CHOICES,
            'difference': {name: asdict(one) for name, one in self.difference.items()},
            'worse': [{'stamp': stamp_text(one.stamp_ns), 'a': one.a, 'b': one.b,
                       'difference': one.b - one.a} for one in self.worse],
            'limit': self.limit, 'failed': self.failed, 'unclear': self.unclear,
            'a': self.a.figures()['run'], 'b': self.b.figures()['run'],
            'notes': list(self.notes)}


def compare_runs(a: Path, b: Path, limit: Optional[float] = None,
                 block_seconds: float = BLOCK_SECONDS) -> Comparison:
    """
    Compare two scored runs over the frames that both have.

    :param a: folder that ``triplenet score --report`` has written: the run to compare with
    :param b: as above: the run that may be better or worse
    :param limit: differences below it fail, 0 or less
    :param block_seconds: how long a block of the bootstrap lasts
    :raises InputError: if a folder cannot be read, or no frame or class is in both
    """
    if limit is not None and not -1 <= limit <= 0:
        raise InputError(f'--fail-below {limit:g} is out of range -1 .. 0')
    if not block_seconds > 0:
        raise InputError(f'block of {block_seconds:g} seconds: more than 0 are needed')
    runs = read_run(a), read_run(b)
    stamps = [_stamps(folder) for folder in (a, b)]
    common = np.intersect1d(*stamps)
    if not len(common):
        raise InputError(f'{a} and {b} have no frame in common, by their stamps')
    boxes, labels = _shared(runs, 'detection'), _shared(runs, 'segmentation')
    if not boxes and not labels:
        raise InputError(f'{a} and {b} have no scored class in common')
    tables = [FrameTables(common, read_frames(folder), boxes, labels) for folder in (a, b)]
    length = block_length(common, block_seconds)
    return Comparison(
        *runs, len(common), *(len(one) - len(common) for one in stamps), length,
        _differences(tables, length, MARGIN if not limit else -limit),
        _worse(common, tables), limit, tuple(_notes(runs, tables)))


def _stamps(folder: Path) -> np.ndarray:
    return np.array(sorted(frame.stamp_ns for frame in read_frames(folder)), np.int64)


def _shared(runs: tuple[ScoredRun, ScoredRun], task: str) -> tuple[str, ...]:
    names = [tuple((getattr(run, task) or {}).get('per_class', {})) for run in runs]
    return tuple(name for name in names[0] if name in names[1])


def _differences(tables: list[FrameTables], length: int,
                 margin: float) -> dict[str, Difference]:
    count = len(tables[0].scores)
    values = [{name: float(value[0]) for name, value in table.metrics(
        np.ones((1, count))).items()} for table in tables]
    chosen = _chosen_differences(tables, length) if count // length > 1 else {}
    differences = {}
    for name, a in values[0].items():
        b = values[1].get(name, np.nan)
        if np.isnan(a) or np.isnan(b):
            continue
        spread = chosen.get(name, np.zeros(0))
        spread = spread[~np.isnan(spread)]
        low, high = np.percentile(spread, _INTERVAL).tolist() if len(spread) else (None, None)
        differences[name] = Difference(a, b, b - a, low, high, _verdict(low, high, margin))
    return differences


def _chosen_differences(tables: list[FrameTables], length: int) -> dict[str, np.ndarray]:
    """Return metric -> differences, the same frames chosen from both runs."""
    weights = block_weights(len(tables[0].scores), length, CHOICES)
    parts: dict[str, list] = {}
    for begin in range(0, CHOICES, _CHUNK):
        a, b = (table.metrics(weights[begin:begin + _CHUNK]) for table in tables)
        for name in a.keys() & b.keys():
            parts.setdefault(name, []).append(b[name] - a[name])
    return {name: np.concatenate(part) for name, part in parts.items()}


def _verdict(low: Optional[float], high: Optional[float], margin: float) -> str:
    if low is None or high is None:
        return UNCLEAR
    if low > 0 or high < 0:
        return BETTER if low > 0 else WORSE
    return SAME if -margin <= low and high <= margin else UNCLEAR


def _worse(common: np.ndarray, tables: list[FrameTables]) -> tuple[WorseFrame, ...]:
    a, b = (table.scores for table in tables)
    fell = np.where(np.isnan(b - a), 0, b - a)
    order = np.argsort(fell, kind='stable')[:_MOST_WORSE]
    return tuple(WorseFrame(int(common[index]), float(a[index]), float(b[index]))
                 for index in order if fell[index] < 0)


def _notes(runs: tuple[ScoredRun, ScoredRun], tables: list[FrameTables]) -> Iterator[str]:
    a, b = tables
    differing = ((a.points[..., 0] != b.points[..., 0]).any(axis=1)
                 | (a.pixels[..., 1] != b.pixels[..., 1]).any(axis=1))
    if differing.any():
        yield (f'the truth of {int(differing.sum())} frames is not the same in both runs: the '
               'difference is not of the results alone')
    if a.names and not (a.has_coco and b.has_coco):
        yield 'AP is left out: the frames of a run do not tell it; score it again'
    for name in ('threshold', 'rename'):
        options = [run.run.options.get(name) for run in runs]
        if options[0] != options[1]:
            yield f'the runs were scored with another {name}: {options[0]} and {options[1]}'

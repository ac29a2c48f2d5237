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

"""What a run must reach to pass: criteria from YAML, and what came of them."""

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Mapping, Optional, Sequence

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import ScoredRun, Verdict
from triplenet_ros.strict_yaml import read_yaml

_POINT = ('precision', 'recall', 'f1')
BOX_MEANS = ('mAP50', 'mAP50_07', 'AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10',
             'AR100', 'ARs', 'ARm', 'ARl')
BOX_CLASS = ('AP50', 'AP50_07', 'AP')
LABEL_MEANS = ('mIoU', 'pixel_accuracy')
LATENCY, PERCENTILES = 'latency', ('p50', 'p95', 'p99')
COUNTS = ('dropped', 'stale', 'errors', 'unmatched')
METRICS = (*BOX_MEANS, *_POINT, *LABEL_MEANS, 'IoU', *PERCENTILES, LATENCY, 'score', *COUNTS)
PER_FRAME = (*_POINT, *LABEL_MEANS, 'IoU', LATENCY, 'score')
"""Metrics that each frame has: they can be asked of a share of the frames, LATENCY only so."""

_KEYS = ('metric', 'class', 'stage', 'at_least', 'at_most', 'share')
_NUMBER = r'[0-9]+(?:\.[0-9]+)?'
_SENTENCE = re.compile(
    rf'(?:(?P<before>.+?) )?(?P<metric>{"|".join(sorted(METRICS, key=len, reverse=True))})'
    rf'(?: of (?P<of>.+?))? at (?P<bound>least|most) (?P<limit>{_NUMBER}) ?(?P<unit>%|ms|frames)?'
    rf'(?: in (?P<share>{_NUMBER}) ?% of the frames)?')
_NONE = re.compile(rf'no (?:frames? |images? )?(?P<metric>{"|".join(COUNTS)}|error)')


@dataclass(frozen=True)
class Criterion:
    """
    One thing that a run must reach.

    :param metric: one of METRICS
    :param limit: of its value
    :param bound: ``at_least`` or ``at_most``
    :param of: a class, or the stage of a latency, or None for all classes together
    :param share: of the frames, 0 .. 1; None = of the whole run
    """

    metric: str
    limit: float
    bound: str
    of: Optional[str] = None
    share: Optional[float] = None

    @property
    def text(self) -> str:
        """The criterion as a sentence."""
        of = f' of {self.of}' if self.of else ''
        unit = ' ms' if self.is_latency else ''
        share = '' if self.share is None else f' in {100 * self.share:g} % of the frames'
        return f'{self.metric}{of} {self.bound.replace("_", " ")} {self.limit:g}{unit}{share}'

    @property
    def is_latency(self) -> bool:
        """Whether it is about milliseconds of a stage."""
        return self.metric in (LATENCY, *PERCENTILES)

    def met_by(self, value: float) -> bool:
        """Return whether a value is on the right side of the limit."""
        return value >= self.limit if self.bound == 'at_least' else value <= self.limit

    def of_frame(self, frame: ScoredFrame) -> Optional[float]:
        """Return the value of one frame; None where it has none."""
        if self.metric == LATENCY:
            return frame.latency_ms.get(self.of or 'total')
        if self.metric == 'score':
            return frame.score
        if self.metric in _POINT:
            return self._point_of(frame)
        if frame.segmentation is None:
            return None
        if self.metric == 'IoU':
            return frame.segmentation.per_class.get(self.of or '')
        return getattr(frame.segmentation, self.metric)

    def _point_of(self, frame: ScoredFrame) -> Optional[float]:
        if frame.detection is None:
            return None
        counts = frame.detection.per_class.get(self.of) if self.of else vars(frame.detection)
        if counts is None:
            return None
        truths, found, wrong = (counts[key] for key in ('truths', 'found', 'wrong'))
        part, whole = {'precision': (found, found + wrong), 'recall': (found, truths),
                       'f1': (2 * found, found + wrong + truths)}[self.metric]
        return part / whole if whole else None

    def of_run(self, run: ScoredRun) -> Optional[float]:
        """Return the value of the whole run; None where nothing was measured."""
        if self.metric in PERCENTILES:
            return run.latency_ms.get(self.of or 'total', {}).get(self.metric)
        if self.metric == 'unmatched':
            return len(run.unmatched.results) + len(run.unmatched.truth) + len(
                run.unmatched.truth_keys)
        if self.metric in COUNTS:
            return run.drops.get(self.metric)
        if self.metric in (*LABEL_MEANS, 'IoU'):
            figures = run.segmentation or {}
            return figures.get(self.metric) if self.metric != 'IoU' else figures.get(
                'per_class', {}).get(self.of)
        return self._of_boxes(run.detection or {})

    def _of_boxes(self, figures: Mapping[str, Any]) -> Optional[float]:
        if self.of is not None:
            return figures.get('per_class', {}).get(self.of, {}).get(self.metric)
        if self.metric in _POINT:
            return figures.get('operating', {}).get(self.metric)
        return figures.get(self.metric)


class Criteria:
    """
    The criteria of a run, which watch its frames go by.

    :param criteria: in the order of their file
    """

    def __init__(self, criteria: Sequence[Criterion] = ()) -> None:
        """Nothing has gone by."""
        self._criteria = tuple(criteria)
        self._frames = [[0, 0] for _ in self._criteria]

    def check_names(self, boxes: Sequence[str], labels: Sequence[str]) -> None:
        """
        Refuse a criterion about a class that is not scored, before any work is spent.

        :param boxes: classes of the boxes that are scored
        :param labels: classes of the labels that are scored
        :raises InputError: naming the class and those there are
        """
        for one in self._criteria:
            names = labels if one.metric == 'IoU' else boxes
            if one.of is not None and not one.is_latency and one.of not in names:
                raise InputError(f'criterion {one.text!r}: {one.of!r} is not scored; scored are '
                                 f'{", ".join(names) or "none"}')

    def add(self, frame: ScoredFrame) -> None:
        """Look at one frame."""
        for one, counts in zip(self._criteria, self._frames):
            value = one.of_frame(frame) if one.share is not None else None
            if value is not None:
                counts[0] += one.met_by(value)
                counts[1] += 1

    def verdicts(self, run: ScoredRun) -> tuple[Verdict, ...]:
        """Return what came of each."""
        return tuple(self._verdict(one, *counts, run)
                     for one, counts in zip(self._criteria, self._frames))

    def _verdict(self, one: Criterion, met: int, frames: int, run: ScoredRun) -> Verdict:
        if one.share is not None:
            share = met / frames if frames else None
            return Verdict(one.text, share is not None and share >= one.share, share, one.share,
                           'at_least')
        value = one.of_run(run)
        unit = 'ms' if one.is_latency else 'frames' if one.metric in COUNTS else ''
        return Verdict(one.text, value is not None and one.met_by(value), value, one.limit,
                       one.bound, unit)


def read_criteria(path: Path) -> Criteria:
    """
    Read criteria from YAML: a list of sentences or of mappings, or these under ``criteria``.

    ``AP50 of person at least 0.4``, ``road IoU at least 0.9 in 95 % of the frames``, ``p99 of
    total at most 100 ms``, ``no frame dropped``; or ``{metric: IoU, class: road, at_least: 0.9,
    share: 0.95}``.

    :raises InputError: naming the file and the line that cannot be understood
    """
    content = read_yaml(path)
    if isinstance(content, dict) and set(content) == {'criteria'}:
        content = content['criteria']
    if not isinstance(content, list) or not content:
        raise InputError(f'{path} must be a list of criteria, such as: '
                         '- AP50 of person at least 0.4')
    criteria = []
    for number, entry in enumerate(content, 1):
        try:
            criteria.append(_criterion(entry))
        except InputError as error:
            raise InputError(f'{path}: criterion {number}, {entry!r}: {error}') from error
    return Criteria(criteria)


def _criterion(entry: Any) -> Criterion:
    if isinstance(entry, str):
        return _checked(_of_sentence(' '.join(entry.split())))
    if not isinstance(entry, dict):
        raise InputError('must be a sentence, or a mapping with metric and at_least or at_most')
    unknown = [key for key in entry if key not in _KEYS]
    if unknown:
        raise InputError(f'{unknown[0]!r} is none of {", ".join(_KEYS)}')
    bounds = [key for key in ('at_least', 'at_most') if key in entry]
    if len(bounds) != 1:
        raise InputError('must have one of at_least and at_most')
    if 'class' in entry and 'stage' in entry:
        raise InputError('class and stage exclude each other')
    for key in (bounds[0], *(key for key in ('share',) if key in entry)):
        if isinstance(entry[key], bool) or not isinstance(entry[key], (int, float)):
            raise InputError(f'{key} is {entry[key]!r}, must be a number')
    of = entry.get('class', entry.get('stage'))
    return _checked(Criterion(str(entry.get('metric')), float(entry[bounds[0]]), bounds[0],
                              None if of is None else str(of), entry.get('share')))


def _of_sentence(text: str) -> Criterion:
    nothing = _NONE.fullmatch(text)
    if nothing:
        return Criterion({'error': 'errors'}.get(nothing['metric'], nothing['metric']), 0.0,
                         'at_most')
    match = _SENTENCE.fullmatch(text)
    if match is None:
        raise InputError('cannot be understood: METRIC [of CLASS or STAGE] at least|at most '
                         'NUMBER [in N % of the frames]')
    if match['before'] and match['of']:
        raise InputError(f'is about both {match["before"]!r} and {match["of"]!r}')
    limit = float(match['limit']) / (100 if match['unit'] == '%' else 1)
    return Criterion(match['metric'], limit, f'at_{match["bound"]}',
                     match['before'] or match['of'],
                     float(match['share']) / 100 if match['share'] else None)


def _checked(one: Criterion) -> Criterion:
    if one.metric not in METRICS:
        raise InputError(f'metric {one.metric!r} is none of {", ".join(METRICS)}')
    if one.metric == 'IoU' and one.of is None:
        raise InputError('IoU needs a class; the mean is mIoU')
    if one.of is not None and not one.is_latency and one.metric not in (
            *BOX_CLASS, *_POINT, 'IoU'):
        raise InputError(f'{one.metric} is not given for a class')
    if one.share is None and one.metric in (LATENCY, 'score'):
        raise InputError(f'{one.metric} needs a share of the frames, or a percentile: '
                         f'{", ".join(PERCENTILES)}')
    if one.share is not None and one.metric not in PER_FRAME:
        raise InputError(f'{one.metric} has no value for each frame; {", ".join(PER_FRAME)} do')
    if one.share is not None and not 0 <= one.share <= 1:
        raise InputError(f'share {one.share:g} is out of range 0 .. 1')
    if not one.is_latency and one.metric not in COUNTS and not 0 <= one.limit <= 1:
        raise InputError(f'{one.limit:g} is out of range 0 .. 1')
    return one

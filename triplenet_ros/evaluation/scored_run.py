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

"""A scored recording: what ``report.json`` holds."""

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping, Optional

from triplenet_ros.evaluation.stamps import stamp_of_text, stamp_text

FORMAT = 1
"""Of report.json and frames.jsonl; a reader refuses any other."""

EVENT_KINDS = ('dropped', 'stale', 'error', 'unmatched')


@dataclass(frozen=True)
class RunDescription:
    """
    What was run and compared; empty where nobody knows.

    :param results: path of the bag with the results
    :param truth: paths of the truth, and how its frames were found
    :param topics: what -> topic: image, detections, labels, truth_detections, truth_labels
    :param weights: path or name
    :param weights_sha256: hexadecimal
    :param network: name
    :param backend: what ran it
    :param precision: in which numbers
    :param device: where it ran
    :param versions: package -> version, of those that had a part in it
    :param command: the command line
    :param options: name -> value of what decides about the scores: operating threshold,
        tolerance, rename, selection of frames
    """

    results: str = ''
    truth: tuple[str, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    weights: str = ''
    weights_sha256: str = ''
    network: str = ''
    backend: str = ''
    precision: str = ''
    device: str = ''
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ''
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unmatched:
    """
    Frames of either side that have no partner, and are not scored.

    :param results: stamps of results without truth, nanoseconds
    :param truth: stamps of truth without results, nanoseconds
    :param truth_keys: frame numbers or file names of truth without results, where the truth has
        no stamps
    :param doubled_results: stamps that came again; the first one counts
    :param doubled_truth: as above
    """

    results: tuple[int, ...] = ()
    truth: tuple[int, ...] = ()
    truth_keys: tuple[str, ...] = ()
    doubled_results: tuple[int, ...] = ()
    doubled_truth: tuple[int, ...] = ()


@dataclass(frozen=True)
class Event:
    """
    Something that befell the drive, at one time.

    :param stamp_ns: when, on the axis of the frames' stamps
    :param kind: one of EVENT_KINDS
    :param count: how many
    :param text: one line about it, may be empty
    """

    stamp_ns: int
    kind: str
    count: int = 1
    text: str = ''


@dataclass(frozen=True)
class Verdict:
    """
    A criterion and what came of it.

    :param text: as a sentence, such as ``AP50 of person at least 0.4``
    :param passed: whether it is met
    :param value: what was measured, None where there is nothing to measure (then it is missed)
    :param limit: what was asked for
    :param bound: ``at_least`` or ``at_most``
    :param unit: of value and limit: empty, ``ms`` or ``frames``
    """

    text: str
    passed: bool
    value: Optional[float]
    limit: float
    bound: str
    unit: str = ''


@dataclass(frozen=True)
class ScoredRun:
    """
    Everything about a scored recording but its single frames.

    The dictionaries are those of docs/scoring.md, plain data.

    :param frames: results that came up, those that were left out aside
    :param scored: those that were compared with their truth
    :param unmatched: those of either side that were not
    :param left_out: frames that the user's choice left out, in words -> how many
    :param detection: figures of the boxes, None without truth of boxes
    :param segmentation: figures of the labels, None without truth of labels
    :param errors: kinds of wrong boxes and what each costs, None without truth of boxes
    :param latency_ms: stage -> {p50, p95, p99}; empty where nobody measured
    :param drops: images, processed, dropped, stale, errors: how many, None where nobody counted
    :param criteria: in the order of their file
    :param events: in the order of their time
    :param worst: stamps of the frames with the lowest scores, the worst first
    :param run: what was run
    :param notes: lines for people
    """

    frames: int
    scored: int
    unmatched: Unmatched
    left_out: Mapping[str, int]
    detection: Optional[Mapping[str, Any]]
    segmentation: Optional[Mapping[str, Any]]
    errors: Optional[Mapping[str, Any]]
    latency_ms: Mapping[str, Mapping[str, float]]
    drops: Mapping[str, Optional[int]]
    criteria: tuple[Verdict, ...] = ()
    events: tuple[Event, ...] = ()
    worst: tuple[int, ...] = ()
    run: RunDescription = RunDescription()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> Optional[bool]:
        """Whether every criterion is met; None without criteria."""
        return all(one.passed for one in self.criteria) if self.criteria else None

    def figures(self) -> dict[str, Any]:
        """Return what report.json holds, plain data."""
        return {
            'format': FORMAT, 'passed': self.passed, 'frames': self.frames, 'scored': self.scored,
            'unmatched': {key: [stamp_text(one) if isinstance(one, int) else one for one in ones]
                          for key, ones in asdict(self.unmatched).items()},
            'left_out': dict(self.left_out), 'detection': self.detection,
            'segmentation': self.segmentation, 'errors': self.errors,
            'latency_ms': dict(self.latency_ms), 'drops': dict(self.drops),
            'criteria': [asdict(one) for one in self.criteria],
            'events': [{'stamp': stamp_text(one.stamp_ns), 'kind': one.kind, 'count': one.count,
                        'text': one.text} for one in self.events],
            'worst': [stamp_text(one) for one in self.worst],
            'run': {**asdict(self.run), 'truth': list(self.run.truth)},
            'notes': list(self.notes)}


def run_of_figures(figures: Mapping[str, Any]) -> ScoredRun:
    """
    Return the run that a report.json tells of.

    :param figures: of ``ScoredRun.figures``
    :raises KeyError: if it is no such report
    """
    same = ('frames', 'scored', 'left_out', 'detection', 'segmentation', 'errors', 'latency_ms',
            'drops')
    unmatched = {key: tuple(ones) if key == 'truth_keys' else tuple(map(stamp_of_text, ones))
                 for key, ones in figures['unmatched'].items()}
    return ScoredRun(
        **{key: figures[key] for key in same}, unmatched=Unmatched(**unmatched),
        criteria=tuple(Verdict(**one) for one in figures['criteria']),
        events=tuple(Event(stamp_of_text(one['stamp']), one['kind'], one['count'], one['text'])
                     for one in figures['events']),
        worst=tuple(map(stamp_of_text, figures['worst'])),
        run=RunDescription(**{**figures['run'], 'truth': tuple(figures['run']['truth'])}),
        notes=tuple(figures['notes']))

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

"""Scores of results while they come by, as they would be of the recording."""

from dataclasses import replace
from typing import Any, Callable, Collection, Optional

import numpy as np

from triplenet_ros.bag.live_frames import LiveFrames
from triplenet_ros.bag.live_images import LiveImages
from triplenet_ros.bag.recorded_diagnostics import DiagnosticSeries
from triplenet_ros.bag.recorded_frames import RecordedFrame
from triplenet_ros.bag.score import Scored
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.scored_topics import ScoredTopics
from triplenet_ros.class_mapping import renamed
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.criteria import Criteria
from triplenet_ros.evaluation.drive_events import DriveEvents
from triplenet_ros.evaluation.frame_times import FrameTimes
from triplenet_ros.evaluation.run_scorer import MatchedFrame, RunScorer
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import Event, RunDescription, ScoredRun, Unmatched
from triplenet_ros.evaluation.stamp_matching import match_stamps
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.evaluation.worst import WorstFrame, WorstFrames
from triplenet_ros.sample import Sample

MOST_WAITING = 100
"""Frames of one side that wait for the other; then the oldest are given up as unmatched."""


class LiveScore:
    """
    Scores results against truth while both come, frame by frame.

    Stamps within the tolerance of each other are matched when nothing nearer can come any more,
    so that partners are those that ``RecordingScore`` finds in a recording.

    :param options: of the user; selection and topics do not count here
    :param criteria: to be met
    :param on_frame: called with each scored frame
    """

    def __init__(self, options: ScoreOptions = ScoreOptions(), criteria: Criteria = Criteria(),
                 on_frame: Callable[[ScoredFrame], Any] = lambda frame: None) -> None:
        """Nothing has come."""
        self.results, self.truth = LiveFrames(), LiveFrames()
        self.diagnostics = DiagnosticSeries()
        self.images = LiveImages()
        self.scored = 0
        """How many frames were scored."""
        self._options, self._criteria, self._on_frame = options, criteria, on_frame
        self._scorer: Optional[RunScorer] = None
        self._topics: tuple[ScoredTopics, ...] = ()
        self._worst = WorstFrames(options.worst)
        self._number = 0
        self._unmatched: tuple[list[int], list[int]] = ([], [])
        self._received: dict[int, float] = {}
        self._ages: tuple[list[int], list[float]] = ([], [])
        self._events: list[Event] = []
        self._told = 0

    def running(self) -> dict[str, float]:
        """Return the scores so far, as RunScorer.running."""
        return self._scorer.running() if self._scorer else {}

    @property
    def unmatched(self) -> tuple[int, int]:
        """How many results and how many frames of truth had no partner so far."""
        return len(self._unmatched[0]), len(self._unmatched[1])

    def take_result(self, task: str, stamp: int, frame_id: str, content: Any,
                    received_ns: int) -> None:
        """Take in a message of the results; as LiveFrames.take, and when it came."""
        self.results.take(task, stamp, frame_id, content)
        self._received[stamp] = max((received_ns - stamp) / 1e6, self._received.get(stamp, 0.0))

    def take_image(self, stamp: int, message: Any) -> None:
        """Take in an image message of the camera, for the pictures of the worst frames."""
        self.images.take(stamp, message, self._worst.stamps)

    def take_diagnostics(self, message: Any) -> None:
        """Take in a DiagnosticArray; what it tells befell the newest result."""
        self.diagnostics.take(max(self._received, default=0), message)

    def settle(self, expected: tuple[Collection[str], Collection[str]] = ((), ()),
               everything: bool = False) -> None:
        """
        Score what nothing more can come for.

        :param expected: tasks of the results and of the truth whose topics somebody publishes
        :param everything: whether nothing at all will come any more
        :raises InputError: if classes or sizes contradict each other
        """
        crowded = max(len(self.results.waiting), len(self.truth.waiting)) > MOST_WAITING
        if not (self._scorer or everything or crowded or (
                self.results.named() and self.truth.named())):
            return
        passed = min(self.results.passed(expected[0]), self.truth.passed(expected[1]))
        for results, truth in self._clusters():
            last = max([*results, *truth])
            if not everything and not crowded and last + self._options.tolerance_ns >= passed:
                break
            self._score_cluster(np.array(results, np.int64), np.array(truth, np.int64))
            crowded = max(len(self.results.waiting), len(self.truth.waiting)) > MOST_WAITING

    def finish(self, about: RunDescription = RunDescription()) -> Scored:
        """
        Score what is left and return everything.

        :param about: what is known about the run
        :raises InputError: if no result had any truth
        """
        self.settle(everything=True)
        if self._scorer is None:
            results, truth = self.unmatched
            raise InputError(f'none of the {results} results that came has truth: {truth} frames '
                             'of truth came')
        times, diagnostics = FrameTimes(self._ages[0], {'age': self._ages[1]}), self.diagnostics
        counters = diagnostics.counters
        lonely = [Event(stamp, 'unmatched', 1, 'no truth has this stamp')
                  for stamp in self._unmatched[0]]
        worst = self._worst.ranked()
        run = ScoredRun(
            frames=self._number, scored=self.scored, unmatched=Unmatched(
                *(tuple(stamps) for stamps in self._unmatched),
                doubled_results=tuple(self.results.doubled),
                doubled_truth=tuple(self.truth.doubled)),
            left_out={}, **self._scorer.compute(),
            latency_ms={**diagnostics.latency_ms, **times.percentiles()},
            drops={'images': counters.get('received'), 'processed': self._number,
                   **{key: counters.get(key) for key in ('dropped', 'stale', 'errors')}},
            events=DriveEvents([*diagnostics.events, *lonely]).all,
            worst=tuple(one.frame.stamp_ns for one in worst),
            run=self._described(about), notes=tuple(self._notes()))
        return Scored(replace(run, criteria=self._criteria.verdicts(run)), worst, self._scorer)

    def _clusters(self) -> list[tuple[list[int], list[int]]]:
        """Return stamps of results and truth that may be partners, oldest first."""
        stamps = sorted([(stamp, 0) for stamp in self.results.waiting]
                        + [(stamp, 1) for stamp in self.truth.waiting])
        clusters: list[tuple[list[int], list[int]]] = []
        before = -1
        for stamp, side in stamps:
            if not clusters or stamp - before > self._options.tolerance_ns:
                clusters.append(([], []))
            clusters[-1][side].append(stamp)
            before = stamp
        return clusters

    def _score_cluster(self, results: np.ndarray, truth: np.ndarray) -> None:
        partners = dict(match_stamps(results, truth, self._options.tolerance_ns).pairs.tolist())
        if partners and self._scorer is None:
            self._begin()
        for index, stamp in enumerate(results.tolist()):
            topics = self._topics or (None, None)
            result = self.results.pop(stamp, topics[0] if index in partners else None)
            age = self._received.pop(stamp)
            if index in partners:
                other = int(truth[partners[index]])
                self._score(result, self.truth.pop(other, topics[1]), age)
            else:
                self._unmatched[0].append(stamp)
            self._number += 1
        for stamp in truth.tolist():
            if stamp in self.truth.waiting:
                self.truth.pop(stamp)
                self._unmatched[1].append(stamp)

    def _begin(self) -> None:
        """Fix the classes: from now on they are known."""
        truth = self.truth.topics()
        known = renamed(truth.classes.detection, self._options.rename)
        # Class ids that are names may be those before or after renaming.
        results = self.results.topics((*truth.classes.detection, *known,
                                       *self._options.rename)).only(self._options.tasks)
        self._topics = results, truth
        self._scorer = RunScorer(
            truth.classes, results.classes, threshold=self._options.threshold,
            distances=self._options.distances, rename=self._options.rename)
        self._criteria.check_names(self._scorer.box_names, self._scorer.label_names)

    def _score(self, result: RecordedFrame, other: RecordedFrame, age: float) -> None:
        results, truth = self._topics
        if result.label_map is not None and other.label_map is not None and (
                result.label_map.shape != other.label_map.shape):
            raise InputError(f'the label image at {stamp_text(result.stamp_ns)} is of '
                             f'{result.label_map.shape} pixels, its truth of '
                             f'{other.label_map.shape}: both must be of the same image')
        frame = self._scorer.score(
            self._matched(result, other, age), prediction := result.prediction(results.classes),
            sample := _sample(result, other))
        self.scored += 1
        self._ages[0].append(result.stamp_ns)
        self._ages[1].append(age)
        self._criteria.add(frame)
        self._worst.add(WorstFrame(frame, prediction, sample, truth.classes))
        self._on_frame(frame)

    def _matched(self, result: RecordedFrame, other: RecordedFrame, age: float) -> MatchedFrame:
        told = self.diagnostics.events
        counts: dict[str, int] = {}
        while self._told < len(told) and told[self._told].stamp_ns <= result.stamp_ns:
            event = told[self._told]
            counts[event.kind] = counts.get(event.kind, 0) + event.count
            self._told += 1
        return MatchedFrame(self._number, result.stamp_ns, other.stamp_ns, result.frame_id,
                            {'age': round(age, 3)}, counts)

    def _described(self, about: RunDescription) -> RunDescription:
        told = self.diagnostics.about
        return replace(about, options=self._options.figures(), **{
            key: value for key, value in told.items() if not getattr(about, key)})

    def _notes(self) -> list[str]:
        notes = []
        for side, whose in ((self.results, 'results'), (self.truth, 'truth')):
            notes += [f'{count} {what} of the {whose}' for what, count in side.odd.items()]
            notes += [f'{count} {what} of the {whose} left out: no class is known for it'
                      for what, count in side.unknown.items()]
            if side.late:
                notes.append(f'{len(side.late)} messages of the {whose} came when their turn was '
                             'over, and are not scored')
        return notes


def _sample(result: RecordedFrame, other: RecordedFrame) -> Sample:
    sample = Sample(stamp_text(result.stamp_ns), np.zeros((0, 0, 3), np.uint8),
                    label_map=other.label_map)
    # Without boxes of the result nobody looked for them: its truths are not missed.
    if other.boxes is None or result.boxes is None:
        return sample
    return replace(sample, boxes=other.boxes.boxes, class_ids=other.class_ids,
                   difficult=np.zeros(len(other.boxes.boxes), bool),
                   distances=other.boxes.distances)

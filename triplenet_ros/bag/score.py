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

"""A recording with results against its truth, frame by frame."""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

import numpy as np

from triplenet_ros.bag.bag_index import BagIndex, index_bag
from triplenet_ros.bag.open_truth import joined_classes, open_truth
from triplenet_ros.bag.recorded_frames import received_after, RecordedFrame, RecordedFrames
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.score_plan import make_plan
from triplenet_ros.bag.scored_topics import choose_topics
from triplenet_ros.bag.source import IMAGE_TYPES
from triplenet_ros.bag.truth import Timeline
from triplenet_ros.class_mapping import renamed
from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.criteria import Criteria
from triplenet_ros.evaluation.drive_events import DriveEvents, gaps, on_axis
from triplenet_ros.evaluation.frame_times import FrameTimes
from triplenet_ros.evaluation.run_scorer import MatchedFrame, RunScorer
from triplenet_ros.evaluation.scored_frame import ScoredFrame
from triplenet_ros.evaluation.scored_run import Event, RunDescription, ScoredRun
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.evaluation.worst import WorstFrame, WorstFrames
from triplenet_ros.sample import Sample

_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Scored:
    """
    What came of scoring a recording.

    :param run: all figures
    :param worst: the worst frames, the worst first, without their images
    :param scorer: the scores as they can be merged with those of other recordings
    """

    run: ScoredRun
    worst: list[WorstFrame]
    scorer: RunScorer


@dataclass(frozen=True)
class Measured:
    """
    What is known about a run beside its bag, from whoever ran it.

    :param times: of its frames
    :param drops: as ScoredRun has it; None = what the bag tells
    """

    times: FrameTimes = FrameTimes()
    drops: Optional[Mapping[str, Optional[int]]] = None


class RecordingScore:
    """
    A recording and its truth, opened and matched; nothing is scored yet.

    :param results: bag with results
    :param truth: bags, COCO JSONs, folders of label PNGs
    :param options: of the user
    :param criteria: to be met
    :param measured: what is known beside the bag
    :param progress: called after each message of the recording that is read for its stamp
    :raises InputError: if either cannot be used, nothing matches, or a criterion is about a class
        that is not scored
    """

    def __init__(self, results: Path, truth: Sequence[Path],
                 options: ScoreOptions = ScoreOptions(), criteria: Criteria = Criteria(),
                 measured: Measured = Measured(),
                 progress: Callable[[], Any] = lambda: None) -> None:
        """Read the stamps and match them."""
        self._options, self._criteria, self._measured = options, criteria, measured
        index = index_bag(results, progress)
        # Truth before results: where it has its own trouble that is to be said first.
        self._truth = open_truth(truth, index, options)
        same_bag = any(Path(path).resolve() == results.resolve() for path in truth)
        self._results = RecordedFrames(index, choose_topics(
            index, options.results, False, '--', same_bag).only(options.tasks))
        if not self._results.topics.topics:
            raise InputError(f'{results} has no results of {" and ".join(options.tasks)}')
        self._image = _image_topic(self._results, options.image)
        self._images = index.stamps.get(self._image or '', _NOTHING)
        self._plan = make_plan(self._truth, Timeline(
            self._results.stamps, self._images if len(self._images) else self._results.stamps),
            self._results.doubled, options)
        truth_classes = joined_classes(self._truth)
        self._truth_classes = truth_classes
        self._classes = _known_classes(self._results, truth_classes, options)
        self._scorer = RunScorer(
            truth_classes, self._classes, threshold=options.threshold,
            distances=options.distances, rename=options.rename)
        criteria.check_names(self._scorer.box_names, self._scorer.label_names)
        self.frame_count = len(self._plan.frames)
        """How many frames will be scored."""

    @property
    def path(self) -> Path:
        """Where the results are now."""
        return Path(self._results.index.path)

    @property
    def image_topic(self) -> Optional[str]:
        """Topic of the camera's images, None where there is none."""
        return self._image

    def run(self, on_frame: Callable[[ScoredFrame], Any] = lambda frame: None,
            about: RunDescription = RunDescription()) -> Scored:
        """
        Score the frames, once.

        :param on_frame: called with each scored frame
        :param about: what is known about the run beside the bag
        :raises InputError: if a frame cannot be read or its sizes contradict each other
        """
        times = self._times()
        events = DriveEvents(self._events())
        worst = WorstFrames(self._options.worst)
        with closing(self._pairs()) as pairs:
            for number, recorded, sample in pairs:
                truth_stamp = self._plan.truth_stamps.get(number)
                matched = MatchedFrame(number, recorded.stamp_ns, truth_stamp,
                                       recorded.frame_id, times.of(recorded.stamp_ns),
                                       events.until(recorded.stamp_ns))
                prediction = recorded.prediction(self._classes)
                frame = self._scorer.score(matched, prediction, sample)
                self._criteria.add(frame)
                worst.add(WorstFrame(frame, prediction, sample, self._truth_classes))
                on_frame(frame)
        return self._scored(times, events, worst.ranked(), about)

    def _pairs(self) -> Iterator[tuple[int, RecordedFrame, Sample]]:
        """Yield number, results and truth of each frame, in the order of the recording."""
        plan, stamps = self._plan, self._results.stamps
        numbers = {int(stamps[number]): number for number in plan.frames}
        for truth, keys in zip(self._truth, plan.keys):
            truth.expect([keys[number] for number in plan.frames if number in keys])
        for recorded in self._results.read(list(numbers)):
            number = numbers[recorded.stamp_ns]
            sample = Sample(stamp_text(recorded.stamp_ns), np.zeros((0, 0, 3), np.uint8))
            for truth, keys in zip(self._truth, plan.keys):
                if number in keys:
                    sample = _with(sample, truth.sample(keys[number]))
                    self._check_size(recorded, sample, truth.size(keys[number]))
            if recorded.boxes is None:
                # Nobody looked for boxes in this frame: its truths are not missed.
                sample = replace(sample, boxes=None)
            yield number, recorded, sample

    def _check_size(self, recorded: RecordedFrame, sample: Sample,
                    told: Optional[tuple[int, int]]) -> None:
        labels = recorded.label_map
        own = labels.shape if labels is not None else \
            self._results.index.sizes.get(self._image or '')
        other = sample.label_map.shape if sample.label_map is not None else told
        if own is not None and other is not None and tuple(own) != tuple(other):
            raise InputError(
                f'the frame at {stamp_text(recorded.stamp_ns)} is {own[1]}x{own[0]} pixels in '
                f'{self._results.index.path}, its truth is of {other[1]}x{other[0]}: both must be '
                'of the same image')

    def _times(self) -> FrameTimes:
        return self._measured.times if self._measured.times else received_after(self._results)

    def _events(self) -> list[Event]:
        index, results = self._results.index, self._results
        told = index.diagnostics.events
        if index.diagnostics.counters:
            topic = results.topics.topics[0]
            events = on_axis(told, index.received[topic], index.stamps[topic])
        else:
            events = gaps(self._images, results.stamps) if len(self._images) else []
        lonely = [Event(stamp, 'unmatched', 1, 'no truth has this stamp')
                  for stamp in self._plan.unmatched.results]
        return [*events, *lonely]

    def _drops(self) -> dict[str, Optional[int]]:
        if self._measured.drops is not None:
            return dict(self._measured.drops)
        counters, images = self._results.index.diagnostics.counters, len(set(
            self._images.tolist()))
        results = len(self._results.stamps)
        lost = max(images - results, 0) if images else None
        return {'images': counters.get('received', images or None), 'processed': results,
                'dropped': counters.get('dropped', lost), 'stale': counters.get('stale'),
                'errors': counters.get('errors')}

    def _scored(self, times: FrameTimes, events: DriveEvents, worst: list[WorstFrame],
                about: RunDescription) -> Scored:
        plan, index = self._plan, self._results.index
        run = ScoredRun(
            frames=plan.results, scored=len(plan.frames), unmatched=plan.unmatched,
            left_out=plan.left_out, **self._scorer.compute(),
            latency_ms={**index.diagnostics.latency_ms, **times.percentiles()},
            drops=self._drops(), events=events.all,
            worst=tuple(one.frame.stamp_ns for one in worst), run=self._described(about),
            notes=tuple(self._notes()))
        return Scored(replace(run, criteria=self._criteria.verdicts(run)), worst, self._scorer)

    def _described(self, about: RunDescription) -> RunDescription:
        topics = {'image': self._image, 'detections': self._results.topics.detections,
                  'labels': self._results.topics.labels}
        told = self._results.index.diagnostics.about
        return replace(
            about, **{key: value for key, value in told.items() if not getattr(about, key)},
            results=about.results or str(self._results.index.path),
            truth=tuple(truth.description for truth in self._truth),
            topics={key: topic for key, topic in topics.items() if topic},
            options=self._options.figures())

    def _notes(self) -> list[str]:
        notes = [*self._results.index.notes, *self._results.notes('results')]
        for truth in self._truth:
            notes += truth.notes()
        if self._results.topics.open_names:
            notes.append('the results name no list of their classes: all classes of the truth '
                         'are scored')
        return notes


def _with(sample: Sample, other: Sample) -> Sample:
    """Return a sample with the truth of another one beside its own."""
    there = {key: value for key, value in vars(other).items()
             if value is not None and key not in ('name', 'image')}
    return replace(sample, **there)


def _known_classes(results: RecordedFrames, truth: ClassSet, options: ScoreOptions) -> ClassSet:
    """Return the classes of the results; where no list names them, the truth's are known too."""
    classes = results.topics.classes
    if not results.topics.open_names:
        return classes
    known = renamed(classes.detection, options.rename)
    more = tuple(name for name in renamed(truth.detection, options.rename) if name not in known)
    return replace(classes, detection=classes.detection + more)


def _image_topic(results: RecordedFrames, named: Optional[str]) -> Optional[str]:
    """Return the topic of images that the results are about: most have their stamps."""
    index: BagIndex = results.index
    if named is not None:
        if named not in index.stamps:
            raise InputError(f'{index.path} has no images on {named}; its topics are '
                             f'{", ".join(sorted(index.types)) or "none"}')
        return named
    # What stands beside the results is made of images, and is none of the camera's.
    beside = {topic.rpartition('/')[0] + '/' for topic in results.topics.topics} - {'/'}
    shared = {topic: len(np.intersect1d(index.stamps[topic], results.stamps))
              for topic in index.topics(*IMAGE_TYPES)
              if topic not in results.topics.topics and not topic.startswith(tuple(beside))
              and not _made_by_people(topic)}
    best = max(shared, key=lambda topic: shared[topic], default=None)
    return best if best is not None and 2 * shared[best] >= len(results.stamps) else None


def _made_by_people(topic: str) -> bool:
    return topic.rpartition('/')[2] in ('label_image', 'labels')

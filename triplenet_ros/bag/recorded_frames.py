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

"""Boxes and labels of a bag, put together by their stamps."""

from collections import Counter
from dataclasses import dataclass
from typing import Iterator, Optional, Sequence

import numpy as np

from triplenet_ros.bag.bag_index import BagIndex, deserialised, stamp_in
from triplenet_ros.bag.recording import open_recording
from triplenet_ros.bag.scored_topics import ScoredTopics
from triplenet_ros.bag.stored import StoredMessage
from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.frame_times import FrameTimes
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages.results import BoxMessage, read_boxes, read_label_image

_NO_MEASURE_MS = 60_000


@dataclass(frozen=True)
class RecordedFrame:
    """
    What one side of a bag has for one stamp.

    :param stamp_ns: nanoseconds
    :param frame_id: coordinate frame of the header
    :param boxes: those of known classes, None where no message of boxes has this stamp
    :param class_ids: (N,) int64, index into the classes of the topics; None as above
    :param label_map: (H, W) uint8, index into the classes, 255 = unlabelled; None as above
    """

    stamp_ns: int
    frame_id: str
    boxes: Optional[BoxMessage]
    class_ids: Optional[np.ndarray]
    label_map: Optional[np.ndarray]

    def prediction(self, classes: ClassSet) -> Prediction:
        """
        Return it as what was predicted; what is not there is nothing found.

        :param classes: of its topics
        """
        boxes, ids = self.boxes, self.class_ids
        return Prediction(
            boxes=np.zeros((0, 4), np.float32) if boxes is None else boxes.boxes,
            scores=np.zeros(0, np.float32) if boxes is None else boxes.scores,
            class_ids=np.zeros(0, np.int64) if ids is None else ids, label_map=self.label_map,
            confidence=None, classes=classes)


class RecordedFrames:
    """
    The frames of one side, by their stamps.

    Of messages of one topic with the same stamp the first one counts.

    :param index: of the bag
    :param topics: of this side
    """

    def __init__(self, index: BagIndex, topics: ScoredTopics) -> None:
        """Find the stamps; nothing is decoded yet."""
        self.index, self.topics = index, topics
        each = {topic: index.stamps.get(topic, np.zeros(0, np.int64)) for topic in topics.topics}
        self._unique = {topic: set(stamps.tolist()) for topic, stamps in each.items()}
        self.stamps = np.array(sorted(set().union(*self._unique.values())), np.int64)
        """(N,) int64 nanoseconds, rising, each once."""
        self.doubled = np.array(sorted({stamp for stamps in each.values() for stamp, count in
                                        Counter(stamps.tolist()).items() if count > 1}), np.int64)
        """Stamps that came again on a topic."""
        self.unknown: Counter = Counter()
        """Class id or label that nothing names -> boxes or pixels that were left out."""
        self.odd: Counter = Counter()
        """What was odd about boxes -> how many."""

    def read(self, wanted: Sequence[int]) -> Iterator[RecordedFrame]:
        """
        Yield the frames of these stamps once, in the order in which they became whole.

        :raises InputError: if a message cannot be read
        """
        left = set(wanted)
        parts: dict[int, dict[str, StoredMessage]] = {}
        recording = open_recording(self.index.path)
        try:
            for message in recording.messages():
                topic = message.channel.topic
                if topic not in self._unique:
                    continue
                stamp = stamp_in(message)
                if stamp not in left:
                    continue
                frame = parts.setdefault(stamp, {})
                frame.setdefault(topic, message)
                if len(frame) == sum(stamp in stamps for stamps in self._unique.values()):
                    left.remove(stamp)
                    yield self._frame(stamp, parts.pop(stamp))
        finally:
            recording.close()

    def _frame(self, stamp: int, messages: dict[str, StoredMessage]) -> RecordedFrame:
        boxes = class_ids = label_map = None
        frame_id = ''
        for topic, stored in messages.items():
            message = deserialised(stored)
            frame_id = message.header.frame_id
            try:
                if topic == self.topics.detections:
                    boxes, class_ids = known_boxes(read_boxes(message), self.topics,
                                                   self.unknown, self.odd)
                else:
                    label_map = known_labels(read_label_image(message), self.topics,
                                             self.unknown)
            except InputError as error:
                raise InputError(f'{topic} in {self.index.path} at {stamp_text(stamp)}: '
                                 f'{error}') from error
        return RecordedFrame(stamp, frame_id, boxes, class_ids, label_map)

    def notes(self, whose: str) -> list[str]:
        """
        Return lines about what was left out or odd so far.

        :param whose: results or truth
        """
        lines = [f'{count} {what} of the {whose}' for what, count in self.odd.items()]
        lines += [f'{count} {what} of the {whose} left out: no class is known for it'
                  for what, count in self.unknown.items()]
        return lines


def known_boxes(message: BoxMessage, topics: ScoredTopics, unknown: Counter,
                odd: Counter) -> tuple[BoxMessage, np.ndarray]:
    """
    Return the boxes whose classes are known, and their classes.

    :param message: all boxes
    :param topics: with the classes
    :param unknown: counts the others by their class id
    :param odd: counts turned boxes and detections without hypothesis
    :returns: boxes, and (N,) int64 index into the classes
    """
    odd.update({what: count for what, count in (
        ('boxes stand at an angle, the upright boxes around them are scored', message.turned),
        ('detections without a hypothesis left out', message.nameless)) if count})
    numbers = [topics.class_ids.get(one, -1) for one in message.class_ids]
    if -1 in numbers:
        unknown.update(f'boxes of class {name!r}' for name, number in zip(
            message.class_ids, numbers) if number < 0)
    ids = np.array(numbers, np.int64)
    known = ids >= 0
    return BoxMessage(message.boxes[known], message.scores[known],
                      tuple(np.array(message.class_ids, object)[known]),
                      message.distances[known]), ids[known]


def known_labels(labels: np.ndarray, topics: ScoredTopics, unknown: Counter) -> np.ndarray:
    """
    Return labels as indices into the classes.

    :param labels: (H, W) uint8 as in the message
    :param topics: with the classes
    :param unknown: counts the pixels of labels that nothing names, 255 aside
    """
    known = topics.lookup[labels]
    lost = (known == 255) & (labels != 255)
    if lost.any():
        values, counts = np.unique(labels[lost], return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist()):
            unknown[f'pixels of label {value}'] += count
    return known


def received_after(frames: RecordedFrames) -> FrameTimes:
    """
    Return how long after its stamp the last message of each frame was recorded, as stage ``age``.

    :returns: nothing where the times are no measure: 0 or below, as in a replay, or of another
        clock than the stamps, more than a minute after them
    """
    topics = frames.topics.topics
    stamps, ages = (np.concatenate([part.get(topic, np.zeros(0, np.int64)) for topic in topics])
                    for part in (frames.index.stamps, frames.index.received))
    ages = ages - stamps
    # The last of a frame's messages is the one that counts.
    order = np.lexsort((-ages, stamps))
    unique, first = np.unique(stamps[order], return_index=True)
    ages = ages[order][first] / 1e6
    if not len(ages) or ages.max() <= 0 or not 0 <= np.median(ages) <= _NO_MEASURE_MS:
        return FrameTimes()
    return FrameTimes(unique, {'age': ages})

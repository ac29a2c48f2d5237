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

"""Boxes and labels that come by live, put together by their stamps."""

from collections import Counter
from typing import Any, Collection, Mapping, Optional

from triplenet_ros.bag.recorded_frames import known_boxes, known_labels, RecordedFrame
from triplenet_ros.bag.scored_topics import named_topics, ScoredTopics

BOXES, LABELS = 'detections', 'labels'


class LiveFrames:
    """
    The frames of one side while they come.

    A topic brings its stamps in order; so a frame is whole when each topic has brought its stamp
    or a later one.
    """

    def __init__(self) -> None:
        """Nothing has come."""
        self.names: dict[str, Mapping[Any, str]] = {}
        """Task -> id -> name, as far as it was told."""
        self.doubled: list[int] = []
        """Stamps that came again."""
        self.late: list[int] = []
        """Stamps that came when their turn was over."""
        self.waiting: dict[int, dict[str, Any]] = {}
        """Stamp -> what has come of a frame that is not done."""
        self.unknown: Counter = Counter()
        self.odd: Counter = Counter()
        self._frame_ids: dict[int, str] = {}
        self._newest: dict[str, int] = {}
        self._done = -1

    def take(self, task: str, stamp: int, frame_id: str, content: Any) -> None:
        """
        Take in a message.

        :param task: BOXES or LABELS
        :param stamp: of its header, nanoseconds
        :param frame_id: of its header
        :param content: BoxMessage, or (H, W) uint8 labels
        """
        self._newest[task] = max(stamp, self._newest.get(task, stamp))
        if stamp <= self._done:
            self.late.append(stamp)
        elif task in self.waiting.get(stamp, {}):
            self.doubled.append(stamp)
        else:
            self.waiting.setdefault(stamp, {})[task] = content
            self._frame_ids[stamp] = frame_id

    def passed(self, expected: Collection[str]) -> int:
        """
        Return the stamp before which nothing more can come, -1 for none.

        :param expected: tasks whose topics somebody publishes
        """
        tasks = {*self._newest, *expected}
        return min((self._newest.get(task, -1) for task in tasks), default=-1)

    def pop(self, stamp: int, topics: Optional[ScoredTopics] = None) -> RecordedFrame:
        """
        Return what has come of a frame, which is done then.

        :param topics: with the classes; None = nobody wants to know
        """
        parts = self.waiting.pop(stamp)
        self._done = max(self._done, stamp)
        frame_id = self._frame_ids.pop(stamp)
        if topics is None:
            return RecordedFrame(stamp, frame_id, None, None, None)
        boxes = ids = labels = None
        if BOXES in parts and topics.detections is not None:
            boxes, ids = known_boxes(parts[BOXES], topics, self.unknown, self.odd)
        if LABELS in parts and topics.labels is not None:
            labels = known_labels(parts[LABELS], topics, self.unknown)
        return RecordedFrame(stamp, frame_id, boxes, ids, labels)

    def named(self) -> bool:
        """Tell whether all that has come has names for its classes."""
        return all(task in self.names for task in self._newest)

    def topics(self, more: Collection[str] = ()) -> ScoredTopics:
        """
        Return the classes of what has come.

        :param more: names of boxes' classes where nobody told any: class ids are names then
        """
        open_names = BOXES in self._newest and BOXES not in self.names
        names = {name: name for name in more} if open_names else self.names.get(BOXES, {})
        return named_topics(
            BOXES if BOXES in self._newest else None,
            LABELS if LABELS in self._newest and LABELS in self.names else None,
            names, self.names.get(LABELS, {}), open_names)

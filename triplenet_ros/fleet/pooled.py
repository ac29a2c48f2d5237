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

"""Scores over the frames of many recordings together, from their frames.jsonl."""

from collections import Counter, defaultdict
from typing import Any, Iterable, Optional

import numpy as np

from triplenet_ros.evaluation.detection import area_under_curve, precision_recall
from triplenet_ros.evaluation.scored_frame import (FrameDetection, FrameSegmentation, ScoredFrame)


class PooledScores:
    """Adds up what can be added: counts of boxes and pixels, and the boxes with their scores."""

    def __init__(self) -> None:
        """Begin with no frame."""
        self.frames = 0
        self._counts: Counter = Counter()
        self._truths: Counter = Counter()
        self._boxes: defaultdict[str, list[np.ndarray]] = defaultdict(list)
        self._pixels: dict[str, np.ndarray] = {}

    def add(self, frames: Iterable[ScoredFrame]) -> None:
        """Add the frames of a recording."""
        for frame in frames:
            self.frames += 1
            if frame.detection is not None:
                self._add_boxes(frame.detection)
            if frame.segmentation is not None:
                self._add_labels(frame.segmentation)

    def _add_boxes(self, boxes: FrameDetection) -> None:
        self._counts.update({key: getattr(boxes, key) for key in ('truths', 'found', 'wrong')})
        self._truths.update({name: row['truths'] for name, row in boxes.per_class.items()})
        for name, outcomes in boxes.boxes.items():
            if outcomes:
                self._boxes[name].append(np.array(outcomes, np.float32))

    def _add_labels(self, labels: FrameSegmentation) -> None:
        for name, pixels in labels.pixels.items():
            self._pixels[name] = self._pixels.get(name, 0) + np.array(pixels, np.int64)

    def compute(self) -> dict[str, Optional[float]]:
        """Return mAP50 and F1 of the boxes and mIoU of the labels, as far as there is truth."""
        scores: dict[str, Optional[float]] = {}
        if self._counts:
            scores['mAP50'], scores['F1'] = self._mean_ap(), self._f1()
        if self._pixels:
            scores['mIoU'] = float(np.mean([
                right / (true + predicted - right)
                for right, true, predicted in self._pixels.values()]))
        return scores

    def _mean_ap(self) -> Optional[float]:
        aps = [self._ap(name, truths) for name, truths in self._truths.items() if truths]
        return float(np.mean(aps)) if aps else None

    def _ap(self, name: str, truths: int) -> float:
        boxes = np.concatenate([np.zeros((0, 2), np.float32), *self._boxes[name]])
        return area_under_curve(*precision_recall(boxes[:, 0], boxes[:, 1].astype(int), truths))

    def _f1(self) -> Optional[float]:
        counts: Any = self._counts
        boxes = counts['found'] + counts['wrong'] + counts['truths']
        return 2 * counts['found'] / boxes if boxes else None

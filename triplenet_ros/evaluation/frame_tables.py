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

"""The frames of a scored run as arrays, from which scores of any choice of them can be made."""

from array import array
from dataclasses import dataclass
from typing import Iterable, Sequence

import numpy as np

from triplenet_ros.evaluation.detection import envelope, FOUND, WRONG
from triplenet_ros.evaluation.scored_frame import ScoredFrame

_POINT = ('truths', 'found', 'wrong')


@dataclass(frozen=True)
class _Boxes:
    """
    The boxes of one class, best first.

    :param frames: (B,) int64 index of the frame of each
    :param found: (B,) bool
    :param wrong: (B,) bool
    """

    frames: np.ndarray
    found: np.ndarray
    wrong: np.ndarray


class FrameTables:
    """
    Counts of each frame, class by class.

    :param stamps: (N,) int64 nanoseconds, rising, of the frames that are taken in
    :param frames: these and others, in any order, each stamp once
    :param boxes: names of boxes' classes
    :param labels: names of labels
    """

    def __init__(self, stamps: np.ndarray, frames: Iterable[ScoredFrame],
                 boxes: Sequence[str], labels: Sequence[str]) -> None:
        """Take the frames in, one at a time."""
        self.names, self.labels = tuple(boxes), tuple(labels)
        self.scores = np.full(len(stamps), np.nan)
        """(N,) score of each frame, nan where it has none."""
        self.points = np.zeros((len(stamps), len(boxes), 3), np.int64)
        """(N, K, 3) truths, found and wrong boxes at the operating threshold."""
        self.pixels = np.zeros((len(stamps), len(labels), 3), np.int64)
        """(N, L, 3) pixels that are right, in the truth, and in the prediction."""
        found = {name: array('d') for name in boxes}
        for frame in frames:
            place = int(np.searchsorted(stamps, frame.stamp_ns))
            if place < len(stamps) and stamps[place] == frame.stamp_ns:
                self._take(place, frame, found)
        self._boxes = [_sorted_boxes(found[name]) for name in boxes]

    def _take(self, place: int, frame: ScoredFrame, found: dict[str, array]) -> None:
        if frame.score is not None:
            self.scores[place] = frame.score
        if frame.detection is not None:
            for index, name in enumerate(self.names):
                counts = frame.detection.per_class.get(name)
                if counts:
                    self.points[place, index] = [counts[key] for key in _POINT]
                for score, outcome in frame.detection.boxes.get(name, ()):
                    found[name].extend((place, score, outcome))
        if frame.segmentation is not None:
            for index, name in enumerate(self.labels):
                self.pixels[place, index] = frame.segmentation.pixels.get(name, 0)

    def metrics(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """
        Return the scores of choices of the frames.

        :param weights: (C, N) how often each frame is in each choice
        :returns: metric -> (C,), nan where there is nothing to divide by: mAP50, precision,
            recall, mIoU, pixel_accuracy, and ``AP50 of NAME`` and so on of each class
        """
        weights = np.asarray(weights, np.float64)
        figures: dict[str, np.ndarray] = {}
        if self.names:
            self._add_box_metrics(weights, figures)
        if self.labels:
            self._add_label_metrics(weights, figures)
        return figures

    def _add_box_metrics(self, weights: np.ndarray, figures: dict[str, np.ndarray]) -> None:
        counts = np.tensordot(weights, self.points, 1)  # (C, K, 3)
        aps = np.stack([self._average_precision(index, weights, counts[:, index, 0])
                        for index in range(len(self.names))], axis=1)
        figures['mAP50'] = _mean(aps)
        truths, found, wrong = np.moveaxis(counts.sum(axis=1), -1, 0)
        figures['precision'] = _ratio(found, found + wrong)
        figures['recall'] = _ratio(found, truths)
        for index, name in enumerate(self.names):
            truths, found, wrong = np.moveaxis(counts[:, index], -1, 0)
            figures[f'AP50 of {name}'] = aps[:, index]
            figures[f'precision of {name}'] = _ratio(found, found + wrong)
            figures[f'recall of {name}'] = _ratio(found, truths)

    def _average_precision(self, index: int, weights: np.ndarray,
                           truths: np.ndarray) -> np.ndarray:
        boxes, values = self._boxes[index], np.full(len(weights), np.nan)
        for choice in np.flatnonzero(truths):
            weight = weights[choice, boxes.frames]
            found, wrong = weight * boxes.found, weight * boxes.wrong
            right, all_counted = np.cumsum(found), np.cumsum(found + wrong)
            precision = right / np.maximum(all_counted, 1)
            values[choice] = (found * envelope(precision)).sum() / truths[choice]
        return values

    def _add_label_metrics(self, weights: np.ndarray, figures: dict[str, np.ndarray]) -> None:
        right, truth, predicted = np.moveaxis(np.tensordot(weights, self.pixels, 1), -1, 0)
        overlap = _ratio(right, truth + predicted - right)
        figures['mIoU'] = _mean(overlap)
        figures['pixel_accuracy'] = _ratio(right.sum(axis=1), truth.sum(axis=1))
        for index, name in enumerate(self.labels):
            figures[f'IoU of {name}'] = overlap[:, index]


def _sorted_boxes(rows: array) -> _Boxes:
    """Sort rows of frame, score and outcome; of equal scores the earlier frame's comes first."""
    frames, scores, outcomes = np.array(rows, np.float64).reshape(-1, 3).T
    order = np.lexsort((frames, -scores))
    return _Boxes(frames[order].astype(np.int64), outcomes[order] == FOUND,
                  outcomes[order] == WRONG)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of each row over what is known."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))

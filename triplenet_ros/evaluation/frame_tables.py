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
from itertools import zip_longest
from typing import Callable, Iterable, Sequence

import numpy as np

from triplenet_ros.evaluation.coco_matching import IOU_THRESHOLDS
from triplenet_ros.evaluation.detection import FOUND, IGNORED
from triplenet_ros.evaluation.ranked_boxes import RankedBoxes
from triplenet_ros.evaluation.scored_frame import ScoredFrame

_POINT = ('truths', 'found', 'wrong')


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
        self.has_coco = True
        """Whether each frame tells what its boxes are by COCO's rules."""
        found = {name: array('d') for name in boxes}
        for frame in frames:
            place = int(np.searchsorted(stamps, frame.stamp_ns))
            if place < len(stamps) and stamps[place] == frame.stamp_ns:
                self._take(place, frame, found)
        self._boxes = [_ranked(found[name]) for name in boxes]

    def _take(self, place: int, frame: ScoredFrame, found: dict[str, array]) -> None:
        if frame.score is not None:
            self.scores[place] = frame.score
        if frame.detection is not None:
            self.has_coco &= frame.detection.coco is not None
            for index, name in enumerate(self.names):
                counts = frame.detection.per_class.get(name)
                if counts:
                    self.points[place, index] = [counts[key] for key in _POINT]
                bits = (frame.detection.coco or {}).get(name, ())
                for (score, outcome), one in zip_longest(
                        frame.detection.boxes.get(name, ()), bits, fillvalue=-1):
                    found[name].extend((place, score, outcome, one))
        if frame.segmentation is not None:
            for index, name in enumerate(self.labels):
                self.pixels[place, index] = frame.segmentation.pixels.get(name, 0)

    def metrics(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        """
        Return the scores of choices of the frames.

        :param weights: (C, N) how often each frame is in each choice
        :returns: metric -> (C,), nan where there is nothing to divide by: mAP50, AP, precision,
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
        aps = {'AP50': self._precisions(weights, counts[..., 0], RankedBoxes.voc, 0)}
        figures['mAP50'] = _mean(aps['AP50'])
        if self.has_coco:
            aps['AP'] = self._precisions(weights, counts[..., 0], RankedBoxes.coco, 1)
            figures['AP'] = _mean(aps['AP'])
        truths, found, wrong = np.moveaxis(counts.sum(axis=1), -1, 0)
        figures['precision'] = _ratio(found, found + wrong)
        figures['recall'] = _ratio(found, truths)
        for index, name in enumerate(self.names):
            truths, found, wrong = np.moveaxis(counts[:, index], -1, 0)
            figures.update({f'{key} of {name}': value[:, index] for key, value in aps.items()})
            figures[f'precision of {name}'] = _ratio(found, found + wrong)
            figures[f'recall of {name}'] = _ratio(found, truths)

    def _precisions(self, weights: np.ndarray, truths: np.ndarray, metric: Callable,
                    which: int) -> np.ndarray:
        """Return (C, K) average precision."""
        return np.stack([metric(boxes[which], weights, truths[:, index])
                         for index, boxes in enumerate(self._boxes)], axis=1)

    def _add_label_metrics(self, weights: np.ndarray, figures: dict[str, np.ndarray]) -> None:
        right, truth, predicted = np.moveaxis(np.tensordot(weights, self.pixels, 1), -1, 0)
        overlap = _ratio(right, truth + predicted - right)
        figures['mIoU'] = _mean(overlap)
        figures['pixel_accuracy'] = _ratio(right.sum(axis=1), truth.sum(axis=1))
        for index, name in enumerate(self.labels):
            figures[f'IoU of {name}'] = overlap[:, index]


def _ranked(rows: array) -> tuple[RankedBoxes, RankedBoxes]:
    """
    Rank boxes by VOC's outcome and by COCO's; of equal scores the earlier frame's comes first.

    :param rows: frame, score, outcome and COCO's bits, -1 where it does not count there
    """
    table = np.array(rows, np.float64).reshape(-1, 4)
    table = table[np.lexsort((table[:, 0], -table[:, 1]))]
    outcomes, bits = table[:, 2, None], table[:, 3].astype(np.int64)
    coco, steps = table[bits >= 0], np.arange(2 * len(IOU_THRESHOLDS))
    states = (bits[bits >= 0, None] >> steps & 1).astype(bool)
    return (RankedBoxes(table[:, 0].astype(np.int64), outcomes == FOUND, outcomes == IGNORED),
            RankedBoxes(coco[:, 0].astype(np.int64), *np.hsplit(states, 2)))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of each row over what is known."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))

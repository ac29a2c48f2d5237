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

"""Overlap of label maps: intersection over union, and pixel accuracy."""

from typing import Any

import numpy as np

from triplenet_ros.evaluation.calibration import Reliability
from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample


class LabelOverlap:
    """
    Confusion of labels over images that are fed one by one, at the images' own resolution.

    Pixels whose truth is unlabelled, or of a class that the network does not know, are left out.
    A prediction that is unlabelled or of a class that the truth does not have is wrong.

    :param classes: what is scored
    """

    def __init__(self, classes: SharedClasses) -> None:
        """Start with no image."""
        self._classes = classes
        self._pixels = np.zeros(256 * 256, np.int64)
        self.reliability = Reliability()
        """Of the pixels whose confidence was given."""

    @property
    def confusion(self) -> np.ndarray:
        """(K, K + 1) int64 pixels: row = truth, column = prediction, the last one = no class."""
        count = len(self._classes.names)
        confusion = np.zeros((count + 1, count + 1), np.int64)
        # Few of the pairs occur: to look at them alone is quick enough for every frame.
        there = np.flatnonzero(self._pixels)
        truth = _table(self._classes.of_truth, count)[there >> 8]
        predicted = _table(self._classes.of_prediction, count)[there & 255]
        np.add.at(confusion, (truth, predicted), self._pixels[there])
        return confusion[:count]

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: its label_map must not be None
        :param sample: its label_map must not be None and have the same size
        """
        if prediction.label_map.shape != sample.label_map.shape:
            raise ValueError(f'{sample.name}: label map of {prediction.label_map.shape} against '
                             f'a truth of {sample.label_map.shape}')
        # One number per pair of labels, which compute() translates once: quick for large images.
        pairs = (sample.label_map.astype(np.uint16) << 8) | prediction.label_map
        self._pixels += np.bincount(pairs.ravel(), minlength=self._pixels.size)
        if prediction.confidence is not None:
            self._add_confidence(prediction, sample)

    def _add_confidence(self, prediction: Prediction, sample: Sample) -> None:
        count = len(self._classes.names)
        truth = _table(self._classes.of_truth, count)[sample.label_map]
        predicted = _table(self._classes.of_prediction, count)[prediction.label_map]
        scored = truth != count
        self.reliability.add(prediction.confidence[scored], (truth == predicted)[scored])

    def merge(self, later: 'LabelOverlap') -> None:
        """
        Add the images of another one.

        :param later: of the same classes
        """
        self._pixels += later._pixels
        self.reliability.merge(later.reliability)

    def compute(self) -> dict[str, Any]:
        """
        Return the scores so far.

        :returns: mIoU over the classes that occur in truth or prediction, pixel_accuracy, ECE
            where confidences were given, and per_class: name -> IoU; nan where a class occurs in
            neither, or there is no pixel
        """
        confusion = self.confusion
        right = np.diagonal(confusion)
        either = confusion.sum(axis=1) + confusion.sum(axis=0)[:-1] - right
        overlap = _ratio(right, either)
        occurring = overlap[either > 0]
        return {
            'mIoU': float(occurring.mean()) if occurring.size else float('nan'),
            'pixel_accuracy': float(_ratio(right.sum(), confusion.sum())),
            'ECE': self.reliability.error(),
            'per_class': {name: float(value) for name, value in zip(self._classes.names, overlap)}}


def _table(lookup: np.ndarray, other: int) -> np.ndarray:
    table = np.full(256, other, np.int64)
    table[:len(lookup)] = np.where(lookup == OTHER, other, lookup)
    return table


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    whole = np.asarray(whole)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)

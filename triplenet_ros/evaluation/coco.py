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

"""
Average precision and recall of boxes as COCO defines them.

Not by one of the COCO libraries: those keep all boxes as Python objects until the end, 39 kB of a
frame, and an hour of them fills 4 GB. Here 21 bytes of a box stay, and what each frame adds is
known, which intervals need. The tests compare with pycocotools.
"""

from itertools import product
from typing import Any

import numpy as np

from triplenet_ros.evaluation.coco_matching import (
    AREAS, CocoTruths, IOU_THRESHOLDS, match_boxes)
from triplenet_ros.evaluation.detection import mean_of_known, mean_precision
from triplenet_ros.evaluation.growing_rows import GrowingRows
from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

MOST_BOXES = 100
"""Of a class in an image; those with lower scores do not count."""

RECALLS = np.linspace(0, 1, 101)
"""(101,) where precision is looked up."""

_FEWER_BOXES = (1, 10)
_STATES = len(AREAS) * len(IOU_THRESHOLDS)
_BYTES = _STATES // 8
_ROW = np.dtype([('image', np.int32), ('class_id', np.int16), ('place', np.uint8),
                 ('score', np.float32), ('found', np.uint8, _BYTES),
                 ('neither', np.uint8, _BYTES)])
"""
A box: its place among those of its class in the image, and a bit for each area and overlap,
whether it found a truth and whether it counts neither way. There may be millions.
"""


class CocoAP:
    """
    COCO average precision over images that are fed one by one.

    Of each class the 100 best boxes of an image count. Objects are small, medium or large by their
    mask where its area is known, by their box where it is not. Difficult truths are treated as
    COCO's crowds: boxes on them count neither way. Of equal scores the one on the image whose
    name is first counts first, as the COCO tools go by the ids that COCO's names are made of.

    :param classes: what is scored
    """

    def __init__(self, classes: SharedClasses) -> None:
        """Start with no image."""
        self._classes = classes
        self._names: list[str] = []
        self._truths = np.zeros((len(classes.names), len(AREAS)), np.int64)
        self._boxes = GrowingRows(_ROW)

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: what was found, in the sample's pixels
        :param sample: the truth; its boxes must not be None
        """
        truths = self._counted_truths(sample)
        np.add.at(self._truths, truths.class_ids, truths.counted().T)
        self._boxes.append(self._rows(prediction, truths))
        self._names.append(sample.name)

    def merge(self, later: 'CocoAP') -> None:
        """
        Add the images of another one.

        :param later: of the same classes; its images count as fed after these
        """
        rows = later._boxes.joined().copy()
        rows['image'] += len(self._names)
        self._boxes.append(rows)
        self._truths += later._truths
        self._names += later._names

    def compute(self) -> dict[str, Any]:
        """
        Return the scores so far.

        :returns: AP (IoU 0.50 to 0.95), AP50, AP75, APs, APm, APl; the recalls AR1, AR10, AR100
            (so many boxes per image and class), ARs, ARm, ARl; each the mean over the classes
            with truth; and per_class: name -> AP; nan where there is no truth
        """
        # (class, area, IoU) precision and recall; then recall of few boxes (class, number, IoU).
        precision, recall, few = self._evaluated()
        values = {
            'AP': precision[:, 0], 'AP50': precision[:, 0, 0], 'AP75': precision[:, 0, 5],
            'APs': precision[:, 1], 'APm': precision[:, 2], 'APl': precision[:, 3],
            'AR1': few[:, 0], 'AR10': few[:, 1], 'AR100': recall[:, 0],
            'ARs': recall[:, 1], 'ARm': recall[:, 2], 'ARl': recall[:, 3]}
        figures: dict[str, Any] = {name: mean_of_known(value) for name, value in values.items()}
        figures['per_class'] = {name: {'AP': mean_of_known(precision[index, 0])}
                                for index, name in enumerate(self._classes.names)}
        return figures

    def outcomes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """
        Return the boxes that count so far, of each image the best first.

        :returns: (N,) class; (N, 10) bool, found a truth at each of IOU_THRESHOLDS; (N, 10) bool,
            counts neither way there
        """
        rows = self._boxes.joined()
        found, neither = (
            np.stack([_state(rows[name], 0, step) for step in range(len(IOU_THRESHOLDS))], axis=1)
            for name in ('found', 'neither'))
        return rows['class_id'].astype(np.int64), found, neither

    def _counted_truths(self, sample: Sample) -> CocoTruths:
        class_ids = self._classes.of_truth[sample.class_ids]
        known = class_ids != OTHER
        boxes = _corner_and_size(sample.boxes[known])
        crowd = np.zeros(len(boxes), bool) if sample.difficult is None \
            else sample.difficult[known].astype(bool)
        areas = boxes[:, 2] * boxes[:, 3] if sample.areas is None else sample.areas[known]
        return CocoTruths(boxes, class_ids[known], areas, crowd)

    def _rows(self, prediction: Prediction, truths: CocoTruths) -> np.ndarray:
        class_ids = self._classes.of_prediction[prediction.class_ids]
        best_first = np.argsort(-prediction.scores, kind='stable')
        best_first = best_first[class_ids[best_first] != OTHER]
        place = _places(class_ids[best_first])
        chosen, place = best_first[place < MOST_BOXES], place[place < MOST_BOXES]
        rows = np.zeros(len(chosen), _ROW)
        rows['image'], rows['class_id'] = len(self._names), class_ids[chosen]
        rows['place'], rows['score'] = place, prediction.scores[chosen]
        states = match_boxes(_corner_and_size(prediction.boxes[chosen]), class_ids[chosen], truths)
        for name, state in zip(('found', 'neither'), states):
            rows[name] = np.packbits(state.reshape(-1, _STATES), axis=1)
        return rows

    def _evaluated(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        shape = (len(self._classes.names), len(AREAS), len(IOU_THRESHOLDS))
        precision, recall = np.full(shape, np.nan), np.full(shape, np.nan)
        few = np.full((shape[0], len(_FEWER_BOXES), shape[2]), np.nan)
        rows = self._ranked()
        for index, truths in enumerate(self._truths):
            own = rows[rows['class_id'] == index]
            for area, step in product(np.flatnonzero(truths), range(shape[2])):
                counts = ~_state(own['neither'], area, step)
                right = _state(own['found'], area, step) & counts
                precision[index, area, step], recall[index, area, step] = _of_ranked(
                    right, counts, truths[area])
                for number, most in enumerate(_FEWER_BOXES if area == 0 else ()):
                    few[index, number, step] = right[own['place'] < most].sum() / truths[0]
        return precision, recall, few

    def _ranked(self) -> np.ndarray:
        """Return all boxes, the best first."""
        rows = self._boxes.joined()
        rank = _image_ranks(self._names)[rows['image']]
        return rows[np.lexsort((rows['place'], rank, -rows['score']))]


def _of_ranked(right: np.ndarray, counts: np.ndarray, truths: int) -> tuple[float, float]:
    """Return the mean precision at RECALLS, and the recall of all."""
    hits, place = np.cumsum(right), np.cumsum(counts)
    if not len(hits):
        return 0.0, 0.0
    return mean_precision(hits / truths, hits / np.maximum(place, 1), RECALLS), hits[-1] / truths


def _state(packed: np.ndarray, area: int, step: int) -> np.ndarray:
    """Return (N,) bool for one area and overlap; all of them at once would be 40 times as much."""
    byte, bit = divmod(area * len(IOU_THRESHOLDS) + step, 8)
    return (packed[:, byte] << bit & 0x80).astype(bool)


def _places(class_ids: np.ndarray) -> np.ndarray:
    """Return how many of the same class stand before each."""
    order = np.argsort(class_ids, kind='stable')
    _, first, count = np.unique(class_ids[order], return_index=True, return_counts=True)
    places = np.empty(len(class_ids), np.int64)
    places[order] = np.arange(len(class_ids)) - np.repeat(first, count)
    return places


def _corner_and_size(boxes: np.ndarray) -> np.ndarray:
    boxes = boxes.astype(np.float64)
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def _image_ranks(names: list[str]) -> np.ndarray:
    # Shorter names first, so that numbers without leading zeros are in order too.
    order = sorted(range(len(names)), key=lambda index: (len(names[index]), names[index]))
    ranks = np.empty(len(names), np.int64)
    ranks[order] = np.arange(len(names))
    return ranks

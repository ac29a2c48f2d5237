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

"""The boxes of one frame at the operating threshold, each against the truth it went to."""

from dataclasses import dataclass

import numpy as np

from triplenet_ros.evaluation.detection import assign_boxes, FOUND, IGNORED, overlaps, WRONG
from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

IOU_THRESHOLD = 0.5


@dataclass(frozen=True)
class FrameBoxes:
    """
    Boxes and truths of shared classes; difficult truths and the boxes on them are left out.

    :param scores: (N,) float32, the best first
    :param class_ids: (N,) int64 shared classes
    :param truth_ids: (M,) int64 shared classes
    :param distances: (M,) float32 metres, nan = unknown
    :param overlap: (N, M) float64 IoU
    :param finds: (N,) int64 truth that the box found, -1 = it is wrong
    """

    scores: np.ndarray
    class_ids: np.ndarray
    truth_ids: np.ndarray
    distances: np.ndarray
    overlap: np.ndarray
    finds: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """(M,) bool, the truths that were found."""
        found = np.zeros(len(self.truth_ids), bool)
        found[self.finds[self.finds >= 0]] = True
        return found


def frame_boxes(prediction: Prediction, sample: Sample, classes: SharedClasses,
                threshold: float) -> FrameBoxes:
    """
    Match the boxes of one frame at the operating threshold or above.

    :param prediction: what was found
    :param sample: the truth; its boxes must not be None
    :param classes: what is scored
    :param threshold: least score
    """
    predicted = classes.of_prediction[prediction.class_ids]
    kept = np.flatnonzero((predicted != OTHER) & (prediction.scores >= threshold))
    kept = kept[np.argsort(-prediction.scores[kept], kind='stable')]
    true = classes.of_truth[sample.class_ids]
    shared = np.flatnonzero(true != OTHER)
    difficult = (np.zeros(len(true), bool) if sample.difficult is None
                 else sample.difficult)[shared]
    overlap = overlaps(prediction.boxes[kept], sample.boxes[shared])
    outcomes, finds = _assigned(overlap, prediction.scores[kept], predicted[kept], true[shared],
                                difficult)
    boxes, truths = outcomes != IGNORED, ~difficult
    # Numbers of the truths as they are without the difficult ones.
    finds = np.where(outcomes == FOUND, (np.cumsum(truths) - 1)[finds] if len(truths) else -1, -1)
    distances = np.full(len(true), np.nan, np.float32) if sample.distances is None \
        else sample.distances
    return FrameBoxes(
        scores=prediction.scores[kept][boxes], class_ids=predicted[kept][boxes],
        truth_ids=true[shared][truths], distances=distances[shared][truths],
        overlap=overlap[boxes][:, truths], finds=finds[boxes])


def _assigned(overlap: np.ndarray, scores: np.ndarray, class_ids: np.ndarray,
              truth_ids: np.ndarray, difficult: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if overlap.size == 0:
        nothing = np.full(len(scores), WRONG, np.int64)
        return nothing, np.zeros(len(scores), np.int64)
    same = np.where(class_ids[:, None] == truth_ids, overlap, -1.0)
    return assign_boxes(same, scores, difficult, IOU_THRESHOLD)

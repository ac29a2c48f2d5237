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

"""Scores of a recording, fed frame by frame: the whole run's, and each frame's own."""

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Sequence

import numpy as np

from triplenet_ros.class_mapping import NO_RENAME
from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.box_counts import BoxConfusion, DISTANCES, FoundByDistance
from triplenet_ros.evaluation.coco import CocoAP
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.error_kinds import ErrorKinds
from triplenet_ros.evaluation.evaluator import Evaluator, without_nan
from triplenet_ros.evaluation.frame_boxes import frame_boxes
from triplenet_ros.evaluation.operating_point import ThresholdCounts
from triplenet_ros.evaluation.scored_frame import (ERROR_KINDS, FrameDetection,
                                                   FrameSegmentation, ScoredFrame)
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

THRESHOLD = 0.3
"""Operating threshold, where nobody chooses one."""


@dataclass(frozen=True)
class MatchedFrame:
    """
    Where a result stands in its recording; the fields are those of ``ScoredFrame``.

    :param number: which of the results it is, from 0
    :param stamp_ns: of the result
    :param truth_stamp_ns: of its truth, None where that has no stamps
    :param frame_id: of the result's header
    :param latency_ms: stage -> milliseconds
    :param events: kind -> how many since the frame before
    """

    number: int
    stamp_ns: int
    truth_stamp_ns: Optional[int] = None
    frame_id: str = ''
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)


class RunScorer:
    """
    All scores of a recording.

    :param truth: classes of the truth
    :param predicted: classes of the results
    :param threshold: operating threshold, 0 .. 1
    :param distances: where one distance class ends and the next begins, metres, rising
    :param rename: names that mean another one, on either side: several classes may become one
    :raises InputError: if the two have no class in common, or a number is out of range
    """

    def __init__(self, truth: ClassSet, predicted: ClassSet, *, threshold: float = THRESHOLD,
                 distances: Sequence[float] = DISTANCES,
                 rename: Mapping[str, str] = NO_RENAME) -> None:
        """Start with no frame."""
        if not 0 <= threshold <= 1:
            raise InputError(f'threshold {threshold} is out of range 0 .. 1')
        self._threshold = threshold
        self._evaluator = Evaluator(truth, predicted, rename=rename)
        count = len(self.box_names)
        self._errors = ErrorKinds(count)
        self._confusion = BoxConfusion(count)
        self._distances = FoundByDistance(count, distances)

    @property
    def box_names(self) -> tuple[str, ...]:
        """Classes of the boxes that are scored."""
        return self._evaluator.box_classes.names

    @property
    def label_names(self) -> tuple[str, ...]:
        """Classes of the labels that are scored."""
        return self._evaluator.label_classes.names

    def score(self, matched: MatchedFrame, prediction: Prediction,
              sample: Sample) -> ScoredFrame:
        """
        Add one frame.

        :param matched: where it stands
        :param prediction: what was found
        :param sample: the truth
        :returns: the scores of this frame alone
        """
        own = self._evaluator.emptied()
        own.update(prediction, sample)
        self._evaluator.merge(own)
        detection = self._frame_detection(own, prediction, sample)
        segmentation = _frame_segmentation(own)
        return ScoredFrame(
            number=matched.number, stamp_ns=matched.stamp_ns,
            truth_stamp_ns=matched.truth_stamp_ns, frame_id=matched.frame_id,
            score=_score(detection, segmentation), detection=detection,
            segmentation=segmentation, latency_ms=matched.latency_ms, events=matched.events)

    def merge(self, later: 'RunScorer') -> None:
        """Add the frames of another one of the same classes and options."""
        self._evaluator.merge(later._evaluator)
        self._errors.merge(later._errors)
        self._confusion.merge(later._confusion)
        self._distances.merge(later._distances)

    def compute(self) -> dict[str, Any]:
        """Return ``{detection, segmentation, errors}`` as docs/scoring.md has them."""
        figures = self._evaluator.compute()
        if figures['detection'] is not None:
            figures['detection'] |= self._detection_figures(figures['detection']['per_class'])
        if figures['segmentation'] is not None:
            figures['segmentation']['confusion'] = self._label_confusion()
        errors = self._errors.compute(self.box_names) if figures['detection'] else None
        return without_nan({'detection': figures['detection'],
                            'segmentation': figures['segmentation'], 'errors': errors})

    def running(self) -> dict[str, float]:
        """Return mAP50, precision, recall and mIoU so far, those that there is truth for."""
        figures: dict[str, Any] = {}
        voc = self._evaluator.voc
        if voc is not None and self.box_names:
            figures['mAP50'] = voc.compute()['mAP50']
            point = ThresholdCounts(voc).figures(self._threshold, self.box_names)[0]
            figures.update({key: point[key] for key in ('precision', 'recall')})
        figures['mIoU'] = (self._evaluator.compute_labels() or {}).get('mIoU')
        return {key: value for key, value in without_nan(figures).items() if value is not None}

    def _detection_figures(self, per_class: dict[str, dict]) -> dict[str, Any]:
        names, voc = self.box_names, self._evaluator.voc
        counts = ThresholdCounts(voc)
        operating, points = counts.figures(self._threshold, names)
        return {
            'operating': operating,
            'per_class': {name: {**per_class[name], **points[name]} for name in names},
            'curves': counts.curves(names, voc.curves()),
            'confusion': self._confusion.figures(names),
            'by_distance': self._distances.figures(names)}

    def _label_confusion(self) -> dict[str, Any]:
        names, pixels = self._evaluator.confusion()
        return {'names': list(names), 'pixels': pixels.tolist()}

    def _frame_detection(self, own: Evaluator, prediction: Prediction,
                         sample: Sample) -> Optional[FrameDetection]:
        if sample.boxes is None or not self.box_names:
            return None
        frame = frame_boxes(prediction, sample, self._evaluator.box_classes, self._threshold)
        kinds = self._errors.update(frame)
        self._confusion.update(frame)
        self._distances.update(frame)
        points = ThresholdCounts(own.voc).figures(self._threshold, self.box_names)[1]
        per_class = {name: {key: point[key] for key in ('truths', 'found', 'wrong')}
                     for name, point in points.items() if point['truths'] or point['wrong']}
        return FrameDetection(
            **{key: sum(counts[key] for counts in per_class.values())
               for key in ('truths', 'found', 'wrong')},
            errors=dict(zip(ERROR_KINDS, kinds.sum(axis=0).tolist())), per_class=per_class,
            boxes=_outcomes(own.voc, self.box_names), coco=_coco(own.coco, self.box_names))


def _outcomes(voc: VocAP, names: tuple[str, ...]) -> dict[str, list]:
    """Return name -> [score, outcome] of each box, the best first."""
    boxes: dict[str, list] = {}
    class_ids, scores, outcomes = voc.outcomes()
    for index in np.argsort(-scores, kind='stable').tolist():
        # The shortest number that is this float32.
        boxes.setdefault(names[class_ids[index]], []).append(
            [float(str(scores[index])), int(outcomes[index])])
    return boxes


def _coco(coco: CocoAP, names: tuple[str, ...]) -> dict[str, list]:
    """Return name -> bits of each box, the best first."""
    bits: dict[str, list] = {}
    class_ids, found, neither = coco.outcomes()
    numbers = np.concatenate([found, neither], axis=1) @ (1 << np.arange(2 * found.shape[1]))
    for class_id, number in zip(class_ids.tolist(), numbers.tolist()):
        bits.setdefault(names[class_id], []).append(number)
    return bits


def _frame_segmentation(own: Evaluator) -> Optional[FrameSegmentation]:
    figures = without_nan(own.compute_labels())
    if figures is None:
        return None
    names, confusion = own.confusion()
    pixels = np.stack([np.diagonal(confusion), confusion.sum(axis=1),
                       confusion.sum(axis=0)[:-1]], axis=1)
    there = {name: row for name, row in zip(names, pixels.tolist()) if any(row)}
    return FrameSegmentation(
        mIoU=figures['mIoU'], pixel_accuracy=figures['pixel_accuracy'],
        per_class={name: figures['per_class'][name] for name in there}, pixels=there)


def _score(detection: Optional[FrameDetection],
           segmentation: Optional[FrameSegmentation]) -> Optional[float]:
    parts = []
    if detection is not None:
        whole = detection.truths + detection.found + detection.wrong
        parts.append(2 * detection.found / whole if whole else 1.0)
    if segmentation is not None and segmentation.mIoU is not None:
        parts.append(segmentation.mIoU)
    return float(np.mean(parts)) if parts else None

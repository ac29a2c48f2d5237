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

"""One frame of a scored recording: a line of ``frames.jsonl``."""

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from triplenet_ros.evaluation.stamps import stamp_of_text, stamp_text

ERROR_KINDS = ('class', 'place', 'both', 'duplicate', 'background', 'missed')
"""How a box can be wrong, and last the truths that nothing was found for."""


@dataclass(frozen=True)
class FrameDetection:
    """
    Boxes of one frame against its truth at IoU 0.5.

    :param truths: boxes of the truth, difficult ones aside
    :param found: of them, found by a box at the operating threshold or above
    :param wrong: boxes at the operating threshold or above that found nothing
    :param errors: kind of ERROR_KINDS -> how many, at the operating threshold
    :param per_class: name -> {truths, found, wrong}
    :param boxes: name -> [score, outcome] of every box of the class, whatever its score, best
        first; the outcome is 1 = found a truth, 0 = wrong, -1 = counts neither way
    :param coco: name -> a number for each of the first 100 of ``boxes``: bit k is set if it found
        a truth by COCO's rules at IoU 0.50 + 0.05 k, bit 10 + k if it counts neither way there;
        None where nobody told
    """

    truths: int
    found: int
    wrong: int
    errors: Mapping[str, int]
    per_class: Mapping[str, Mapping[str, int]]
    boxes: Mapping[str, list]
    coco: Optional[Mapping[str, list]] = None

    @property
    def missed(self) -> int:
        """Truths that no box at the operating threshold or above found."""
        return self.truths - self.found


@dataclass(frozen=True)
class FrameSegmentation:
    """
    Labels of one frame against its truth.

    :param mIoU: mean over the classes that occur in this frame, None where none does
    :param pixel_accuracy: right of the scored pixels, 0 .. 1, None where there are none
    :param per_class: name -> IoU of the classes that occur in this frame
    :param pixels: name -> [right, in the truth, in the prediction], of the same classes
    """

    mIoU: Optional[float]
    pixel_accuracy: Optional[float]
    per_class: Mapping[str, float]
    pixels: Mapping[str, list]


@dataclass(frozen=True)
class ScoredFrame:
    """
    A result and its truth, compared.

    :param number: which of the results it is in the recording, from 0
    :param stamp_ns: of the result, nanoseconds
    :param truth_stamp_ns: of its truth; differs within the tolerance; None for a truth that has
        no stamps
    :param frame_id: coordinate frame of the result's header
    :param score: 0 .. 1, the mean of F1 at the operating threshold and of mIoU, as far as there
        is truth for them: the worst frames are those with the lowest; None where there is none
    :param detection: None without truth of boxes
    :param segmentation: None without truth of labels
    :param latency_ms: stage -> milliseconds of this frame; empty where nobody measured
    :param events: kind of event -> how many since the frame before (see ``Event``)
    """

    number: int
    stamp_ns: int
    truth_stamp_ns: Optional[int]
    frame_id: str
    score: Optional[float]
    detection: Optional[FrameDetection] = None
    segmentation: Optional[FrameSegmentation] = None
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Return a line of frames.jsonl, plain data."""
        boxes, labels = self.detection, self.segmentation
        return {
            'number': self.number, 'stamp': stamp_text(self.stamp_ns),
            'truth_stamp': None if self.truth_stamp_ns is None else stamp_text(
                self.truth_stamp_ns),
            'frame_id': self.frame_id, 'score': self.score,
            'detection': None if boxes is None else {
                'truths': boxes.truths, 'found': boxes.found, 'wrong': boxes.wrong,
                'missed': boxes.missed, 'errors': dict(boxes.errors),
                'per_class': dict(boxes.per_class), 'boxes': dict(boxes.boxes),
                'coco': None if boxes.coco is None else dict(boxes.coco)},
            'segmentation': None if labels is None else {
                'mIoU': labels.mIoU, 'pixel_accuracy': labels.pixel_accuracy,
                'per_class': dict(labels.per_class), 'pixels': dict(labels.pixels)},
            'latency_ms': dict(self.latency_ms), 'events': dict(self.events)}


def frame_of_figures(figures: Mapping[str, Any]) -> ScoredFrame:
    """
    Return the frame that a line of frames.jsonl tells of.

    :param figures: of ``ScoredFrame.figures``
    :raises KeyError: if it is no such line
    """
    boxes, labels, truth = figures['detection'], figures['segmentation'], figures['truth_stamp']
    return ScoredFrame(
        number=figures['number'], stamp_ns=stamp_of_text(figures['stamp']),
        truth_stamp_ns=None if truth is None else stamp_of_text(truth),
        frame_id=figures['frame_id'], score=figures['score'],
        detection=None if boxes is None else FrameDetection(
            **{key: boxes[key] for key in (
                'truths', 'found', 'wrong', 'errors', 'per_class', 'boxes')},
            coco=boxes.get('coco')),
        segmentation=None if labels is None else FrameSegmentation(
            **{key: labels[key] for key in ('mIoU', 'pixel_accuracy', 'per_class', 'pixels')}),
        latency_ms=figures['latency_ms'], events=figures['events'])

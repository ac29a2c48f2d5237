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

"""All scores of a network on a data set."""

from copy import copy
import math
from typing import Any, Mapping, Optional

import numpy as np

from triplenet_ros.class_mapping import check_used, NO_RENAME
from triplenet_ros.classes import ClassSet
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.calibration import Reliability
from triplenet_ros.evaluation.coco import CocoAP
from triplenet_ros.evaluation.detection import Curves, VocAP
from triplenet_ros.evaluation.segmentation import LabelOverlap
from triplenet_ros.evaluation.shared_classes import match_classes, SharedClasses
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

DETECTION_METRICS = (VocAP, CocoAP)


class Evaluator:
    """
    All scores of a network on a data set, fed image by image.

    Each image counts for what it has the truth of: boxes, labels or both.

    :param truth: classes of the data set
    :param predicted: classes of the network
    :param detection_metrics: which scores of boxes
    :param rename: names that mean another one, on either side: several classes may become one
    :raises InputError: if the two have no class in common
    """

    def __init__(self, truth: ClassSet, predicted: ClassSet,
                 detection_metrics: tuple[type, ...] = DETECTION_METRICS,
                 rename: Mapping[str, str] = NO_RENAME) -> None:
        """Start with no image."""
        check_used(rename, (*truth.detection, *truth.segmentation, *predicted.detection,
                            *predicted.segmentation))
        self._boxes = match_classes('detection', truth.detection, predicted.detection, rename)
        self._labels = match_classes('segmentation', truth.segmentation,
                                     predicted.segmentation, rename)
        if not self._boxes.names and not self._labels.names:
            raise InputError('nothing can be compared: the data have truth of '
                             f'{_tasks(truth)}, the network gives {_tasks(predicted)}')
        self._metrics = detection_metrics
        self._start()

    def _start(self) -> None:
        self._detection = [metric(self._boxes) for metric in self._metrics]
        self._segmentation = LabelOverlap(self._labels)
        self._images = self._boxed = self._labelled = 0

    @property
    def box_classes(self) -> SharedClasses:
        """Classes of the boxes that are scored."""
        return self._boxes

    @property
    def label_classes(self) -> SharedClasses:
        """Classes of the labels that are scored."""
        return self._labels

    def emptied(self) -> 'Evaluator':
        """Return one of the same classes and metrics with no image, to be merged into this."""
        other = copy(self)
        other._start()
        return other

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: what the network saw, in the sample's pixels
        :param sample: the image's truth
        """
        self._images += 1
        if sample.boxes is not None and self._boxes.names:
            self._boxed += 1
            for metric in self._detection:
                metric.update(prediction, sample)
        if (sample.label_map is not None and prediction.label_map is not None
                and self._labels.names):
            self._labelled += 1
            self._segmentation.update(prediction, sample)

    def merge(self, later: 'Evaluator') -> None:
        """
        Add the images of another one, as if they had been fed to this one.

        :param later: of the same classes and metrics; its images count as fed after these
        """
        self._images += later._images
        self._boxed += later._boxed
        self._labelled += later._labelled
        self._segmentation.merge(later._segmentation)
        for metric, other in zip(self._detection, later._detection):
            metric.merge(other)

    def compute(self) -> dict[str, Any]:
        """
        Return the figures so far, ready for JSON.

        :returns: ``{images, detection: {mAP50, mAP50_07, AP, ..., per_class}, segmentation:
            {mIoU, pixel_accuracy, per_class}}``, plain numbers in 0 .. 1; None where there is no
            truth, for a whole task too
        """
        return without_nan({
            'images': self._images,
            'detection': self._detection_figures() if self._boxed else None,
            'segmentation': self.compute_labels()})

    def compute_labels(self) -> Optional[dict[str, Any]]:
        """Return the figures of the labels alone, nan where there is no truth; None without."""
        if not self._labelled:
            return None
        return {'images': self._labelled, 'not_scored': list(self._labels.not_scored),
                **self._segmentation.compute()}

    def curves(self) -> Curves:
        """Return those of VocAP; empty without truth."""
        return self.voc.curves() if self.voc else {}

    @property
    def voc(self) -> Optional[VocAP]:
        """The VocAP among the metrics, None where there is none."""
        return next((metric for metric in self._detection if isinstance(metric, VocAP)), None)

    @property
    def coco(self) -> Optional[CocoAP]:
        """The CocoAP among the metrics, None where there is none."""
        return next((metric for metric in self._detection if isinstance(metric, CocoAP)), None)

    def reliabilities(self) -> dict[str, Reliability]:
        """Return how often confidences are right, by task; of tasks with truth."""
        found = {}
        if self._boxed:
            found['boxes'] = next(metric.reliability() for metric in self._detection
                                  if isinstance(metric, VocAP))
        if self._segmentation.reliability.said.any():
            found['labels'] = self._segmentation.reliability
        return found

    def confusion(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Return names and confusion of the labels, as LabelOverlap; all 0 without truth."""
        return self._labels.names, self._segmentation.confusion

    def _detection_figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = {'images': self._boxed,
                                   'not_scored': list(self._boxes.not_scored)}
        per_class: dict[str, dict] = {name: {} for name in self._boxes.names}
        for metric in self._detection:
            values = metric.compute()
            for name, scores in values.pop('per_class').items():
                per_class[name].update(scores)
            figures.update(values)
        return {**figures, 'per_class': per_class}


def _tasks(classes: ClassSet) -> str:
    there = [task for task, names in (('boxes', classes.detection),
                                      ('labels', classes.segmentation)) if names]
    return ' and '.join(there) or 'nothing'


def without_nan(value: Any) -> Any:
    """Return nested figures with None in place of nan."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    # NaN is not JSON: what was not measured is null.
    return None if isinstance(value, float) and math.isnan(value) else value

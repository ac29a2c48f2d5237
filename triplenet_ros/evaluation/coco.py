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

"""Average precision of boxes as COCO defines it, through faster-coco-eval."""

from typing import Any

import numpy as np

from triplenet_ros.data.sample import Sample
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction

_AREAS = ('all', 'small', 'medium', 'large')


class CocoAP:
    """
    COCO average precision over images that are fed one by one; at most 100 boxes per image.

    Small, medium and large go by the area of the box (COCO's own go by that of the mask).
    Difficult truths are treated as COCO's crowds: boxes on them count neither way.

    :param classes: what is scored
    :raises InputError: if faster-coco-eval is not installed
    """

    def __init__(self, classes: SharedClasses) -> None:
        """Start with no image."""
        _library()
        self._classes = classes
        self._images: list[dict] = []
        self._truths: list[dict] = []
        self._found: list[dict] = []

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: what was found, in the sample's pixels
        :param sample: the truth; its boxes must not be None
        """
        image_id = len(self._images) + 1
        height, width = sample.image.shape[:2]
        self._images.append({'id': image_id, 'width': width, 'height': height})
        crowd = np.zeros(len(sample.boxes)) if sample.difficult is None else sample.difficult
        for record, flag in zip(
                _records(image_id, sample.boxes, self._classes.of_truth[sample.class_ids]),
                crowd):
            self._truths.append({**record, 'iscrowd': int(flag)})
        for record, score in zip(
                _records(image_id, prediction.boxes,
                         self._classes.of_prediction[prediction.class_ids]),
                prediction.scores):
            self._found.append({**record, 'score': float(score)})

    def compute(self) -> dict[str, Any]:
        """
        Return the scores so far.

        :returns: AP (IoU 0.50 to 0.95), AP50, AP75, APs, APm, APl, each the mean over the classes
            with truth, and per_class: name -> AP; nan where there is no truth
        """
        precision = self._precision()  # (IoU, recall, class, area); -1 where there is no truth
        values = {'AP': precision[..., 0], 'AP50': precision[0, ..., 0],
                  'AP75': precision[5, ..., 0], 'APs': precision[..., 1],
                  'APm': precision[..., 2], 'APl': precision[..., 3]}
        figures: dict[str, Any] = {name: _mean(value) for name, value in values.items()}
        figures['per_class'] = {name: {'AP': _mean(precision[:, :, index, 0])}
                                for index, name in enumerate(self._classes.names)}
        return figures

    def _precision(self) -> np.ndarray:
        if not self._truths:
            return np.full((10, 101, len(self._classes.names), len(_AREAS)), -1.0)
        coco_type, evaluation_type = _library()
        truth = coco_type({
            'info': {}, 'images': self._images,
            'annotations': [{'id': index + 1, **record}
                            for index, record in enumerate(self._truths) if _scored(record)],
            'categories': [{'id': index, 'name': name}
                           for index, name in enumerate(self._classes.names)]})
        found = truth.loadRes([dict(record) for record in self._found if _scored(record)])
        evaluation = evaluation_type(truth, found, 'bbox')
        evaluation.evaluate()
        evaluation.accumulate()
        return np.asarray(evaluation.eval['precision'])[..., -1]


def _records(image_id: int, boxes: np.ndarray, class_ids: np.ndarray) -> list[dict]:
    sizes = (boxes[:, 2:] - boxes[:, :2]).astype(float)
    return [{'image_id': image_id, 'category_id': int(class_id), 'area': float(width * height),
             'bbox': [float(x1), float(y1), width, height]}
            for (x1, y1), (width, height), class_id
            in zip(boxes[:, :2], sizes.tolist(), class_ids)]


def _scored(record: dict) -> bool:
    return record['category_id'] != OTHER


def _mean(precision: np.ndarray) -> float:
    known = precision[precision > -1]
    return float(known.mean()) if known.size else float('nan')


def _library() -> tuple[Any, Any]:
    try:
        from faster_coco_eval import COCO, COCOeval_faster
    except ImportError:
        raise InputError("COCO average precision needs pip install 'triplenet_ros[train]'"
                         ) from None
    return COCO, COCOeval_faster

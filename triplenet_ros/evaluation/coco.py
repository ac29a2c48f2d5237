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

"""Average precision and recall of boxes as COCO defines them, through faster-coco-eval."""

from typing import Any

import numpy as np

from triplenet_ros.evaluation.shared_classes import OTHER, SharedClasses
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.missing import needs_extra
from triplenet_ros.sample import Sample

_AREAS = ('all', 'small', 'medium', 'large')
_MOST_BOXES = (1, 10, 100)


class CocoAP:
    """
    COCO average precision over images that are fed one by one.

    Of each class the 100 best boxes of an image count. Objects are small, medium or large by their
    mask where its area is known, by their box where it is not. Difficult truths are treated as
    COCO's crowds: boxes on them count neither way. Of equal scores the one on the image whose
    name is first counts first, as the COCO tools go by the ids that COCO's names are made of.

    :param classes: what is scored
    :raises InputError: if faster-coco-eval is not installed
    """

    def __init__(self, classes: SharedClasses) -> None:
        """Start with no image."""
        _library()
        self._classes = classes
        self._names: list[str] = []
        # Rows of image, x, y, width, height and: area, crowd, class; or: score, class.
        self._truths: list[np.ndarray] = [np.zeros((0, 8))]
        self._found: list[np.ndarray] = [np.zeros((0, 7))]

    def update(self, prediction: Prediction, sample: Sample) -> None:
        """
        Add one image.

        :param prediction: what was found, in the sample's pixels
        :param sample: the truth; its boxes must not be None
        """
        self._names.append(sample.name)
        boxes = _corner_and_size(sample.boxes)
        areas = boxes[:, 2] * boxes[:, 3] if sample.areas is None else sample.areas
        crowd = np.zeros(len(boxes)) if sample.difficult is None else sample.difficult
        self._truths.append(self._rows(
            boxes, areas, crowd, self._classes.of_truth[sample.class_ids]))
        self._found.append(self._rows(
            _corner_and_size(prediction.boxes), prediction.scores,
            self._classes.of_prediction[prediction.class_ids]))

    def merge(self, later: 'CocoAP') -> None:
        """
        Add the images of another one.

        :param later: of the same classes; its images count as fed after these
        """
        shift = np.float64([len(self._names)])
        for own, other in ((self._truths, later._truths), (self._found, later._found)):
            own += [rows + np.append(shift, np.zeros(rows.shape[1] - 1))
                    for rows in other if len(rows)]
        self._names += later._names

    def compute(self) -> dict[str, Any]:
        """
        Return the scores so far.

        :returns: AP (IoU 0.50 to 0.95), AP50, AP75, APs, APm, APl; the recalls AR1, AR10, AR100
            (so many boxes per image and class), ARs, ARm, ARl; each the mean over the classes
            with truth; and per_class: name -> AP; nan where there is no truth
        """
        # (IoU, recall, class, area, boxes) and (IoU, class, area, boxes); -1 where is no truth
        precision, recall = self._evaluated()
        best = precision[..., -1]
        values = {
            'AP': best[..., 0], 'AP50': best[0, ..., 0], 'AP75': best[5, ..., 0],
            'APs': best[..., 1], 'APm': best[..., 2], 'APl': best[..., 3],
            'AR1': recall[..., 0, 0], 'AR10': recall[..., 0, 1], 'AR100': recall[..., 0, 2],
            'ARs': recall[..., 1, 2], 'ARm': recall[..., 2, 2], 'ARl': recall[..., 3, 2]}
        figures: dict[str, Any] = {name: _mean(value) for name, value in values.items()}
        figures['per_class'] = {name: {'AP': _mean(best[:, :, index, 0])}
                                for index, name in enumerate(self._classes.names)}
        return figures

    def _rows(self, *columns: np.ndarray) -> np.ndarray:
        rows = np.column_stack([np.full(len(columns[0]), len(self._names)), *columns])
        return rows[rows[:, -1] != OTHER]

    def _evaluated(self) -> tuple[np.ndarray, np.ndarray]:
        truths, found = np.concatenate(self._truths), np.concatenate(self._found)
        if len(truths) == 0:
            shape = (len(self._classes.names), len(_AREAS), len(_MOST_BOXES))
            return np.full((10, 101, *shape), -1.0), np.full((10, *shape), -1.0)
        ids = _image_ids(self._names)
        truths[:, 0], found[:, 0] = (ids[rows[:, 0].astype(int) - 1] for rows in (truths, found))
        coco_type, evaluation_type = _library()
        truth = coco_type({
            'info': {}, 'images': [{'id': image} for image in ids.tolist()],
            'annotations': _annotations(truths),
            'categories': [{'id': index, 'name': name}
                           for index, name in enumerate(self._classes.names)]})
        evaluation = evaluation_type(truth, truth.loadRes(found), 'bbox')
        evaluation.params.maxDets = list(_MOST_BOXES)
        evaluation.evaluate()
        evaluation.accumulate()
        return np.asarray(evaluation.eval['precision']), np.asarray(evaluation.eval['recall'])


def _corner_and_size(boxes: np.ndarray) -> np.ndarray:
    boxes = boxes.astype(np.float64)
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def _image_ids(names: list[str]) -> np.ndarray:
    # Shorter names first, so that numbers without leading zeros are in order too.
    order = sorted(range(len(names)), key=lambda index: (len(names[index]), names[index]))
    ids = np.empty(len(names), np.int64)
    ids[order] = np.arange(1, len(names) + 1)
    return ids


def _annotations(truths: np.ndarray) -> list[dict]:
    # Counted from 1: the library takes 0 for no match.
    return [{'id': number, 'image_id': int(image), 'bbox': box, 'area': area,
             'iscrowd': int(crowd), 'category_id': int(class_id)}
            for number, (image, *box, area, crowd, class_id) in enumerate(truths.tolist(), 1)]


def _mean(values: np.ndarray) -> float:
    known = values[values > -1]
    return float(known.mean()) if known.size else float('nan')


def _library() -> tuple[Any, Any]:
    with needs_extra('COCO average precision', 'train'):
        from faster_coco_eval import COCO, COCOeval_faster
        return COCO, COCOeval_faster

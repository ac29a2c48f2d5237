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

"""Precision, recall and confidence of each class."""

from dataclasses import dataclass
from typing import Any, Mapping, Optional

import numpy as np

from triplenet_ros.evaluation.report.axes import share_axis
from triplenet_ros.evaluation.report.chart import Chart, line_path, Mark, Shape

_MEASURES = (('precision', 1), ('recall', 2), ('f1', 4))


@dataclass(frozen=True)
class ClassCurves:
    """
    Both pictures of a class.

    :param name: of the class
    :param precision_recall: precision against recall
    :param confidence: precision, recall and F1 against the threshold
    """

    name: str
    precision_recall: Chart
    confidence: Chart


def class_curves(detection: Mapping[str, Any]) -> list[ClassCurves]:
    """
    Return the curves of the classes that have any, those with the most truths first.

    :param detection: as in report.json
    """
    curves, rows = detection['curves'], detection['per_class']
    names = [name for name, curve in curves['per_class'].items()
             if _finite(curve['precision_at_recall']).size]
    names.sort(key=lambda name: -(rows.get(name, {}).get('truths') or 0))
    threshold = detection['operating']['threshold']
    return [ClassCurves(
        name, _precision_recall(curves['recalls'], curves['per_class'][name], rows.get(name, {})),
        _confidence(curves['thresholds'], curves['per_class'][name], threshold))
        for name in names]


def _precision_recall(recalls: list, curve: Mapping[str, list], row: Mapping[str, Any]) -> Chart:
    x, y = share_axis('recall'), share_axis('precision')
    line = _line(x, y, recalls, curve['precision_at_recall'], 1, '')
    recall, precision = row.get('recall'), row.get('precision')
    marks, summary = (), ''
    if recall is not None and precision is not None:
        summary = f'{precision:.3f} at recall {recall:.3f}'
        marks = (Mark(round(100 * recall, 2), summary, round(100 - 100 * precision, 2), 3),)
    return Chart(x, y, (line,), marks, 'Precision', summary)


def _confidence(thresholds: list, curve: Mapping[str, list], threshold: Optional[float]) -> Chart:
    x, y = share_axis('confidence'), share_axis('score')
    lines = tuple(_line(x, y, thresholds, curve[key], color, key.replace('f1', 'F1'))
                  for key, color in _MEASURES)
    marks = () if threshold is None else (
        Mark(round(100 * threshold, 2), f'threshold {threshold:g}', color=3),)
    best = _finite(curve['f1'])
    summary = f'best F1 {best.max():.3f}' if best.size else ''
    if best.size:
        values = np.array(curve['f1'], float)
        summary += f' at {thresholds[int(np.nanargmax(values))]:g}'
    return Chart(x, y, lines, marks, 'Confidence', summary)


def _line(x: Any, y: Any, across: list, up: list, color: int, name: str) -> Shape:
    values = np.array(up, float)
    known = np.isfinite(values)
    # Where nothing is known, as precision above the highest score, the line ends.
    breaks = known & ~np.concatenate([[False], known[:-1]])
    return Shape(line_path(x, y, np.array(across, float)[known], values[known], breaks[known]),
                 color, name)


def _finite(values: list) -> np.ndarray:
    array = np.array(values, float)
    return array[np.isfinite(array)]

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

"""The figures: each row beside the bare network, and rows of ours beside pairs of others."""

from typing import Any, Sequence

import numpy as np

from triplenet_ros.benchmark.measure import EAGER, Subject, Times, TORCHVISION

_SAME = ('network', 'input_size', 'classes', 'batch')
"""What a row has in common with the eager row that it is compared with."""


def make_rows(subjects: Sequence[Subject], times: Sequence[Times]) -> list[dict[str, Any]]:
    """
    Return the figures of every subject that was timed at least once.

    ``stage`` holds median milliseconds per call, ``p95`` what 95 % of the calls stay below, each
    of preprocess, forward, postprocess and total; ``outside_network`` is the share of the total
    that is not forward; ``speedup`` how many times faster than the eager row of the same network,
    input and batch, None where there is none.

    :param subjects: as they were measured
    :param times: of each
    """
    rows = [_row(subject, taken) for subject, taken in zip(subjects, times) if taken.total]
    for row in rows:
        row['speedup'] = _speedup(row, rows)
    return rows


def _row(subject: Subject, taken: Times) -> dict[str, Any]:
    seconds = {**taken.stages, 'total': taken.total}
    stage = {name: 1e3 * float(np.median(values)) for name, values in seconds.items()}
    return {
        'network': subject.network, 'weights': subject.weights,
        'input_size': list(subject.input_size), 'classes': list(subject.classes),
        'image_size': list(subject.images[0].shape[:2]),
        'backend': subject.backend, 'device': subject.device, 'precision': subject.precision,
        'reason': subject.reason, 'asked': dict(zip(('backend', 'precision'), subject.asked)),
        'batch': subject.batch, 'runs': len(taken.total), 'stage': stage,
        'p95': {name: 1e3 * float(np.percentile(values, 95))
                for name, values in seconds.items()},
        'fps': 1e3 * subject.batch / stage['total'],
        'outside_network': 1 - stage['forward'] / stage['total']}


def _speedup(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Any:
    eager = [other for other in rows if other['backend'] == EAGER
             and all(other[key] == row[key] for key in _SAME)]
    if not eager:
        return None
    # Its own weights if they ran eagerly: an exported file cannot.
    yardstick = min(eager, key=lambda other: other['weights'] != row['weights'])
    return {name: yardstick['stage'][name] / row['stage'][name] for name in ('forward', 'total')}


def make_pairs(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Compare every detector with every segmenter of torchvision with our rows that give both.

    ``ms`` are the sum of their median totals; ``ratios`` says, by the index of our row, how many
    times as long the pair takes. A pair that no row of ours replaces is left out.

    :param rows: as make_rows gives them
    """
    theirs = [row for row in rows if row['backend'] == TORCHVISION]
    pairs = [_pair(boxes, labels, rows) for boxes in theirs for labels in theirs
             if boxes['classes'][0] and labels['classes'][1] and _same_size(boxes, labels)]
    return [pair for pair in pairs if pair['ratios']]


def _pair(boxes: dict[str, Any], labels: dict[str, Any],
          rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    classes = [boxes['classes'][0], labels['classes'][1]]
    parts = [boxes['stage']['total'], labels['stage']['total']]
    return {'boxes': boxes['network'], 'labels': labels['network'],
            'input_size': boxes['input_size'], 'batch': boxes['batch'],
            'boxes_ms': parts[0], 'labels_ms': parts[1], 'ms': sum(parts),
            'ratios': {index: sum(parts) / row['stage']['total']
                       for index, row in enumerate(rows)
                       if row['classes'] == classes and _same_size(row, boxes)}}


def _same_size(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return row['input_size'] == other['input_size'] and row['batch'] == other['batch']

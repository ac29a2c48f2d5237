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

"""What one network for both tasks replaces: one network for boxes and another for labels."""

from typing import Any, Sequence

from triplenet_ros.benchmark.subject import TORCHVISION


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

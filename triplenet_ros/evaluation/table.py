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

"""The figures of an evaluation as a table to read."""

from typing import Any, Optional

_CLASS_COLUMNS = {'AP50': 'AP50', 'AP50_07': 'AP50 (07)', 'AP': 'AP'}
_MEANS = (
    ('VOC', 'detection', {'mAP50': 'AP50', 'mAP50_07': 'AP50 (07)'}),
    ('COCO', 'detection', {key: key for key in ('AP', 'AP50', 'AP75', 'APs', 'APm', 'APl')}),
    ('', 'detection', {key: key for key in ('AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl')}),
    ('labels', 'segmentation', {'mIoU': 'mIoU', 'pixel_accuracy': 'pixel accuracy'}),
    ('boxes', 'detection', {'ECE': 'calibration error'}),
    ('labels', 'segmentation', {'ECE': 'calibration error'}))
"""Name of the line, task, and key of the figures to what it is called."""


def table(figures: dict[str, Any], boxes: str = 'boxes') -> str:
    """
    Write figures as a table to read: each class, then the means, which a long table ends with.

    :param figures: of ``Evaluator.compute``
    :param boxes: what the boxes of the truth are called, such as ``derived boxes``
    :returns: lines of text, at most 80 wide for usual names, values in percent
    """
    count = figures['images']
    parts = [f'{count} image' if count == 1 else f'{count} images']
    if figures['detection'] is not None:
        parts.append(_detection_table(figures['detection'], boxes))
    if figures['segmentation'] is not None:
        parts.append(_segmentation_table(figures['segmentation']))
    parts.append(_means(figures) if len(parts) > 1 else 'none with truth that can be compared')
    return '\n\n'.join(parts)


def _detection_table(figures: dict[str, Any], boxes: str) -> str:
    per_class = figures['per_class']
    keys = [key for key in _CLASS_COLUMNS if any(key in scores for scores in per_class.values())]
    lines = [_line(f'detection, {boxes}', [*(_CLASS_COLUMNS[key] for key in keys), 'truths'])]
    lines += [_line(name, [*(_percent(scores.get(key)) for key in keys),
                           str(scores.get('truths', '-'))]) for name, scores in per_class.items()]
    return '\n'.join(lines + _not_scored(figures))


def _segmentation_table(figures: dict[str, Any]) -> str:
    lines = [_line('segmentation', ['IoU'])]
    lines += [_line(name, [_percent(value)]) for name, value in figures['per_class'].items()]
    return '\n'.join(lines + _not_scored(figures))


def _means(figures: dict[str, Any]) -> str:
    lines = ['means, percent']
    for name, task, labels in _MEANS:
        values = figures[task] or {}
        if any(key in values for key in labels):
            lines.append(f'{name:<7}' + ''.join(
                f' {label:>5}{_percent(values.get(key)):>6}' for key, label in labels.items()))
    best = (figures['detection'] or {}).get('best_threshold')
    if best and best['F1'] is not None:
        lines.append(f'best F1 {_percent(best["F1"])} at score {best["score"]:.2f} (precision '
                     f'{_percent(best["precision"])}, recall {_percent(best["recall"])})')
    return '\n'.join(lines)


def _not_scored(figures: dict[str, Any]) -> list[str]:
    names = ', '.join(figures['not_scored'])
    return [f'not known to the network, not scored: {names}'] if names else []


def _line(name: str, cells: list[str]) -> str:
    return f'{name:<26}' + ''.join(f'{cell:>11}' for cell in cells)


def _percent(share: Optional[float]) -> str:
    return '-' if share is None else f'{100 * share:.1f}'

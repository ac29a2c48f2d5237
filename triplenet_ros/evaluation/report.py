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

from typing import Any


def table(figures: dict[str, Any], boxes: str = 'boxes') -> str:
    """
    Write figures as a table to read.

    :param figures: of ``Evaluator.compute``
    :param boxes: what the boxes of the truth are called, such as ``derived boxes``
    :returns: lines of text, values in percent
    """
    count = figures['images']
    parts = [f'{count} image' if count == 1 else f'{count} images']
    if figures['detection'] is not None:
        parts.append(_detection_table(figures['detection'], boxes))
    if figures['segmentation'] is not None:
        parts.append(_segmentation_table(figures['segmentation']))
    return '\n\n'.join(parts)


def _detection_table(figures: dict[str, Any], boxes: str) -> str:
    columns = {'AP50': ('AP50', 'mAP50'), 'AP50 (07)': ('AP50_07', 'mAP50_07'), 'AP': ('AP', 'AP')}
    lines = [_line(f'detection, {boxes}', list(columns)) + _cell('truths')]
    for name, scores in figures['per_class'].items():
        lines.append(_line(name, [scores.get(key) for key, _ in columns.values()])
                     + _cell(str(scores.get('truths', '-'))))
    lines.append(_line('mean', [figures.get(key) for _, key in columns.values()]))
    return '\n'.join(lines + _not_scored(figures))


def _segmentation_table(figures: dict[str, Any]) -> str:
    lines = [_line('segmentation', ['IoU'])]
    lines += [_line(name, [value]) for name, value in figures['per_class'].items()]
    lines.append(_line('mean', [figures['mIoU']]))
    lines.append(_line('pixel accuracy', [figures['pixel_accuracy']]))
    return '\n'.join(lines + _not_scored(figures))


def _not_scored(figures: dict[str, Any]) -> list[str]:
    names = ', '.join(figures['not_scored'])
    return [f'not known to the network, not scored: {names}'] if names else []


def _line(name: str, cells: list[Any]) -> str:
    return f'{name:<26}' + ''.join(_cell(cell) for cell in cells)


def _cell(value: Any) -> str:
    if value is None:
        value = '-'
    return f'{value:>11}' if isinstance(value, str) else f'{100 * value:>11.1f}'

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

"""The figures as text, and what a row is called in table and picture."""

from pathlib import Path
from typing import Any, Optional, Sequence

from triplenet_ros.benchmark.measure import STAGES, TORCHVISION

_HEADINGS = ('#', 'network', 'input', 'backend', 'precision', 'batch', *STAGES, 'total', 'p95',
             'fps', 'forward x', 'total x', 'outside')
_WORDS = ('network', 'backend', 'precision', 'boxes', 'labels')

NOTE = ('Medians of milliseconds per call; p95 of the total; x: times faster than eager; outside: '
        'share of the total that is not forward.')
PAIRS_NOTE = ('ms: sum of the two medians; x N: times as long as row N. What torchvision does to '
              'select boxes is in its forward.')


def rows_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return one line per row below a heading; rows are numbered from 1."""
    return _aligned(_HEADINGS, [_cells(number, row) for number, row in enumerate(rows, 1)])


def pairs_table(pairs: Sequence[dict[str, Any]]) -> str:
    """Return one line per pair, with a column for each row that one is compared with."""
    compared = sorted({index for pair in pairs for index in pair['ratios']})
    headings = ('boxes', 'labels', 'input', 'batch', 'ms', *(f'x {index + 1}'
                                                             for index in compared))
    return _aligned(headings, [
        [pair['boxes'], pair['labels'], size_text(pair['input_size']), str(pair['batch']),
         f'{pair["ms"]:.1f}', *(_ratio(pair['ratios'].get(index)) for index in compared)]
        for pair in pairs])


def network_text(row: dict[str, Any]) -> str:
    """Name a row's network, and the weights where it has any."""
    if row['weights'] is None:
        return row['network']
    return f'{row["network"]} ({Path(row["weights"]).name})'


def backend_text(row: dict[str, Any]) -> str:
    """Name what runs a row, and that it was chosen where it was not asked for."""
    chosen = row['asked']['backend'] == 'auto'
    return f'auto: {row["backend"]}' if chosen else row['backend']


def size_text(size: Sequence[int]) -> str:
    """Return rows and columns."""
    return f'{size[0]}x{size[1]}'


def _cells(number: int, row: dict[str, Any]) -> list[str]:
    speedup = row['speedup'] or {}
    return [str(number), network_text(row), size_text(row['input_size']), backend_text(row),
            row['precision'], str(row['batch']),
            *(f'{row["stage"][stage]:.1f}' for stage in (*STAGES, 'total')),
            f'{row["p95"]["total"]:.1f}', f'{row["fps"]:.1f}',
            _ratio(speedup.get('forward')), _ratio(speedup.get('total')),
            f'{row["outside_network"]:.0%}']


def _ratio(value: Optional[float]) -> str:
    return '' if value is None else f'{value:.2f}'


def _aligned(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return words to the left and numbers to the right of columns as wide as they need be."""
    widths = [max(map(len, column)) for column in zip(headings, *lines)]
    return '\n'.join(
        '  '.join(cell.ljust(width) if heading in _WORDS else cell.rjust(width)
                  for heading, cell, width in zip(headings, line, widths)).rstrip()
        for line in [headings, *lines])


class Captions:
    """
    Names rows by what is not the same for all of them; the rest is said once.

    :param rows: all that are in the picture
    """

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        ours = [row for row in rows if row['backend'] != TORCHVISION]
        self._one_network = len({network_text(row) for row in ours}) == 1
        self._one_size = len({tuple(row['input_size']) for row in rows}) == 1
        self._one_batch = len({row['batch'] for row in rows}) == 1
        self._first = (ours or rows)[0]

    def shared(self) -> str:
        """Return what holds for all rows."""
        parts = [network_text(self._first)] if self._one_network else []
        parts += [f'input {size_text(self._first["input_size"])}'] if self._one_size else []
        parts += [f'batch {self._first["batch"]}'] if self._one_batch else []
        return ', '.join(parts)

    def row(self, row: dict[str, Any]) -> str:
        """Name one row."""
        if row['backend'] == TORCHVISION:
            return self._joined(f'torchvision {row["network"]}', self.sizes(row))
        return self._joined('' if self._one_network else network_text(row),
                            f'{backend_text(row)} {row["precision"]}', self.sizes(row))

    def sizes(self, item: dict[str, Any]) -> str:
        """Return input size and batch of a row or pair, as far as they are not everybody's."""
        return self._joined('' if self._one_size else size_text(item['input_size']),
                            '' if self._one_batch else f'batch {item["batch"]}')

    def _joined(self, *parts: str) -> str:
        return ', '.join(part for part in parts if part).replace('$', r'\$')

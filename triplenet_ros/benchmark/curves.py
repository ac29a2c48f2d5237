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

"""Milliseconds per frame over what was varied."""

from typing import Any, Sequence

from triplenet_ros.benchmark.captions import Captions

_NAMES = {'batch': 'images per call', 'pixels': 'megapixels of the input'}
Curves = dict[str, list[tuple[float, float]]]


def curves_over(what: str, rows: Sequence[dict[str, Any]]) -> Curves:
    """
    Return the milliseconds per frame of rows that differ in one thing alone.

    :param what: ``batch``, or ``pixels`` of the input
    :param rows: as make_rows gives them
    :return: by name, (value, milliseconds) with rising values, at least two of them; over the
        pixels of the smallest batch alone
    """
    if what == 'pixels':
        smallest = min(row['batch'] for row in rows)
        rows = [row for row in rows if row['batch'] == smallest]
    captions = Captions([_without(what, row) for row in rows])
    curves: Curves = {}
    for row in rows:
        name = captions.row(_without(what, row))
        curves.setdefault(name, []).append(
            (_value(what, row), row['stage']['total'] / row['batch']))
    return {name: sorted(points) for name, points in curves.items()
            if len({value for value, _ in points}) > 1}


def draw_curves(axes: Any, what: str, curves: Curves) -> None:
    """Draw what curves_over gives into matplotlib's axes."""
    for name, points in curves.items():
        axes.plot(*zip(*points), marker='o', label=name)
    values = sorted({value for points in curves.values() for value, _ in points})
    axes.set(xlabel=_NAMES[what], ylabel='milliseconds per frame')
    axes.set_ylim(bottom=0)
    if what == 'batch':
        axes.set_xscale('log', base=2)
        axes.set_xticks(values, [f'{value:g}' for value in values])
        axes.minorticks_off()
    else:
        axes.set_xlim(left=0)
    axes.grid(color='0.9')
    axes.spines[['top', 'right']].set_visible(False)
    # Above, because no corner is free of curves for sure.
    axes.legend(fontsize=7.5, frameon=False, loc='lower left', bbox_to_anchor=(0, 1),
                ncols=2, borderaxespad=0)


def _value(what: str, row: dict[str, Any]) -> float:
    return row['batch'] if what == 'batch' else row['input_size'][0] * row['input_size'][1] / 1e6


def _without(what: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which the others cannot differ in that."""
    return {**row, 'batch': 0} if what == 'batch' else {**row, 'input_size': [0, 0]}

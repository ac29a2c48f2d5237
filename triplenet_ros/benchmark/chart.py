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

"""The figures as one picture: bars, and milliseconds per frame over what was varied."""

from pathlib import Path
from typing import Any, Sequence

from triplenet_ros.benchmark.bars import draw_pairs, draw_rows, pair_bars, row_bars
from triplenet_ros.benchmark.machine import machine_line
from triplenet_ros.benchmark.table import Captions
from triplenet_ros.errors import InputError
from triplenet_ros.missing import needs_extra
from triplenet_ros.outputs import replacing

_DPI = 120
_WIDTH = 10
_CURVES_HEIGHT = 3.6
_VARIED = {'batch': 'images per call', 'pixels': 'megapixels of the input'}

Curves = dict[str, list[tuple[float, float]]]


def check_chart(path: Path) -> None:
    """
    Refuse before any work is spent what write_chart cannot draw.

    :param path: to be made, ending in .png
    :raises InputError: for another ending, or without matplotlib
    """
    if path.suffix.lower() != '.png':
        raise InputError(f'{path} must end in .png')
    with needs_extra('a picture of the figures', 'train'):
        import matplotlib  # noqa: F401


def write_chart(rows: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]],
                machine: dict[str, Any], path: Path, overwrite: bool) -> None:
    """
    Draw the figures.

    :param rows: at least one, as make_rows gives them
    :param pairs: of these rows
    :param machine: that they are of
    :param path: the picture, ending in .png
    :param overwrite: whether an existing file may be replaced
    :raises InputError: as check_chart, or if the file cannot be written
    """
    check_chart(path)
    figure = chart_figure(rows, pairs, machine)
    with replacing(path, overwrite) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def chart_figure(rows: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]],
                 machine: dict[str, Any]) -> Any:
    """
    Return bars of every row by stage, bars of the pairs, and curves where there are any.

    :param rows: at least one, as make_rows gives them
    :param pairs: of these rows
    :param machine: that they are of
    :return: a matplotlib figure
    """
    from matplotlib.figure import Figure
    captions = Captions(rows)
    bars = [row_bars(rows, captions)] + ([pair_bars(rows, pairs, captions)] if pairs else [])
    curves = [(what, found) for what in ('batch', 'pixels') if (found := curves_over(what, rows))]
    heights = [0.27 * len(group) + 0.9 for group in bars]
    if curves:
        heights.append(_CURVES_HEIGHT + 0.08 * max(len(found) for _, found in curves))
    figure = Figure(figsize=(_WIDTH, sum(heights) + 0.4), layout='constrained')
    panels = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    draw_rows(panels[0].add_subplot(), bars[0], captions.shared())
    if pairs:
        draw_pairs(panels[1].add_subplot(), bars[1])
    for index, (what, found) in enumerate(curves, 1):
        draw_curves(panels[-1].add_subplot(1, len(curves), index), what, found)
    figure.supxlabel(machine_line(machine), fontsize=7, color='0.4')
    return figure


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
    axes.set(xlabel=_VARIED[what], ylabel='milliseconds per frame')
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

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

"""Bars of milliseconds per frame."""

from itertools import accumulate
from typing import Any, NamedTuple, Sequence

from triplenet_ros.benchmark.measure import EAGER, STAGES, TORCHVISION
from triplenet_ros.benchmark.table import Captions

_STAGE_COLORS = ('#90caf9', '#1565c0', '#ffb74d')
_PAIR_COLORS = ('#1565c0', '#a1887f', '#6d4c41')
_ROOM = 1.42
"""Of the longest bar, so that there is room for what is written beside it."""
_GAP = 0.6
"""Between groups of bars, in bars."""
_PAD = 24
"""Points below a title, for the legend."""
_FEW = 2
"""To so many of our rows the ratio of a pair is written; else to eager and to the fastest."""


class Bar(NamedTuple):
    """
    One bar.

    :param label: left of it
    :param parts: milliseconds of each part
    :param text: right of it
    :param group: where it changes from one bar to the next, there is a gap
    """

    label: str
    parts: list[float]
    text: str
    group: tuple


def row_bars(rows: Sequence[dict[str, Any]], captions: Captions) -> list[Bar]:
    """Return each row's stages, with its ratio to eager."""
    return [Bar(captions.row(row), [row['stage'][stage] / row['batch'] for stage in STAGES],
                _row_text(row), _group(row)) for row in rows]


def pair_bars(rows: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]],
              captions: Captions) -> list[Bar]:
    """Return our rows that give boxes and labels, then the pairs with their ratios to these."""
    compared = sorted({index for pair in pairs for index in pair['ratios']})
    ours = [Bar(captions.row(rows[index]), [_per_frame(rows[index]), 0, 0],
                f'{_per_frame(rows[index]):.0f} ms', ()) for index in compared]
    return ours + [_pair_bar(pair, rows, captions) for pair in pairs]


def draw_rows(axes: Any, bars: Sequence[Bar], title: str) -> None:
    """Draw what row_bars gives into matplotlib's axes."""
    _draw(axes, bars, STAGES, _STAGE_COLORS)
    axes.set_title(', '.join(filter(None, ('milliseconds per frame, medians', title))),
                   loc='left', fontsize=11, pad=_PAD)


def draw_pairs(axes: Any, bars: Sequence[Bar]) -> None:
    """Draw what pair_bars gives into matplotlib's axes."""
    _draw(axes, bars, ('both from one network', 'boxes', 'labels'), _PAIR_COLORS)
    axes.set_title('boxes and labels of one frame: one network, or two of torchvision',
                   loc='left', fontsize=11, pad=_PAD)


def _per_frame(row: dict[str, Any]) -> float:
    return row['stage']['total'] / row['batch']


def _row_text(row: dict[str, Any]) -> str:
    text = f'{_per_frame(row):.1f}'
    if row['speedup'] is None or row['backend'] == EAGER:
        return text
    return f'{text}   {row["speedup"]["total"]:.1f}x as fast as eager'


def _pair_bar(pair: dict[str, Any], rows: Sequence[dict[str, Any]], captions: Captions) -> Bar:
    names = ' + '.join(name.replace('_resnet50', '').replace('_mobilenet_v3_large', '')
                       for name in (pair['boxes'], pair['labels']))
    ratios = sorted(pair['ratios'].items(), key=lambda item: item[1])
    shown = [(_how(rows[index]), ratio) for index, ratio in ratios
             if len(ratios) <= _FEW or rows[index]['backend'] == EAGER or index == ratios[-1][0]]
    text = ', '.join(f'{ratio:.1f}x {how}' for how, ratio in shown)
    sizes = captions.sizes(pair)
    return Bar(f'{names}, {sizes}' if sizes else names,
               [0, pair['boxes_ms'] / pair['batch'], pair['labels_ms'] / pair['batch']],
               f'{pair["ms"] / pair["batch"]:.0f} ms = {text}',
               (pair['boxes'], *pair['input_size'], pair['batch']))


def _how(row: dict[str, Any]) -> str:
    backend, precision = row['asked']['backend'], row['precision']
    return backend if precision == 'float32' else f'{backend} {precision}'


def _group(row: dict[str, Any]) -> tuple:
    return row['backend'] == TORCHVISION, *row['input_size'], row['batch']


def _step(before: Bar, bar: Bar) -> float:
    return 1 if before.group == bar.group else 1 + _GAP


def _draw(axes: Any, bars: Sequence[Bar], parts: Sequence[str], colors: Sequence[str]) -> None:
    """Stack the parts, the first bar on top."""
    places = list(accumulate(map(_step, [bars[0], *bars], bars)))
    left = [0.0] * len(bars)
    for index, (part, color) in enumerate(zip(parts, colors)):
        widths = [bar.parts[index] for bar in bars]
        axes.barh(places, widths, left=left, color=color, label=part, height=0.72)
        left = [start + width for start, width in zip(left, widths)]
    for place, end, bar in zip(places, left, bars):
        axes.annotate(bar.text, (end, place), (4, 0), textcoords='offset points', va='center',
                      fontsize=9)
    axes.set_yticks(places, [bar.label for bar in bars], fontsize=9)
    axes.set(xlim=(0, _ROOM * max(left)), ylim=(places[-1] + 0.6, places[0] - 0.6))
    axes.tick_params(axis='y', length=0)
    axes.grid(axis='x', color='0.9')
    axes.set_axisbelow(True)
    axes.spines[['top', 'right', 'left']].set_visible(False)
    axes.legend(ncols=len(parts), loc='lower left', bbox_to_anchor=(0, 1), frameon=False,
                fontsize=9, borderaxespad=0)

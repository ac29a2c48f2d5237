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

"""Precision against recall, one curve for each class."""

import math
from typing import Any

import numpy as np

from triplenet_ros.evaluation.detection import area_under_curve, Curves, envelope

RECALLS = np.arange(1001) / 1000
"""(1001,) the recalls at which the curves are drawn."""

_TOGETHER = 10
"""So many curves can be told apart in one picture; more get a panel each."""
_GREY = '0.72'


def precision_at(curve: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """
    Return the best precision at each of RECALLS or more, 0 where that recall is not reached.

    :param curve: (N,) recall, rising, and (N,) precision
    :returns: (1001,) falling, in 0 .. 1
    """
    recall, precision = curve
    first = np.searchsorted(recall, RECALLS)
    return np.append(envelope(precision), 0.0)[first]


def curve_figure(curves: Curves, boxes: str = 'boxes') -> Any:
    """
    Draw precision against recall at IoU 0.5, monotone, so that the area below is VOC's AP.

    Up to ten classes share a picture; more get a panel each, the best first, with the mean of all
    classes behind in grey.

    :param curves: at least one
    :param boxes: what the boxes of the truth are called
    :returns: a matplotlib figure
    """
    aps = {name: area_under_curve(*curve) for name, curve in curves.items()}
    ranked = sorted(aps, key=aps.__getitem__, reverse=True)
    draw = _draw_together if len(curves) <= _TOGETHER else _draw_panels
    figure = draw({name: precision_at(curves[name]) for name in ranked}, aps)
    count = '1 class' if len(aps) == 1 else f'{len(aps)} classes'
    figure.suptitle(f'{boxes.capitalize()} at IoU 0.5: mAP {_percent(np.mean(list(aps.values())))}'
                    f' over {count}')
    return figure


def _draw_together(lines: dict[str, np.ndarray], aps: dict[str, float]) -> Any:
    from matplotlib import colormaps
    from matplotlib.figure import Figure
    figure = Figure(figsize=(7, 5.5), layout='constrained')
    axes = figure.add_subplot()
    for (name, precision), color in zip(lines.items(), colormaps['tab10'].colors):
        axes.plot(RECALLS, precision, color=color, linewidth=2,
                  label=f'{_percent(aps[name])}  {plain(name)}')
    axes.set(xlabel='recall', ylabel='precision, best at this recall or more',
             xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(color='0.9')
    axes.legend(title='AP', loc='lower left')
    return figure


def _draw_panels(lines: dict[str, np.ndarray], aps: dict[str, float]) -> Any:
    from matplotlib.figure import Figure
    columns = math.ceil(math.sqrt(1.2 * len(lines)))
    rows = math.ceil(len(lines) / columns)
    width, height = 1.6 * columns + 0.8, 1.5 * rows + 1
    figure = Figure(figsize=(width, height))
    # Margins by hand: for so many axes matplotlib takes many seconds to find them.
    figure.subplots_adjust(left=0.7 / width, right=1 - 0.2 / width, bottom=0.6 / height,
                           top=1 - 0.7 / height, wspace=0.2, hspace=0.35)
    mean = np.mean(list(lines.values()), axis=0)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
    # Shared by all panels; to set them on each would take seconds.
    panels[0].set(xlim=(0, 1), ylim=(0, 1.02), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    for axes, (name, precision) in zip(panels, lines.items()):
        axes.fill_between(RECALLS, precision, color='tab:blue', alpha=0.2, linewidth=0)
        axes.plot(RECALLS, precision, color='tab:blue', linewidth=1.5)
        axes.plot(RECALLS, mean, color=_GREY, linewidth=1)
        axes.set_title(f'{plain(name)}  {_percent(aps[name])}', fontsize=9)
        axes.tick_params(labelsize=8)
    for axes in panels:  # what the iterator has left
        axes.set_axis_off()
    figure.supxlabel('recall (grey: mean of all classes; number: AP; the best class first)',
                     fontsize=10, y=0.15 / height)
    figure.supylabel('precision, best at this recall or more', fontsize=10, x=0.15 / width)
    return figure


def plain(name: str) -> str:
    """Return a name that matplotlib does not take for a formula."""
    return name.replace('$', r'\$')


def _percent(share: float) -> str:
    return f'{100 * share:.1f}'

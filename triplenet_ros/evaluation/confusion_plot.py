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

"""Which labels are taken for which."""

from typing import Any

import numpy as np

from triplenet_ros.evaluation.curve_plot import plain

_NUMBERED = 25
"""Up to so many classes the cells hold their percentages."""


def confusion_figure(names: tuple[str, ...], confusion: np.ndarray) -> Any:
    """
    Draw the share of each class's pixels that got each label.

    :param names: K classes
    :param confusion: (K, K + 1) pixels: row = truth, column = prediction, the last = none of
        these, which is left out where nothing got it
    :returns: a matplotlib figure
    """
    from matplotlib import colormaps
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure
    columns = len(names) + bool(confusion[:, -1].any())
    pixels = confusion.sum(axis=1, keepdims=True)
    shares = np.divide(confusion, pixels, out=np.full(confusion.shape, np.nan), where=pixels > 0)
    side = max(4.5, 0.45 * columns if len(names) <= _NUMBERED else 0.16 * columns)
    figure = Figure(figsize=(side + 2, side + 1), layout='constrained')
    axes = figure.add_subplot()
    # Below linear: a twentieth of a road taken for pavement is to be seen.
    image = axes.imshow(shares[:, :columns], cmap=colormaps['Blues'].with_extremes(bad='0.93'),
                        norm=PowerNorm(0.5, 0, 1))
    _name_axes(axes, [plain(name) for name in names], columns)
    if len(names) <= _NUMBERED:
        _write_shares(axes, shares[:, :columns])
    bar = figure.colorbar(image, ax=axes, shrink=0.7, fraction=0.04)
    bar.set_ticks((0, 0.01, 0.05, 0.2, 0.5, 1), labels=('0', '1', '5', '20', '50', '100 %'))
    figure.suptitle("Labels: percent of each class's pixels")
    return figure


def _name_axes(axes: Any, names: list[str], columns: int) -> None:
    size = 9 if len(names) <= _NUMBERED else 7
    labels = [*names, 'none of these'][:columns]
    axes.set_xticks(range(columns), labels, rotation=90, fontsize=size)
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.set(xlabel='predicted', ylabel='truth')
    axes.tick_params(length=2)


def _write_shares(axes: Any, shares: np.ndarray) -> None:
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:  # a nan is not
            axes.text(column, row, f'{100 * share:.0f}', ha='center', va='center', fontsize=8,
                      color='white' if share > 0.4 else 'black')

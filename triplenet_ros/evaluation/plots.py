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

"""Pictures of the scores: precision against recall, and which labels are taken for which."""

from contextlib import contextmanager
import csv
from pathlib import Path
from typing import Any, Iterator

import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.calibration import Reliability
from triplenet_ros.evaluation.confusion_plot import confusion_figure
from triplenet_ros.evaluation.curve_plot import curve_figure, precision_at, RECALLS
from triplenet_ros.evaluation.detection import Curves
from triplenet_ros.evaluation.reliability_plot import reliability_figure
from triplenet_ros.missing import needs_extra
from triplenet_ros.outputs import replacing

_DPI = 120


def check_plots() -> None:
    """
    Refuse before any work is spent what write_plots cannot draw.

    :raises InputError: if matplotlib is missing
    """
    with needs_extra('a picture of the scores', 'train'):
        import matplotlib  # noqa: F401


def write_plots(evaluator: Any, folder: Path, overwrite: bool, boxes: str = 'boxes') -> None:
    """
    Write the pictures and the numbers they show.

    ``precision_recall.png`` and ``.csv`` where there is truth of boxes, ``confusion.png`` and
    ``.csv`` (pixels) where there are labels, ``reliability.png`` and ``.csv``; all of them or, on
    an error, none.

    :param evaluator: with curves(), confusion() and reliabilities(), as Evaluator has them
    :param folder: to be made
    :param overwrite: whether an existing one may be replaced
    :param boxes: what the boxes of the truth are called, such as ``derived boxes``
    :raises InputError: as check_plots, if there is nothing to show, or the folder cannot be
        written
    """
    check_plots()
    curves, (names, confusion) = evaluator.curves(), evaluator.confusion()
    if not curves and not confusion.any():
        raise InputError('there is nothing to plot: no image has truth that could be compared')
    with replacing(folder, overwrite, folder=True) as temporary:
        temporary.mkdir()
        if curves:
            curve_figure(curves, boxes).savefig(temporary / 'precision_recall.png', dpi=_DPI)
            _write_curves(temporary / 'precision_recall.csv', curves)
        if confusion.any():
            confusion_figure(names, confusion).savefig(
                temporary / 'confusion.png', dpi=_DPI, bbox_inches='tight')
            _write_confusion(temporary / 'confusion.csv', names, confusion)
        reliabilities = evaluator.reliabilities()
        if reliabilities:
            reliability_figure(reliabilities).savefig(temporary / 'reliability.png', dpi=_DPI)
            _write_reliabilities(temporary / 'reliability.csv', reliabilities)


def _write_curves(path: Path, curves: Curves) -> None:
    with _table(path) as table:
        table.writerow(['recall', *curves])
        columns = [precision_at(curve) for curve in curves.values()]
        for row in np.column_stack([RECALLS, *columns])[::10]:
            table.writerow([f'{row[0]:.2f}', *(f'{value:.4f}' for value in row[1:])])


def _write_reliabilities(path: Path, reliabilities: dict[str, Reliability]) -> None:
    with _table(path) as table:
        table.writerow(['of', 'count', 'confidence', 'right'])
        for name, reliability in reliabilities.items():
            for said, confidence, right in zip(*reliability.bins()):
                table.writerow([name, said, f'{confidence:.4f}', f'{right:.4f}'])


def _write_confusion(path: Path, names: tuple[str, ...], confusion: np.ndarray) -> None:
    with _table(path) as table:
        table.writerow(['truth', *names, 'none of these'])
        for name, row in zip(names, confusion.tolist()):
            table.writerow([name, *row])


@contextmanager
def _table(path: Path) -> Iterator[Any]:
    with path.open('w', encoding='utf-8', newline='') as file:
        yield csv.writer(file)

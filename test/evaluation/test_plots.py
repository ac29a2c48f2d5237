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

"""Pictures of the scores, and the numbers beside them."""

import csv
import sys

import cv2
import numpy as np
import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation import plots
from triplenet_ros.evaluation.calibration import Reliability
from triplenet_ros.evaluation.detection import area_under_curve
from triplenet_ros.outputs import MARK

CURVE = (np.array([0.0, 0.25, 0.25, 0.5, 0.75]), np.array([0.0, 0.5, 1 / 3, 0.5, 0.6]))
"""Wrong, right, wrong, right, right: the envelope is 0.6 up to recall 0.75, and 0 beyond."""


class Scores:
    """Curves and confusion of so many classes; the last class is never there."""

    def __init__(self, boxes=3, labels=3):
        self.names = tuple(f'class {index}' for index in range(labels))
        self.box_names = tuple(f'thing {index}' for index in range(boxes))

    def curves(self):
        return dict.fromkeys(self.box_names, CURVE)

    def reliabilities(self):
        said = Reliability()
        said.add(np.array([0.2, 0.8, 0.8]), np.array([False, True, False]))
        return {'boxes': said} if self.box_names else {}

    def confusion(self):
        count = len(self.names)
        confusion = np.hstack([8 * np.eye(count, dtype=np.int64) + 1,
                               np.zeros((count, 1), np.int64)])
        confusion[-1:] = 0
        return self.names, confusion


@pytest.fixture(autouse=True)
def library():
    """Skip where the training extra is not installed."""
    pytest.importorskip('matplotlib')


def rows(path):
    """Return the table."""
    with path.open(newline='') as file:
        return list(csv.reader(file))


def darkness(path):
    """Return the share of pixels that are not nearly white."""
    return float((cv2.imread(str(path)).min(axis=2) < 200).mean())


@pytest.mark.parametrize('classes', [1, 11, 30])
def test_pictures_of_any_number_of_classes_show_something(tmp_path, classes):
    plots.write_plots(Scores(classes, classes + 1), tmp_path / 'plots', overwrite=False)
    assert sorted(path.name for path in (tmp_path / 'plots').iterdir()) == [
        MARK, 'confusion.csv', 'confusion.png', 'precision_recall.csv', 'precision_recall.png',
        'reliability.csv', 'reliability.png']
    for name in ('confusion', 'precision_recall', 'reliability'):
        picture = tmp_path / 'plots' / f'{name}.png'
        height, width = cv2.imread(str(picture)).shape[:2]
        assert 300 < height < 2500 and 300 < width < 2500 and darkness(picture) > 0.01


def test_nothing_is_left_of_pyplots_global_state(tmp_path):
    from matplotlib import _pylab_helpers
    plots.write_plots(Scores(), tmp_path / 'plots', overwrite=False)
    assert _pylab_helpers.Gcf.get_all_fig_managers() == []


def test_curves_are_monotone_and_their_area_is_the_ap(tmp_path):
    plots.write_plots(Scores(), tmp_path / 'plots', overwrite=False)
    header, *lines = rows(tmp_path / 'plots' / 'precision_recall.csv')
    assert header == ['recall', 'thing 0', 'thing 1', 'thing 2'] and len(lines) == 101
    values = np.array(lines, float)
    assert values[:76, 1].tolist() == [0.6] * 76 and values[76:, 1].tolist() == [0.0] * 25
    assert plots.precision_at(CURVE).mean() == pytest.approx(area_under_curve(*CURVE), abs=2e-3)


def test_confusion_table_holds_the_pixels(tmp_path):
    plots.write_plots(Scores(), tmp_path / 'plots', overwrite=False)
    assert rows(tmp_path / 'plots' / 'confusion.csv') == [
        ['truth', 'class 0', 'class 1', 'class 2', 'none of these'],
        ['class 0', '9', '1', '1', '0'], ['class 1', '1', '9', '1', '0'],
        ['class 2', '0', '0', '0', '0']]


def shares(figure):
    """Return the text of the cells of a confusion figure, by row and column."""
    return {(round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
            for text in figure.axes[0].texts}


def test_cells_hold_percent_of_their_row_up_to_25_classes():
    from triplenet_ros.evaluation.confusion_plot import confusion_figure
    cells = shares(confusion_figure(*Scores(labels=3).confusion()))
    assert cells[0, 0] == '82' and cells[0, 1] == '9' and cells[1, 0] == '9'
    assert not any(row == 2 for row, _ in cells)  # no pixel of that class, no share
    assert len(shares(confusion_figure(*Scores(labels=25).confusion()))) > 25
    assert shares(confusion_figure(*Scores(labels=26).confusion())) == {}


def test_pixels_of_no_class_get_a_column_of_their_own():
    from triplenet_ros.evaluation.confusion_plot import confusion_figure
    names, confusion = Scores().confusion()
    confusion[0, -1] = 11
    figure = confusion_figure(names, confusion)
    assert shares(figure)[0, 3] == '50'
    assert figure.axes[0].get_xticklabels()[3].get_text() == 'none of these'


def test_every_class_is_named_with_its_ap_the_best_first():
    from triplenet_ros.evaluation.curve_plot import curve_figure
    better = (CURVE[0], np.sqrt(CURVE[1]))
    curves = {'us$_$': CURVE, '_dog': better}
    labels = [text.get_text() for text in curve_figure(curves).axes[0].get_legend().get_texts()]
    assert [label.split() for label in labels] == [['58.1', '_dog'], ['45.0', r'us\$_\$']]
    panels = curve_figure({**{f'c{index}': CURVE for index in range(11)}, 'dog': better}).axes
    assert panels[0].get_title().split() == ['dog', '58.1']
    assert sum(bool(axes.get_title()) for axes in panels) == 12


def test_only_what_has_truth_is_plotted(tmp_path):
    plots.write_plots(Scores(boxes=0), tmp_path / 'labels', overwrite=False)
    plots.write_plots(Scores(labels=0), tmp_path / 'boxes', overwrite=False)
    assert {path.stem for path in (tmp_path / 'labels').iterdir()} == {'confusion', MARK}
    assert {path.stem for path in (tmp_path / 'boxes').iterdir()} == {
        'precision_recall', 'reliability', MARK}
    with pytest.raises(InputError, match='nothing to plot'):
        plots.write_plots(Scores(0, 0), tmp_path / 'none', overwrite=False)
    assert not (tmp_path / 'none').exists()


def test_existing_folder_is_refused_or_replaced_as_a_whole(tmp_path):
    folder = tmp_path / 'plots'
    plots.write_plots(Scores(), folder, overwrite=False)
    with pytest.raises(InputError, match='exists: choose another name or give --overwrite'):
        plots.write_plots(Scores(), folder, overwrite=False)
    plots.write_plots(Scores(boxes=0), folder, overwrite=True)
    assert {path.stem for path in folder.iterdir()} == {'confusion', MARK}
    (tmp_path / 'thesis.txt').touch()
    with pytest.raises(InputError, match='other things in it'):
        plots.write_plots(Scores(), tmp_path, overwrite=True)
    with pytest.raises(InputError, match='is a file'):
        plots.write_plots(Scores(), tmp_path / 'thesis.txt', overwrite=True)


def test_all_files_or_none(tmp_path, monkeypatch):
    def fails(*_):
        raise OSError('disk full')

    monkeypatch.setattr(plots, '_write_confusion', fails)
    with pytest.raises(OSError):
        plots.write_plots(Scores(), tmp_path / 'plots', overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_missing_library_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    with pytest.raises(InputError, match=r"needs pip install 'triplenet_ros\[train\]'"):
        plots.check_plots()

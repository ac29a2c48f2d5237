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

"""The picture shows every figure."""

import sys

import cv2
import pytest

from triplenet_ros.benchmark.chart import chart_figure, check_chart, write_chart
from triplenet_ros.benchmark.chart import curves_over
from triplenet_ros.benchmark.rows import make_pairs
from triplenet_ros.errors import InputError

MACHINE = {'cpu': 'a CPU', 'cores': 2, 'threads': 1, 'gpu': None, 'versions': {'torch': '9'}}


@pytest.fixture(autouse=True)
def library():
    """Skip where the training extra is not installed."""
    pytest.importorskip('matplotlib')


def bars(axes):
    """Return each bar's label with its length and the text beside it."""
    ends = {}
    for bar in axes.patches:
        place = round(bar.get_y() + bar.get_height() / 2, 3)
        ends[place] = max(ends.get(place, 0), bar.get_x() + bar.get_width())
    labels = [label.get_text() for label in axes.get_yticklabels()]
    texts = [text.get_text() for text in axes.texts]
    return list(zip(labels, [ends[place] for place in sorted(ends)], texts))


def test_bars_are_as_long_as_a_frame_takes(shoot_out):
    rows = shoot_out.rows
    figure = chart_figure(rows, make_pairs(rows), MACHINE)
    stages, pairs = figure.axes[:2]
    assert bars(stages)[1] == ('net, auto: openvino float32, batch 1', pytest.approx(23),
                               '23.0   4.5x as fast as eager')
    assert [length for _, length, _ in bars(stages)] == pytest.approx(
        [row['stage']['forward'] / row['batch'] + 3 / row['batch'] for row in rows])
    assert bars(pairs)[3] == ('retinanet + fcn, batch 1', pytest.approx(506),
                              '506 ms = 4.9x eager, 22.0x auto')
    assert 'a CPU' in figure.get_supxlabel()


def test_pairs_name_eager_and_the_fastest_of_many_rows(bench):
    rows = bench.rows([bench.subject(seconds, backend=backend) for backend, seconds in (
        ('torch', 0.05), ('eager', 0.1), ('openvino', 0.02))] + [
        bench.subject(0.2, backend='torchvision', network=name, classes=classes)
        for name, classes in (('ssd', (3, 0)), ('fcn', (0, 11)))])
    pairs = chart_figure(rows, make_pairs(rows), MACHINE).axes[1]
    assert bars(pairs)[-1][2] == '406 ms = 3.9x eager, 17.7x openvino'


def test_pairs_name_numbers_that_are_not_float32(shoot_out):
    rows = [{**row, 'precision': 'int8'} if row['backend'] == 'openvino' else row
            for row in shoot_out.rows]
    pairs = chart_figure(rows, make_pairs(rows), MACHINE).axes[1]
    assert bars(pairs)[3][2] == '506 ms = 4.9x eager, 22.0x auto int8'


def test_what_all_rows_share_is_said_once(shoot_out):
    figure = chart_figure(shoot_out.rows[:2], [], MACHINE)
    [axes] = figure.axes
    assert axes.get_title(loc='left').endswith('net, input 4x6, batch 1')
    assert [label for label, *_ in bars(axes)] == ['eager float32', 'auto: openvino float32']


def test_curves_go_over_what_was_varied(bench):
    rows = bench.rows([bench.subject(0.010 * batch * columns, batch=batch,
                                     input_size=(1000, columns), backend=backend)
                       for backend in ('eager', 'torch') for batch in (4, 1)
                       for columns in (2, 1)])
    assert curves_over('batch', rows)['torch float32, 1000x2'] == [
        (1, pytest.approx(23)), (4, pytest.approx(20.75))]
    assert curves_over('pixels', rows) == {
        name: [(0.001, pytest.approx(13)), (0.002, pytest.approx(23))]
        for name in ('eager float32', 'torch float32')}
    assert len(chart_figure(rows, [], MACHINE).axes) == 3


def test_nothing_varied_is_no_curve(shoot_out):
    assert curves_over('pixels', shoot_out.rows) == {}


def test_the_picture_is_a_png(shoot_out, tmp_path):
    target = tmp_path / 'chart.png'
    write_chart(shoot_out.rows, make_pairs(shoot_out.rows), MACHINE, target, False)
    assert target.read_bytes()[:8] == b'\x89PNG\r\n\x1a\n'
    picture = cv2.imread(str(target))
    assert picture.shape[1] > 800 and (picture.min(axis=2) < 200).mean() > 0.02
    with pytest.raises(InputError, match='exists: choose another name or give --overwrite'):
        write_chart(shoot_out.rows, [], MACHINE, target, False)
    write_chart(shoot_out.rows, [], MACHINE, target, True)


def test_what_is_no_png_is_refused(tmp_path):
    with pytest.raises(InputError, match='must end in .png'):
        check_chart(tmp_path / 'chart.pdf')


def test_missing_library_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    with pytest.raises(InputError, match=r"needs pip install 'triplenet_ros\[train\]'"):
        check_chart(tmp_path / 'chart.png')

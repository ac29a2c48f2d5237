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

"""Figures are what the times say."""

import json

import pytest

from triplenet_ros.benchmark.measure import Times
from triplenet_ros.benchmark.rows import make_pairs
from triplenet_ros.benchmark.rows import make_rows
from triplenet_ros.benchmark.table import pairs_table, rows_table


def test_medians_and_p95_are_those_of_the_calls(bench):
    subject = bench.subject(0.1, batch=4)
    seconds = [0.01 * number for number in range(101)]
    taken = Times({'preprocess': [0.001] * 101, 'forward': seconds, 'postprocess': [0.002] * 101},
                  [value + 0.003 for value in seconds])
    [row] = make_rows([subject], [taken])
    assert row['stage'] == pytest.approx({'preprocess': 1, 'forward': 500, 'postprocess': 2,
                                          'total': 503})
    assert row['p95'] == pytest.approx({'preprocess': 1, 'forward': 950, 'postprocess': 2,
                                        'total': 953})
    assert row['fps'] == pytest.approx(4 / 0.503)
    assert row['outside_network'] == pytest.approx(3 / 503)
    assert row['runs'] == 101


def test_rows_have_the_keys_of_the_contract_and_are_plain_data(shoot_out):
    for row in shoot_out.rows:
        assert {'network', 'backend', 'device', 'precision', 'batch', 'stage', 'fps'} <= set(row)
    figures = {'rows': shoot_out.rows, 'pairs': make_pairs(shoot_out.rows)}
    text = json.dumps(figures, allow_nan=False)
    assert json.loads(text)['rows'] == shoot_out.rows


def test_speed_is_compared_with_eager_of_the_same_network_and_batch(shoot_out):
    by_name = {(row['network'], row['backend'], row['batch']): row['speedup']
               for row in shoot_out.rows}
    assert by_name['net', 'openvino', 1] == pytest.approx({'forward': 5, 'total': 103 / 23})
    assert by_name['net', 'eager', 1] == by_name['net', 'eager', 2] == {'forward': 1, 'total': 1}
    assert by_name['other', 'torch', 1] is None
    assert by_name['retinanet', 'torchvision', 1] is None


def test_what_cannot_run_eagerly_is_compared_with_other_weights_of_its_network(bench):
    rows = bench.rows([bench.subject(0.101, backend='eager', weights='first'),
                       bench.subject(0.201, backend='eager', weights='second'),
                       bench.subject(0.100, backend='torch', weights='second'),
                       bench.subject(0.050, weights='first.onnx')])
    assert [row['speedup']['total'] for row in rows] == pytest.approx(
        [1, 1, 204 / 103, 104 / 53])


def test_subjects_that_were_never_timed_have_no_row(bench):
    subjects = [bench.subject(0.1, network='a'), bench.subject(0.1, network='b')]
    [row] = make_rows(subjects, [Times({'preprocess': [0.1], 'forward': [0.1],
                                        'postprocess': [0.1]}, [0.3]), Times()])
    assert row['network'] == 'a'


def test_every_detector_is_paired_with_every_segmenter_of_its_batch(shoot_out):
    pairs = make_pairs(shoot_out.rows)
    assert [(pair['boxes'], pair['labels'], pair['batch']) for pair in pairs] == [
        ('retinanet', 'fcn', 1), ('ssd', 'fcn', 1), ('retinanet', 'fcn', 2)]
    assert pairs[0]['ms'] == pytest.approx(203 + 303)
    assert pairs[0]['boxes_ms'] + pairs[0]['labels_ms'] == pairs[0]['ms']


def test_pairs_are_compared_with_rows_that_give_both_tasks_of_as_many_classes(shoot_out):
    first, _, last = make_pairs(shoot_out.rows)
    assert first['ratios'] == pytest.approx({0: 506 / 103, 1: 506 / 23})
    assert last['ratios'] == pytest.approx({2: 1006 / 303})


def test_pairs_that_nothing_is_compared_with_are_left_out(shoot_out):
    rivals = [row for row in shoot_out.rows if row['backend'] == 'torchvision']
    assert make_pairs(rivals) == []


def test_tables_show_every_row_and_every_ratio(shoot_out):
    lines = rows_table(shoot_out.rows).splitlines()
    assert len(lines) == 1 + len(shoot_out.rows)
    assert 'net (some.onnx)' in rows_table([{**shoot_out.rows[0], 'weights': '/far/some.onnx'}])
    assert 'auto: openvino' in lines[2] and '4.48' in lines[2]
    assert lines[0].index('fps') + len('fps') == lines[1].index('9.7') + len('9.7')
    pairs = pairs_table(make_pairs(shoot_out.rows)).splitlines()
    assert pairs[0].split() == ['boxes', 'labels', 'input', 'batch', 'ms', 'x', '1', 'x', '2',
                                'x', '3']
    assert pairs[1].split() == ['retinanet', 'fcn', '4x6', '1', '506.0', '4.91', '22.00']

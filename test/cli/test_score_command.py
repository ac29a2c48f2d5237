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

"""triplenet score and compare: what they write, say, and exit with."""

import json

import pytest

from triplenet_ros.cli.main import main
from triplenet_ros.evaluation.report_folder import read_frames, read_run


@pytest.fixture
def bag(tmp_path, scored_bags):
    """Return a bag of ten images with results and truth."""
    return scored_bags.write(tmp_path / 'drive.mcap', scored_bags.image_messages(),
                             scored_bags.RESULTS, scored_bags.TRUTH)


def call(*arguments):
    """Run the command and return its exit status."""
    return main([str(one) for one in arguments])


def test_report_figures_and_text(bag, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr('sys.argv', ['/bin/triplenet', 'score', 'a drive.mcap'])
    folder, figures = tmp_path / 'report', tmp_path / 'figures.json'
    assert call('score', bag, '--truth', bag, '--report', folder, '--json', figures) == 0
    run = read_run(folder)
    assert json.loads(figures.read_text()) == json.loads((folder / 'report.json').read_text())
    assert len(list(read_frames(folder))) == run.scored == 10
    page = (folder / 'report.html').read_text()
    assert 'drive.mcap' in page and '<script' in page
    assert len(list((folder / 'pictures').iterdir())) == 2 * len(run.worst) > 0
    text = capsys.readouterr().out
    assert '10 of 10 results scored' in text and 'pedestrian' in text and 'at score 0.3' in text
    assert run.run.command == "triplenet score 'a drive.mcap'"


def test_figures_alone_on_standard_output(bag, capsys):
    assert call('score', bag, '--truth', bag, '--json', '-') == 0
    figures = json.loads(capsys.readouterr().out)
    assert {'frames', 'scored', 'unmatched', 'detection', 'segmentation', 'errors', 'latency_ms',
            'drops', 'criteria'} <= set(figures)


def test_a_missed_criterion_is_exit_1_with_its_value_when_all_is_written(bag, tmp_path, capsys):
    criteria, folder = tmp_path / 'criteria.yaml', tmp_path / 'report'
    criteria.write_text('- mIoU at least 0.99\n- no frame dropped\n')
    assert call('score', bag, '--truth', bag, '--criteria', criteria, '--report', folder) == 1
    error = capsys.readouterr().err
    value = read_run(folder).segmentation['mIoU']
    assert error.splitlines() == [f'missed: mIoU at least 0.99: {value:.4g}']
    criteria.write_text('- mIoU at least 0.1\n')
    assert call('score', bag, '--truth', bag, '--criteria', criteria) == 0
    assert 'passed  mIoU at least 0.1' in capsys.readouterr().out


def test_wrong_criteria_are_refused_before_anything_runs(bag, tmp_path, capsys):
    criteria = tmp_path / 'criteria.yaml'
    criteria.write_text('- be good\n')
    missing = tmp_path / 'missing.mcap'  # would be refused later
    assert call('score', missing, '--truth', bag, '--criteria', criteria) == 2
    assert "'be good'" in capsys.readouterr().err


@pytest.mark.parametrize(('options', 'text'), [
    (('--tolerance', '-1'), 'tolerance -1'), (('--threshold', '2'), 'threshold 2'),
    (('--every', '0'), '--every 0'), (('--distances', '5', '4'), 'rising'),
    (('--from', 'noon'), "'noon'"), (('--rename', 'no.yaml'), 'no.yaml'),
    (('--detections', '/no'), '/no'), (('--classes', 'no.yaml'), 'no.yaml')])
def test_bad_options_are_one_line_and_exit_2(bag, capsys, options, text):
    assert call('score', bag, '--truth', bag, *options) == 2
    error = capsys.readouterr().err
    assert error.startswith('error: ') and text in error and error.count('\n') == 1


def test_an_output_is_never_an_input(bag, capsys):
    assert call('score', bag, '--truth', bag, '--report', bag, '--overwrite') == 2
    assert bag.is_file() and str(bag) in capsys.readouterr().err


def test_a_report_is_replaced_only_if_that_is_said(bag, tmp_path, capsys):
    folder = tmp_path / 'report'
    assert call('score', bag, '--truth', bag, '--report', folder) == 0
    assert call('score', bag, '--truth', bag, '--report', folder) == 2
    assert 'exists' in capsys.readouterr().err
    assert call('score', bag, '--truth', bag, '--report', folder, '--overwrite') == 0


def test_compare_fails_below_the_limit_and_names_what_fell(tmp_path, scored_example, capsys):
    good, bad, figures = (tmp_path / name for name in ('good', 'bad', 'compare.json'))
    scored_example.write_example(good)
    scored_example.write_example(bad, -0.15)
    assert call('compare', good, bad) == 0
    assert 'worse' in capsys.readouterr().out
    assert call('compare', good, bad, '--fail-below', '-0.01', '--json', figures) == 1
    missed = capsys.readouterr().err.splitlines()
    content = json.loads(figures.read_text())
    assert [line.split(': ')[1].rsplit(' ', 6)[0] for line in missed] != []
    assert len(missed) == len(content['failed']) > 0 and 'limit -0.01' in missed[0]
    assert call('compare', bad, good, '--fail-below', '-0.01') == 0


def test_compare_refuses_what_is_no_report(tmp_path, capsys):
    assert call('compare', tmp_path, tmp_path) == 2
    assert 'report.json' in capsys.readouterr().err

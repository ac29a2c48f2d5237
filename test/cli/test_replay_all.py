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

"""triplenet replay-all: one report over many recordings, and nothing done twice."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from triplenet_ros.bag.images import RawImages
from triplenet_ros.cli.main import main
from triplenet_ros.fleet import local, run_job
from triplenet_ros.fleet.threads import Share


@pytest.fixture
def drives(tmp_path, scored_bags):
    """Return a folder of two bags of three frames with truth on topics."""
    (tmp_path / 'drives').mkdir()
    for drive in range(2):
        images = RawImages()
        camera = [images.message(np.random.default_rng(10 * drive + index).integers(
            0, 256, (48, 64, 3), dtype=np.uint8), scored_bags.FIRST + index * scored_bags.STEP)
            for index in range(3)]
        truth = scored_bags.Side('/truth', numbers=(0, 1, 2))
        scored_bags.write(tmp_path / f'drives/drive{drive}.mcap', camera, truth)
    return tmp_path / 'drives'


@pytest.fixture
def fleet(monkeypatch, tiny_predictor, tmp_path):
    """Return a function that runs the command in this process, and what it has replayed."""
    worked = []

    def run_here(jobs, share: Share, run):
        for job in jobs:
            worked.append(job.name)
            yield run(job, 1)

    monkeypatch.setattr(local, 'run_local', run_here)
    monkeypatch.setattr(run_job, '_predictor', lambda options: tiny_predictor)

    def call(*arguments, out='out'):
        worked.clear()
        # What comes later counts: --json among the arguments.
        code = main(['replay-all', '--json', str(tmp_path / 'all.json'), *map(str, arguments),
                     '--out', str(tmp_path / out)])
        return code, list(worked)

    return call


def figures(tmp_path):
    return json.loads((tmp_path / 'all.json').read_text())


def test_every_bag_has_its_row_and_the_sum_is_over_all(drives, fleet, tmp_path):
    assert fleet(drives, '--truth', '{bag}') == (0, ['drive0', 'drive1'])
    told = figures(tmp_path)
    assert [(row['name'], row['status'], row['replay']['processed']) for row in told['bags']] == [
        ('drive0', 'done', 3), ('drive1', 'done', 3)]
    assert told['sum']['frames'] == told['sum']['scored'] == 6
    own = json.loads((tmp_path / 'out/bags/drive0/report/report.json').read_text())
    row = told['bags'][0]
    assert row['scores']['mIoU'] == own['segmentation']['mIoU']
    assert own['run']['results'] == str(tmp_path / 'out/bags/drive0/results.mcap')
    assert 'total' in own['latency_ms']
    page = (tmp_path / 'out/report/report.html').read_text()
    assert 'href="../bags/drive0/report/report.html"' in page and '2 recordings' in page


def test_the_sum_over_one_bag_is_its_own_score(drives, fleet, tmp_path):
    fleet(drives / 'drive0.mcap', '--truth', '{bag}')
    told = figures(tmp_path)
    assert told['sum']['scores'] == pytest.approx(told['bags'][0]['scores'], abs=1e-6)


def test_the_same_command_again_does_no_work_and_says_so(drives, fleet, tmp_path, capsys):
    fleet(drives)
    before, pages = figures(tmp_path), tmp_path / 'out/report/report.html'
    written = pages.stat().st_mtime_ns
    assert fleet(drives) == (0, [])
    assert '2 of 2 recordings are finished already' in capsys.readouterr().out
    assert figures(tmp_path) == before and pages.stat().st_mtime_ns == written


def test_only_what_is_missing_or_not_whole_is_done(drives, fleet, tmp_path):
    fleet(drives / 'drive0.mcap')
    assert fleet(drives) == (0, ['drive1'])
    results = tmp_path / 'out/bags/drive0/results.mcap'
    results.write_bytes(results.read_bytes()[:-1])
    code, worked = fleet(drives, '--overwrite')
    # What somebody changed is not thrown away, even so.
    assert (code, worked) == (2, [])
    results.parent.rename(tmp_path / 'moved')
    assert fleet(drives) == (0, ['drive0'])


@pytest.mark.parametrize('change', ['option', 'recording'])
def test_what_was_made_otherwise_is_replaced_only_with_overwrite(
        drives, fleet, tmp_path, capsys, change):
    fleet(drives)
    options = ['--max-detections', '7'] if change == 'option' else []
    if change == 'recording':
        os.utime(drives / 'drive0.mcap', ns=(1, 1))
    assert fleet(drives, *options) == (2, [])
    assert 'give --overwrite' in capsys.readouterr().err
    code, worked = fleet(drives, *options, '--overwrite')
    assert code == 0 and worked == (['drive0'] if change == 'recording' else ['drive0', 'drive1'])


def test_a_broken_bag_is_a_red_row_and_stops_no_other(drives, fleet, tmp_path, capsys):
    (drives / 'broken.mcap').write_bytes(b'no bag')
    code, worked = fleet(drives)
    assert code == 1 and worked == ['broken', 'drive0', 'drive1']
    rows = {row['name']: row['status'] for row in figures(tmp_path)['bags']}
    assert rows == {'broken': 'failed', 'drive0': 'done', 'drive1': 'done'}
    assert 'broken failed' in capsys.readouterr().err
    assert fleet(drives) == (1, ['broken'])


def test_missed_criteria_are_named_with_their_recording(drives, fleet, tmp_path, capsys):
    criteria = tmp_path / 'criteria.yaml'
    criteria.write_text('- mIoU at least 0.99\n')
    assert fleet(drives, '--truth', '{bag}', '--criteria', criteria)[0] == 1
    assert 'mIoU at least 0.99' in capsys.readouterr().err
    assert fleet(drives, '--truth', '{bag}', '--criteria', criteria) == (1, [])


@pytest.mark.parametrize('arguments, said', [
    (['--criteria', 'c.yaml'], '--criteria needs --truth'), (['--workers', '0'], '--workers 0'),
    (['--weights', 'nowhere'], "no weights 'nowhere'")])
def test_bad_usage_is_one_line_before_any_work(drives, fleet, capsys, arguments, said):
    assert fleet(drives, *arguments) == (2, [])
    assert said in capsys.readouterr().err


@pytest.mark.parametrize('out, said', [
    ('drives/folder', 'would lie in the input'), ('drives/folder/more', 'would lie in the input'),
    ('hidden', 'is the input'), ('linked', 'would lie in the input')])
def test_nothing_is_written_into_a_bag_that_is_read(drives, fleet, tmp_path, capsys, out, said):
    (drives / 'folder').mkdir()
    (drives / 'drive1.mcap').rename(drives / 'folder/drive1.mcap')
    (drives / 'folder/metadata.yaml').write_text('')
    (tmp_path / 'linked').symlink_to(drives / 'folder')
    (tmp_path / 'hidden/bags').mkdir(parents=True)
    (tmp_path / 'hidden/bags/folder').symlink_to(drives / 'folder')
    before = sorted(path for path in drives.rglob('*'))
    assert fleet(drives / 'folder', out=out) == (2, [])
    error = capsys.readouterr().err
    assert said in error and error.count('\n') == 1
    assert sorted(path for path in drives.rglob('*')) == before


def test_figures_replace_no_truth(drives, fleet, capsys):
    truth = drives / 'drive0.json'
    truth.write_text('{}')
    assert fleet(drives, '--truth', f'{drives}/{{name}}.json', '--json', truth) == (2, [])
    assert 'is the input' in capsys.readouterr().err and truth.read_text() == '{}'


@pytest.mark.parametrize('named', ['folder', 'pattern'])
def test_results_among_the_recordings_are_no_recordings(drives, fleet, tmp_path, named):
    named = drives if named == 'folder' else f'{drives}/**/*.mcap'
    assert fleet(named, out='drives') == (0, ['drive0', 'drive1'])
    assert fleet(named, out='drives') == (0, [])
    assert len(figures(tmp_path)['bags']) == 2


def test_to_say_that_all_is_finished_needs_no_network(drives, fleet, tmp_path):
    fleet(drives)
    code = ('import sys; from triplenet_ros.cli.main import main; '
            f'print(main(["replay-all", {str(drives)!r}, "--out", {str(tmp_path / "out")!r}])); '
            'print(sorted({"torch", "ray", "cv2", "openvino"} & set(sys.modules)))')
    said = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert '2 of 2 recordings are finished already' in said.stdout
    assert said.stdout.splitlines()[-2:] == ['0', '[]']

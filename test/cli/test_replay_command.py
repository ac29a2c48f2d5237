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

"""triplenet replay: what it writes, what it says, how it refuses."""

import argparse
import json

import cv2
import numpy as np
import pytest

from triplenet_ros.bag import topics
from triplenet_ros.bag.images import RawImages, stamp_ns
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.source import open_source
from triplenet_ros.cli import replay
from triplenet_ros.cli.main import main
from triplenet_ros.cli.missed import Missed
from triplenet_ros.errors import InputError


@pytest.fixture
def bag(tmp_path):
    """Return a bag of four frames."""
    images = RawImages()
    with bag_sink(tmp_path / 'in.mcap') as sink:
        for index in range(4):
            noise = np.random.default_rng(index).integers(0, 256, (48, 80, 3), dtype=np.uint8)
            sink.write(images.message(noise, stamp_ns(index, 10)))
    return tmp_path / 'in.mcap'


@pytest.fixture
def run(monkeypatch, tiny_predictor):
    """Return a function that runs the command with a tiny network."""
    monkeypatch.setattr(replay, 'load_predictor', lambda args: tiny_predictor)

    def call(*arguments):
        parser = argparse.ArgumentParser()
        replay.add_arguments(parser)
        replay.run(parser.parse_args([str(one) for one in arguments]))

    return call


def topics_of(path):
    """Return the topics of a bag with their counts."""
    with open_source(path) as source:
        counts = {}
        for message in source.messages():
            counts[message.channel.topic] = counts.get(message.channel.topic, 0) + 1
        return counts


def test_bag_of_results_video_sheet_and_figures_are_written(bag, run, tmp_path, capsys):
    out, video = tmp_path / 'out', tmp_path / 'out.mp4'
    sheet, figures = tmp_path / 'sheet.png', tmp_path / 'figures.json'
    run(bag, '--out', out, '--video', video, '--contact-sheet', sheet, '--json', figures)
    assert topics_of(out) == {
        '/camera/image': 4, topics.LABEL_INFO: 1, topics.DETECTION_INFO: 1, topics.DETECTIONS: 4,
        topics.LABEL_IMAGE: 4, topics.OVERLAY: 4}
    assert cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FRAME_COUNT) == 4
    assert cv2.imread(str(sheet)).shape[1] == 1500
    values = json.loads(figures.read_text())
    assert values['frames'] == values['processed'] == 4 and values['network'] == 'tiny'
    text = capsys.readouterr().out
    assert '4 frames, 4 processed, 0 dropped' in text and str(sheet) in text


def test_figures_on_standard_output_stand_alone(bag, run, tmp_path, capsys):
    run(bag, '--out', tmp_path / 'out.mcap', '--json', '-')
    streams = capsys.readouterr()
    assert json.loads(streams.out)['frames'] == 4
    assert '4 frames' in streams.err


def test_overlay_can_be_left_out(bag, run, tmp_path):
    run(bag, '--out', tmp_path / 'out.mcap', '--no-overlay')
    assert topics.OVERLAY not in topics_of(tmp_path / 'out.mcap')


def test_realtime_counts_every_frame(bag, run, tmp_path):
    run(bag, '--out', tmp_path / 'out.mcap', '--realtime', '--json', tmp_path / 'figures.json')
    values = json.loads((tmp_path / 'figures.json').read_text())
    assert values['frames'] == 4 == values['processed'] + values['dropped']


def test_ctrl_c_goes_on_after_what_is_finished_is_written(bag, run, tmp_path, interrupt):
    interrupt(replay)
    with pytest.raises(KeyboardInterrupt):
        run(bag, '--out', tmp_path / 'out.mcap', '--video', tmp_path / 'out.mp4',
            '--json', tmp_path / 'figures.json')
    assert topics_of(tmp_path / 'out.mcap')[topics.DETECTIONS] == 1
    assert json.loads((tmp_path / 'figures.json').read_text())['interrupted']
    assert cv2.VideoCapture(str(tmp_path / 'out.mp4')).get(cv2.CAP_PROP_FRAME_COUNT) == 1


@pytest.mark.parametrize('extra, words', [
    (['--out', 'in.mcap', '--overwrite'], 'is the input'),
    (['--out', 'there'], '--overwrite'),
    (['--out', 'there.mcap'], 'is a folder, a file'),
    (['--out', 'in.mcap/out'], 'in.mcap'),
    (['--out', '/proc/none/out'], '/proc/none'),
    (['--out', 'out', '--video', 'a.avi'], 'must end in .mp4'),
    (['--out', 'out', '--contact-sheet', 'a.txt'], 'must end in .png or .jpg'),
    (['--out', 'out', '--contact-sheet', 'there.png'], '--overwrite'),
    (['--out', 'out', '--topic', '/none'], 'no messages on /none'),
])
def test_refusal_leaves_nothing_behind(bag, run, tmp_path, monkeypatch, extra, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'there').mkdir()
    (tmp_path / 'there.mcap').mkdir()
    (tmp_path / 'there.png').touch()
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob('*')}
    with pytest.raises(InputError, match=words) as caught:
        run('in.mcap', *extra)
    assert '\n' not in str(caught.value)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob('*')} == before


@pytest.fixture
def truth_bag(tmp_path, scored_bags):
    """Return a bag of four frames of noise with truth on topics."""
    images = RawImages()
    camera = [images.message(np.random.default_rng(index).integers(
        0, 256, (48, 64, 3), dtype=np.uint8), scored_bags.FIRST + index * scored_bags.STEP)
        for index in range(4)]
    return scored_bags.write(tmp_path / 'truth.mcap', camera, scored_bags.TRUTH)


def test_replay_with_truth_is_replay_and_score(run, truth_bag, tmp_path, capsys):
    out, report, figures = (tmp_path / name for name in ('out.mcap', 'report', 'figures.json'))
    run(truth_bag, '--out', out, '--truth', truth_bag, '--report', report, '--json', figures)
    values = json.loads(figures.read_text())
    own = json.loads((report / 'report.json').read_text())
    assert values['metrics']['detection'] == own['detection'] is not None
    assert own['scored'] == 4 and own['run']['network'] == 'tiny'
    assert {'preprocess', 'forward', 'total'} <= set(own['latency_ms'])
    assert own['drops'] == {'images': 4, 'processed': 4, 'dropped': 0, 'stale': None,
                            'errors': 0}
    assert main(['score', str(out), '--truth', str(truth_bag), '--json', str(figures)]) == 0
    again = json.loads(figures.read_text())
    assert again['detection'] == own['detection']
    assert again['segmentation'] == own['segmentation']
    assert '4 of 4 results scored' in capsys.readouterr().out


def test_replay_names_missed_criteria_when_all_is_written(run, truth_bag, tmp_path):
    criteria = tmp_path / 'criteria.yaml'
    criteria.write_text('- mAP50 at least 0.99\n')
    with pytest.raises(Missed, match='mAP50 at least 0.99'):
        run(truth_bag, '--out', tmp_path / 'out.mcap', '--truth', truth_bag, '--criteria',
            criteria)
    assert (tmp_path / 'out.mcap').exists()


@pytest.mark.parametrize(('options', 'text'), [
    (('--truth', 'missing.json'), 'missing.json does not exist'),
    (('--report', 'report'), 'need --truth')])
def test_truth_that_cannot_be_used_stops_a_replay_before_it_starts(
        run, bag, tmp_path, options, text):
    with pytest.raises(InputError, match=text):
        run(bag, '--out', tmp_path / 'out.mcap', *options)
    with pytest.raises(InputError, match='has no truth'):
        run(bag, '--out', tmp_path / 'out.mcap', '--truth', bag)
    assert not (tmp_path / 'out.mcap').exists()

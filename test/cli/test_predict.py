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

"""triplenet predict: what it writes, what it says, how it refuses."""

import argparse
import json

import cv2
import numpy as np
import pytest

from triplenet_ros import Predictor
from triplenet_ros.cli import predict
from triplenet_ros.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Return a folder of three images of different sizes."""
    (tmp_path / 'in').mkdir()
    for index, shape in enumerate(((48, 80), (31, 57), (90, 40))):
        noise = np.random.default_rng(index).integers(0, 256, (*shape, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f'in/{index}.png'), noise)
    return tmp_path / 'in'


@pytest.fixture
def run(monkeypatch, tiny_predictor):
    """Return a function that runs the command with a tiny network."""
    monkeypatch.setattr(predict, 'load_predictor', lambda args, **_: tiny_predictor)

    def call(*arguments):
        parser = argparse.ArgumentParser()
        predict.add_arguments(parser)
        predict.run(parser.parse_args([str(one) for one in arguments]))

    return call


def test_overlays_labels_and_boxes_are_in_the_pixels_of_each_image(
        folder, run, tmp_path, tiny_predictor):
    run(folder, '--out', tmp_path / 'out')
    boxes = json.loads((tmp_path / 'out/boxes.json').read_text())
    assert boxes['detection_classes'] == list(tiny_predictor.classes.detection)
    for entry in boxes['images']:
        image = cv2.imread(str(folder / f'{entry["name"]}.png'))[..., ::-1]
        expected = tiny_predictor(image)
        labels = cv2.imread(str(tmp_path / f'out/labels/{entry["name"]}.png'), 0)
        np.testing.assert_array_equal(labels, expected.label_map)
        assert cv2.imread(str(tmp_path / f'out/overlays/{entry["name"]}.jpg')).shape == image.shape
        assert (entry['height'], entry['width']) == image.shape[:2]
        found = np.array([box['box'] for box in entry['boxes']]).reshape(-1, 4)
        np.testing.assert_allclose(found, expected.boxes, atol=0.01)
    assert [entry['name'] for entry in boxes['images']] == ['0', '1', '2']


def test_labels_that_are_not_certain_are_left_out_where_asked_for(
        folder, run, tmp_path, tiny_network, monkeypatch):
    certain = Predictor(tiny_network, device='cpu', backend='torch', confidence=True)
    monkeypatch.setattr(predict, 'load_predictor', lambda args, confidence: certain)
    prediction = certain(cv2.imread(str(folder / '0.png'))[..., ::-1])
    limit = (int(prediction.confidence.min()) + int(prediction.confidence.max())) / 2 / 255
    run(folder, '--out', tmp_path / 'out', '--min-confidence', limit)
    labels = cv2.imread(str(tmp_path / 'out/labels/0.png'), 0)
    doubtful = prediction.confidence < 255 * limit
    assert doubtful.any() and not doubtful.all()
    assert np.array_equal(labels, np.where(doubtful, 255, prediction.label_map))
    with pytest.raises(InputError, match='--min-confidence is 2.0, must be 0 .. 1'):
        run(folder, '--out', tmp_path / 'two', '--min-confidence', 2)


def test_one_image_and_a_video_are_inputs_too(folder, run, tmp_path):
    run(folder / '1.png', '--out', tmp_path / 'one')
    assert [file.name for file in (tmp_path / 'one/labels').iterdir()] == ['1.png']
    writer = cv2.VideoWriter(str(tmp_path / 'in.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 10,
                             (80, 48))
    for value in (50, 90):
        writer.write(np.full((48, 80, 3), value, np.uint8))
    writer.release()
    run(tmp_path / 'in.mp4', '--out', tmp_path / 'two')
    names = sorted(file.name for file in (tmp_path / 'two/labels').iterdir())
    assert names == ['000000.png', '000001.png']


def test_figures_count_images_and_boxes(folder, run, tmp_path, capsys):
    run(folder, '--out', tmp_path / 'out', '--json', '-')
    streams = capsys.readouterr()
    figures = json.loads(streams.out)
    boxes = json.loads((tmp_path / 'out/boxes.json').read_text())['images']
    assert figures['images'] == 3 and figures['skipped'] == 0 and figures['fps'] > 0
    assert figures['detections'] == sum(len(entry['boxes']) for entry in boxes)
    assert '3 images' in streams.err


def test_image_that_cannot_be_decoded_is_skipped_and_said(folder, run, tmp_path, capsys):
    (folder / '1.png').write_text('no picture')
    run(folder, '--out', tmp_path / 'out')
    text = capsys.readouterr().out
    assert '2 images, 1 skipped' in text and '1.png is not an image' in text


def test_ctrl_c_keeps_what_is_finished(folder, run, tmp_path, interrupt):
    interrupt(predict)
    with pytest.raises(KeyboardInterrupt):
        run(folder, '--out', tmp_path / 'out')
    assert len(json.loads((tmp_path / 'out/boxes.json').read_text())['images']) == 1


@pytest.mark.parametrize('name, out, words', [
    ('none', 'out', 'none does not exist'),
    ('in', 'in', 'is the input'),
    ('in', 'old', '--overwrite'),
    ('text.jpg', 'out', 'text.jpg is not an image'),
    ('text.mp4', 'out', 'text.mp4'),
    ('.', 'out', 'holds no images'),
    ('in', 'text.mp4/out', 'text.mp4'),
])
def test_refusal_leaves_nothing_behind(folder, run, tmp_path, monkeypatch, name, out, words):
    work = tmp_path / 'work'
    work.mkdir()
    (work / 'text.mp4').write_text('no video')
    (work / 'in').symlink_to(folder)
    (work / 'old').mkdir()
    monkeypatch.chdir(work)
    if name == 'text.jpg':
        (work / name).write_text('no picture')
    before = sorted(work.iterdir())
    with pytest.raises(InputError, match=words) as caught:
        run(name, '--out', out)
    assert '\n' not in str(caught.value) and sorted(work.iterdir()) == before

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

"""triplenet evaluate: what it prints and writes."""

import argparse
import json

import cv2
import numpy as np
import pytest

from triplenet_ros.classes import CAMVID, CITYSCAPES
from triplenet_ros.cli import evaluate
from triplenet_ros.cli.main import main
from triplenet_ros.data.camvid import CamVid
from triplenet_ros.errors import InputError
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.outputs import MARK
from triplenet_ros.predictor import Predictor


@pytest.fixture
def root(tmp_path):
    """One frame with one car, and one without."""
    for folder in ('images', 'labels'):
        (tmp_path / 'camvid' / 'val' / folder).mkdir(parents=True)
    label = np.full((40, 60), CAMVID.segmentation.index('road'), np.uint8)
    for name in ('a', 'b'):
        cv2.imwrite(str(tmp_path / f'camvid/val/images/{name}.png'), np.zeros((40, 60, 3)))
        cv2.imwrite(str(tmp_path / f'camvid/val/labels/{name}.png'), label)
        label[10:30, 10:40] = CAMVID.segmentation.index('car')
    return tmp_path / 'camvid'


@pytest.fixture
def loaded(monkeypatch, root):
    """Replace the weights by one that answers every frame with the truth of frame b."""
    asked = {}

    class Same:
        classes = CAMVID

        def stream(self, images):
            return map(self, images)

        def __call__(self, image):
            truth = CamVid(root, 'val')[1]
            return Prediction(truth.boxes, np.ones(len(truth.boxes), np.float32),
                              truth.class_ids, truth.label_map, None, CAMVID)

    def load(weights, **options):
        asked.update(options, weights=weights)
        return Same()

    monkeypatch.setattr(Predictor, 'load', load)
    return asked


def run(*arguments):
    """Run the command with these arguments."""
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    evaluate.run(parser.parse_args([str(argument) for argument in arguments]))


def test_table_is_printed_and_says_derived_boxes(root, loaded, capsys):
    run('--data', 'camvid', '--root', root)
    text = capsys.readouterr().out
    assert text.startswith('2 images') and 'detection, derived boxes' in text
    # One car; the box on frame a is wrong and comes first among equals.
    assert any(line.split()[:2] == ['car', '50.0'] for line in text.splitlines())


def test_doubtful_boxes_are_asked_for(root, loaded):
    run('--data', 'camvid', '--root', root, '--device', 'cpu', '--weights', 'w.safetensors',
        '--input-size', '128x192')
    assert loaded == {
        'weights': 'w.safetensors', 'input_size': '128x192', 'device': 'cpu', 'backend': 'auto',
        'precision': 'auto', 'score_threshold': 0.01, 'confidence': True}


def test_figures_go_to_the_file(root, loaded, tmp_path):
    run('--data', 'camvid', '--root', root, '--limit', '1', '--json', tmp_path / 'f.json')
    figures = json.loads((tmp_path / 'f.json').read_text())
    assert figures['images'] == 1 and figures['detection']['mAP50'] is None
    assert figures['segmentation']['per_class']['road'] == pytest.approx(0.75)


def test_figures_alone_go_to_standard_output(root, loaded, capsys):
    run('--data', 'camvid', '--root', root, '--json', '-')
    out, err = capsys.readouterr()
    assert json.loads(out)['images'] == 2 and 'derived boxes' in err


def test_wrong_data_is_refused_before_weights_are_loaded(loaded, tmp_path):
    with pytest.raises(InputError, match='did you mean camvid'):
        run('--data', 'camvod', '--root', tmp_path)
    assert loaded == {}


def test_options_reach_the_data(loaded, tmp_path, capsys):
    run('--data', 'scenes', '--data-option', 'count=3', '--data-option', 'height=40',
        '--data-option', 'width=60')
    assert capsys.readouterr().out.startswith('3 images')
    with pytest.raises(InputError, match='voc2012: option lists is 3, must be str'):
        run('--data', 'voc2012', '--root', tmp_path, '--data-option', 'lists=3')
    with pytest.raises(InputError, match="scenes has no option 'number'"):
        run('--data', 'scenes', '--data-option', 'number=3')
    with pytest.raises(InputError, match="--data-option 'count=.' is no YAML"):
        run('--data', 'scenes', '--data-option', 'count=[')
    with pytest.raises(InputError, match="--data-option 'count' must be key=value"):
        run('--data', 'scenes', '--data-option', 'count')
    with pytest.raises(InputError, match='--data-option split=val: give --split'):
        run('--data', 'scenes', '--data-option', 'split=val')


def test_limit_of_nothing_and_unknown_split_are_refused_before_weights_are_loaded(root, loaded):
    with pytest.raises(InputError, match='limit 0 is out of range'):
        run('--data', 'camvid', '--root', root, '--limit', '0')
    with pytest.raises(InputError, match='splits there: val'):
        run('--data', 'camvid', '--root', root, '--split', 'none')
    with pytest.raises(InputError, match='does not exist'):
        run('--data', 'camvid', '--root', root / 'none')
    assert loaded == {}


def test_plots_are_made_and_an_existing_folder_is_refused_first(root, loaded, tmp_path, capsys):
    pytest.importorskip('matplotlib')
    command = ('--data', 'camvid', '--root', root, '--plots', tmp_path / 'plots')
    run(*command)
    made = sorted(path.name for path in (tmp_path / 'plots').iterdir())
    assert made == [MARK, 'confusion.csv', 'confusion.png', 'precision_recall.csv',
                    'precision_recall.png', 'reliability.csv', 'reliability.png']
    loaded.clear()
    with pytest.raises(InputError, match='give --overwrite'):
        run(*command)
    assert loaded == {}
    run(*command, '--overwrite')


@pytest.fixture
def cityscapes(monkeypatch, root):
    """Replace the weights by those that call cars trucks, and know only names of Cityscapes."""
    label_of = np.full(256, 255, np.uint8)
    for given, said in (('road', 'road'), ('car', 'truck')):
        label_of[CAMVID.segmentation.index(given)] = CITYSCAPES.segmentation.index(said)

    class Trucks:
        classes = CITYSCAPES

        def stream(self, images):
            truths = CamVid(root, 'val')
            for index, _ in enumerate(images):
                truth = truths[index]
                yield Prediction(truth.boxes, np.ones(len(truth.boxes), np.float32),
                                 np.full(len(truth.boxes), CITYSCAPES.detection.index('truck')),
                                 label_of[truth.label_map], None, CITYSCAPES)

    monkeypatch.setattr(Predictor, 'load', lambda *_, **__: Trucks())


@pytest.mark.parametrize('rename, right', [
    ((), 0.0), (('--rename', 'cityscapes_to_camvid'), 1.0), (('--rename', 'mine.yaml'), 1.0)],
    ids=['none', 'shipped', 'file'])
def test_classes_are_scored_under_the_names_that_a_mapping_gives(
        root, cityscapes, tmp_path, monkeypatch, rename, right):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'mine.yaml').write_text('truck: car\n')
    assert main(['evaluate', '--data', 'camvid', '--root', str(root), *rename,
                 '--json', 'f.json']) == 0
    figures = json.loads((tmp_path / 'f.json').read_text())
    assert figures['detection']['per_class']['car']['AP50'] == right
    assert figures['segmentation']['per_class']['car'] == right
    assert figures['segmentation']['per_class']['road'] == 1.0
    unknown = {'pavement', 'tree', 'sign', 'pedestrian', 'bicyclist'}
    shipped = 'cityscapes_to_camvid' in rename
    assert set(figures['segmentation']['not_scored']) == (set() if shipped else unknown)


@pytest.mark.parametrize('rename, message', [
    ('kitti', "error: no class mapping 'kitti'"), ('bad.yaml', 'must be name to name'),
    ('foreign.yaml', "error: rename maps 'kerb', which is no class here")])
def test_a_mapping_that_cannot_be_used_is_one_line(root, cityscapes, tmp_path, monkeypatch,
                                                   capsys, rename, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'bad.yaml').write_text('truck: 3\n')
    (tmp_path / 'foreign.yaml').write_text('kerb: road\n')
    assert main(['evaluate', '--data', 'camvid', '--root', str(root), '--rename', rename]) == 2
    out, err = capsys.readouterr()
    line, = [line for line in err.splitlines() if 'error' in line]
    assert out == '' and message in line

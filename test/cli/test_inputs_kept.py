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

"""No command writes over what it reads, whatever its options are."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from triplenet_ros.bag.images import RawImages, stamp_ns
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.cli.main import main
from triplenet_ros.inference.weights import save_weights, WeightsCard


@pytest.fixture(scope='module')
def weights(tiny_network, tmp_path_factory):
    """Return a weights file of the tiny network."""
    path = tmp_path_factory.mktemp('weights') / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config))
    return path


@pytest.fixture
def place(tmp_path, weights, monkeypatch):
    """Work in a folder with one of everything that commands read."""
    monkeypatch.chdir(tmp_path)
    Path('tiny.safetensors').write_bytes(weights.read_bytes())
    picture = np.full((48, 80, 3), 90, np.uint8)
    for folder in ('pics', 'data/images', 'data/labels'):
        Path(folder).mkdir(parents=True)
    cv2.imwrite('pics/0.png', picture)
    Path('pics/boxes.json').write_text('{}')
    Path('pics/figures.json').write_text('{}')
    for index in range(2):
        cv2.imwrite(f'data/images/{index}.png', picture)
        Path(f'data/labels/{index}.txt').write_text('0 0.5 0.5 0.5 0.5\n')
    Path('data/classes.json').write_text('{}')
    Path('data/data.yaml').write_text('names: [car]\n')
    writer = cv2.VideoWriter('mine.mp4', cv2.VideoWriter_fourcc(*'mp4v'), 10, (80, 48))
    writer.write(picture)
    writer.release()
    with bag_sink(Path('bag')) as sink:
        sink.write(RawImages().message(picture, stamp_ns(0, 10)))
    Path('base.yaml').write_text('network: ssd300-r50\n')
    Path('recipe.yaml').write_text('based_on: base.yaml\ndata: {folder: {root: data}}\n')
    Path('names.yaml').write_text('car: auto\n')
    Path('link').symlink_to('.')
    return tmp_path


def contents(folder):
    """Return every file of a folder with what is in it."""
    return {str(path.relative_to(folder)): path.is_file() and path.read_bytes()
            for path in folder.rglob('*')}


REPLAY, WEIGHTS = 'replay mine.mp4 --overwrite --weights tiny.safetensors ', 'tiny.safetensors'
TWICE = [
    'predict pics --out pics --overwrite', 'predict pics --out link/pics --overwrite',
    'predict pics/0.png --out pics --overwrite', 'predict mine.mp4 --out o --json mine.mp4',
    'predict pics --out o --json o', 'predict pics --out o --json o/figures.json',
    f'predict pics --out o --weights {WEIGHTS} --json {WEIGHTS}',
    f'predict pics --out {WEIGHTS} --weights {WEIGHTS} --overwrite',
    REPLAY + '--out mine.mp4', REPLAY + '--out o.mcap --video mine.mp4',
    REPLAY + '--out o.mcap --video link/mine.mp4', REPLAY + '--out o.mcap --json mine.mp4',
    REPLAY + '--out o.mcap --json o.mcap', REPLAY + '--out a.mp4 --video a.mp4',
    REPLAY + f'--out o.mcap --json {WEIGHTS}',
    REPLAY + '--out o.mcap --contact-sheet a.png --json a.png',
    'replay bag --out bag --overwrite', 'replay bag --out bag/bag.mcap --overwrite',
    'replay bag --out bag/new.mcap', 'replay bag/bag.mcap --out bag/new.mcap',
    'replay bag --out o.mcap --json bag/metadata.yaml', 'replay bag --out o --video bag/o.mp4',
    'replay bag --out . --overwrite',
    'demo bag --out bag --overwrite', 'demo bag --out bag/demo', 'demo bag --out . --overwrite',
    'demo mine.mp4 --out o --json mine.mp4', 'demo --generated --out o --json o/x.json',
    'record mine.mp4 mine.mp4 --overwrite', 'record pics pics --overwrite',
    'record pics o.mcap --json pics/0.png', 'record pics o.mcap --json o.mcap',
    f'export o.onnx --format onnx --weights {WEIGHTS} --json {WEIGHTS}',
    'export pics/0.xml --format openvino --images pics --json pics/0.bin',
    'export o.onnx --format onnx --images mine.mp4 --json mine.mp4',
    'evaluate --data folder --root data --json data/classes.json',
    'evaluate --data folder --root data --json data/data.yaml',
    'evaluate --data folder --root data --rename names.yaml --json names.yaml',
    'evaluate --data folder --root data --data-option rename=names.yaml --json names.yaml',
    'evaluate --data folder --root data --plots data --overwrite',
    'evaluate --data folder --root data --plots data/labels --overwrite',
    'evaluate --data folder --root data --plots o --json o',
    f'evaluate --data folder --root data --weights {WEIGHTS} --json {WEIGHTS}',
    f'bench --weights {WEIGHTS} --json {WEIGHTS}',
    f'bench --weights {WEIGHTS} --plot a.png --json a.png', f'models --json {WEIGHTS}',
    'train recipe.yaml --out data', 'train recipe.yaml --out recipe.yaml',
    'train recipe.yaml --out base.yaml',
    'train recipe.yaml --out .',
    f'train recipe.yaml --out {WEIGHTS} --set initial_weights={WEIGHTS}']


@pytest.mark.parametrize('line', TWICE)
def test_what_is_read_is_kept_and_told_in_one_line(place, capsys, line):
    before = contents(place)
    assert main(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == '' and captured.err.startswith('error: ')
    assert captured.err.count('\n') == 1
    assert contents(place) == before


def test_going_on_does_not_replace_the_weights_it_began_with(place, capsys):
    Path('run').mkdir()
    for name in ('last.ckpt', 'weights.safetensors'):
        Path('run', name).write_bytes(Path(WEIGHTS).read_bytes())
    before = contents(place)
    for recipe in ('recipe.yaml', 'run/recipe.yaml'):
        Path('run/recipe.yaml').write_text(Path('recipe.yaml').read_text())
        assert main(['train', recipe, '--out', 'run', '--resume', '--set',
                     'initial_weights=run/weights.safetensors']) == 2
        assert 'is the input' in capsys.readouterr().err
        Path('run/recipe.yaml').unlink()
    assert contents(place) == before


@pytest.mark.parametrize('line', [
    'predict pics --out pics/new', 'predict . --out new', 'record pics pics/new.mcap',
    'record pics/0.png new --json pics/figures.json'])
def test_new_files_may_lie_beside_pictures_that_are_read(place, line):
    cv2.imwrite('0.png', np.zeros((48, 80, 3), np.uint8))
    for _ in range(2):
        weights = [] if line.startswith('record') else ['--weights', WEIGHTS, '--device', 'cpu']
        assert main([*line.split(), *weights, '--overwrite']) == 0


@pytest.mark.parametrize('target', ['/dev/null', '/dev/stdout', '-'])
def test_figures_can_go_into_a_stream(target, capfd):
    before = Path('/dev/null').stat()
    assert main(['models', '--json', target]) == 0
    assert (capfd.readouterr().out.count('"anchors"') > 10) == (target != '/dev/null')
    assert Path('/dev/null').stat().st_rdev == before.st_rdev

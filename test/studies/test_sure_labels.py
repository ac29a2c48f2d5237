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

"""Masks of what a network is sure of hold no object that has no box, and no black foliage."""

from pathlib import Path
import re
import sys

import cv2
import numpy as np
import pytest

from triplenet_ros.classes import CITYSCAPES, UNLABELLED
from triplenet_ros.errors import InputError
from triplenet_ros.sample import Sample
from triplenet_ros.training.recipe import load_recipe

ROAD, CAR, PERSON, VEGETATION, SKY = (CITYSCAPES.segmentation.index(name) for name in (
    'road', 'car', 'person', 'vegetation', 'sky'))


@pytest.fixture(scope='module')
def sure_labels(load_script):
    """Return the script as a module."""
    return load_script(Path(__file__).parents[2] / 'studies' / 'sure_labels.py')


def test_only_objects_in_a_box_of_their_class_are_kept(sure_labels):
    labels = np.full((20, 40), ROAD, np.uint8)
    labels[5:10, 5:10] = CAR  # in its box
    labels[5:10, 20:25] = CAR  # in the box of a person
    labels[15:18, 30:33] = PERSON  # in none
    boxes = np.float32([[5, 5, 10, 10], [20, 5, 25, 10]])
    ids = np.array([CITYSCAPES.detection.index(name) for name in ('car', 'person')])
    sample = Sample('a', np.zeros((20, 40, 3), np.uint8), boxes, ids)
    found = sure_labels.unboxed_objects(labels, sample, CITYSCAPES, CITYSCAPES)
    expected = np.zeros((20, 40), bool)
    expected[5:10, 20:25] = expected[15:18, 30:33] = True
    assert np.array_equal(found, expected)


def test_the_black_sky_of_night_is_no_vegetation(sure_labels):
    image = np.zeros((60, 90, 3), np.uint8)
    image[:, 60:] = np.random.default_rng(0).integers(0, 200, (60, 30, 1))  # leaves in a light
    labels = np.full((60, 90), VEGETATION, np.uint8)
    labels[40:] = ROAD
    sure_labels.mend_night(labels, image)
    assert (labels[:40, :50] == SKY).all() and (labels[40:] == ROAD).all()
    assert (labels[:40, 70:] == UNLABELLED).all()


def test_the_foliage_of_day_stays(sure_labels):
    labels = np.full((60, 90), VEGETATION, np.uint8)
    sure_labels.mend_night(labels, np.full((60, 90, 3), 90, np.uint8))
    assert (labels == VEGETATION).all()


def test_without_boxes_nothing_can_be_told(sure_labels):
    sample = Sample('a', np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(InputError, match='a has no boxes'):
        sure_labels.unboxed_objects(np.zeros((4, 6), np.uint8), sample, CITYSCAPES, CITYSCAPES)


@pytest.fixture
def run(tmp_path, monkeypatch, sure_labels):
    """Return a function that runs the script on one image of a car, and one is sure of which."""
    monkeypatch.chdir(tmp_path)
    for folder in ('own/images/train', 'own/labels/train', 'sure/labels'):
        Path(folder).mkdir(parents=True)
    cv2.imwrite('own/images/train/a.png', np.full((20, 40, 3), 90, np.uint8))
    Path('own/labels/train/a.txt').write_text('0 0.25 0.5 0.5 1\n')
    Path('own/data.yaml').write_text('names: [car]\n')

    def script(sure, *options):
        if sure is not None:
            cv2.imwrite('sure/labels/a.png', np.full((20, 40), sure, np.uint8))
        monkeypatch.setattr(sys, 'argv', ['sure_labels.py', 'own', 'train', 'sure/labels',
                                          'self/masks/train', *options])
        return sure_labels.main()

    return script


def masks():
    """Return the labels of the one mask, of its left half and right third."""
    labels = cv2.imread('self/masks/train/a.png', cv2.IMREAD_UNCHANGED)
    return set(labels[:, :20].flat), set(labels[:, 27:].flat)


def test_masks_of_an_earlier_round_are_replaced_where_that_is_wanted(run, capsys):
    assert run(CAR) == 0 and masks() == ({CAR}, {UNLABELLED})
    capsys.readouterr()
    assert run(ROAD) == 2 and masks() == ({CAR}, {UNLABELLED})
    assert capsys.readouterr().err == (
        'error: self/masks/train exists: choose another name or give --overwrite\n')
    assert run(ROAD, '--overwrite') == 0 and masks() == ({ROAD}, {ROAD})


def test_masks_that_cannot_be_written_are_told_in_one_line(run, capsys, little_room):
    cv2.imwrite('sure/labels/a.png', np.full((20, 40), ROAD, np.uint8))
    with little_room(20):
        assert run(None) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith('error: self/masks/train cannot be written: File too large')
    assert not Path('self/masks/train').exists() and list(Path('self/masks').iterdir()) == []


@pytest.mark.parametrize('names, labels, message', [
    ('[kiosk]', (20, 40), 'own has boxes of kiosk, must have those of classes of Cityscapes'),
    ('[car]', (30, 40), 'sure/labels/a.png is 40x30'), ('[car]', None, 'sure/labels/a.png')])
def test_data_that_do_not_fit_are_told_in_one_line(run, capsys, monkeypatch, names, labels,
                                                   message):
    Path('own/data.yaml').write_text(f'names: {names}\n')
    picture = b'' if labels is None else cv2.imencode('.png', np.zeros(labels, np.uint8))[1]
    monkeypatch.setattr(cv2, 'imwrite', lambda path, _: Path(path).write_bytes(picture))
    assert run(ROAD) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith('error: ') and message in line
    assert not Path('self/masks/train').exists()


def test_the_steps_of_the_shipped_weights_follow_each_other():
    text = (Path(__file__).parents[2] / 'docs' / 'training.md').read_text(encoding='utf-8')
    steps = re.findall('^    (triplenet train|sure) ([a-z-]+)', text.partition(
        '## The shipped weights')[2], re.MULTILINE)
    before, masks_of, trained = '', '', []
    for command, name in steps:
        if command == 'sure':
            assert name == before
            masks_of = name
            continue
        recipe = load_recipe(name)
        assert recipe.initial_weights == (f'runs/{before}/weights.safetensors' if before else '')
        roots = [options['root'] for _, options in recipe.data_sets]
        assert roots == ['data/cityscapes', 'data/bdd-self' if masks_of else 'data/bdd']
        before, trained = name, [*trained, (name, masks_of)]
    assert trained == [
        ('drive', ''), ('drive-finish', 'drive'), ('drive-polish', 'drive-finish'),
        ('drive-last', 'drive-finish'), ('drive-longer', 'drive-last'),
        ('drive-again', 'drive-longer')]

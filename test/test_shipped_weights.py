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

"""The weights that are shipped see a road."""

import json
from pathlib import Path
import re

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from triplenet_ros import Predictor
from triplenet_ros.class_mapping import load_rename
from triplenet_ros.classes import CITYSCAPES
from triplenet_ros.clip import clip_frames
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.table import table
from triplenet_ros.inference.weights import (
    card_metadata, read_card, save_weights, WeightsCard)
from triplenet_ros.inference.weights_file import find_weights
from triplenet_ros.network.costs import measure_costs

README = Path(__file__).parents[1] / 'README.md'
ROAD = CITYSCAPES.segmentation.index('road')
CAR = CITYSCAPES.detection.index('car')


@pytest.fixture(scope='module')
def predictor():
    """Return the shipped predictor, for scores."""
    return Predictor.load('drive', device='cpu', precision='float32', score_threshold=0.01)


def scores_of(predictor, dataset, every, rename=None):
    """Score every so manieth image."""
    evaluator = Evaluator(dataset.classes, predictor.classes, (VocAP,), rename or {})
    for index in range(0, len(dataset), every):
        sample = dataset[index]
        evaluator.update(predictor(sample.image), sample)
    return evaluator.compute()


def test_the_file_is_small_and_says_what_it_is():
    path = find_weights('drive')
    card = read_card(path)
    assert path.stat().st_size <= 30e6
    assert card.config.name == 'triplenet-drive' and card.config.classes == CITYSCAPES
    assert (card.config.input_height, card.config.input_width) == (384, 640)
    assert set(card.scores) == {'cityscapes', 'bdd', 'camvid'}
    assert set(card.temperatures) == {'detection', 'segmentation'}
    assert 0.05 < card.score_threshold < 0.9
    assert card.trained_on and card.command.startswith('triplenet train')


def test_the_model_card_and_the_licence_are_beside_it():
    path = find_weights('drive')
    text = path.with_suffix('.md').read_text(encoding='utf-8')
    for word in ('Cityscapes', 'BDD100K', 'mIoU', 'AP50', 'licence', 'Limits'):
        assert word.lower() in text.lower()
    # The steps stand where the card says they do.
    assert '](../../docs/training.md#the-shipped-weights)' in text
    training = (README.parent / 'docs' / 'training.md').read_text(encoding='utf-8')
    for step in read_card(path).command.split(' && '):
        assert re.search(rf'{re.escape(step)}(?![\w-])', training), step
    terms = (path.parent / 'LICENSE').read_text(encoding='utf-8')
    assert 'non-commercial' in terms and 'BDD100K' in terms


@pytest.mark.parametrize('data, boxes', [
    ('cityscapes', 'boxes'), ('bdd', 'boxes'), ('camvid', 'derived boxes')])
def test_the_model_card_has_the_scores_of_the_file(data, boxes):
    path = find_weights('drive')
    figures = read_card(path).scores[data]
    text = path.with_suffix('.md').read_text(encoding='utf-8')
    assert f'```\n{table(figures, boxes)}\n```' in text


def test_boxes_are_reported_from_where_f1_was_best_on_cityscapes():
    card = read_card(find_weights('drive'))
    best = card.scores['cityscapes']['detection']['best_threshold']
    assert card.score_threshold == best['score']


def test_the_model_card_names_the_temperatures_and_the_threshold():
    path = find_weights('drive')
    card, text = read_card(path), ' '.join(
        path.with_suffix('.md').read_text(encoding='utf-8').split())
    temperatures = card.temperatures
    assert (f'({temperatures["detection"]:.2f} for boxes, '
            f'{temperatures["segmentation"]:.2f} for labels)') in text
    assert f'from a score of {card.score_threshold:.2f} on' in text


@pytest.mark.parametrize('row, data, mean, person', [
    ('Cityscapes val', 'cityscapes', True, 'person'), ('BDD100K val', 'bdd', True, 'person'),
    ('CamVid val', 'camvid', False, 'pedestrian')])
def test_the_readme_has_the_scores_of_the_file(row, data, mean, person):
    figures = read_card(find_weights('drive')).scores[data]
    boxes, labels = figures['detection'], figures['segmentation']
    given, = re.findall(rf'^\| {row}[^|]*\|(.*)\|$', README.read_text(encoding='utf-8'), re.M)
    cells = [cell.strip().partition(' over ')[0] for cell in given.split('|')]
    expected = [boxes['mAP50'] if mean else None, boxes['per_class']['car']['AP50'],
                boxes['per_class'][person]['AP50'], labels and labels['mIoU']]
    assert cells == ['' if share is None else f'{100 * share:.1f}' for share in expected]


def test_it_takes_at_most_6_billion_multiply_adds():
    assert measure_costs(read_card(find_weights('drive')).config).macs <= 6e9


def test_streets_of_other_cities_are_understood(predictor, shared_data):
    dataset = open_dataset('folder', shared_data / 'cityscapes', 'val')
    figures = scores_of(predictor, dataset, 20)
    assert figures['segmentation']['per_class']['road'] > 0.9
    assert figures['segmentation']['pixel_accuracy'] > 0.85
    assert figures['detection']['per_class']['car']['AP50'] > 0.55


def test_cars_of_another_continent_are_found(predictor, shared_data):
    figures = scores_of(predictor, open_dataset('folder', shared_data / 'bdd', 'val'), 15)
    assert figures['detection']['per_class']['car']['AP50'] > 0.4


def test_a_third_camera_is_understood_under_its_names(predictor, shared_data):
    dataset = open_dataset('camvid', shared_data / 'camvid', 'val')
    figures = scores_of(predictor, dataset, 10, load_rename('cityscapes_to_camvid'))
    assert figures['segmentation']['per_class']['road'] > 0.85
    assert figures['segmentation']['pixel_accuracy'] > 0.8


def test_a_highway_has_a_road_with_cars_on_it():
    predictor = Predictor.load('drive', device='cpu', precision='float32')
    road, cars = [], 0
    for frame in clip_frames(6):
        prediction = predictor(frame)
        road.append((prediction.label_map[350:500, 200:760] == ROAD).mean())
        cars += bool((prediction.class_ids == CAR).any())
    assert np.median(road) > 0.9 and cars >= 5


def test_weights_of_other_classes_and_an_older_card_still_load(tiny_network, tmp_path):
    """Files that were written before cards had temperatures and a score."""
    path = tmp_path / 'old.safetensors'
    card = WeightsCard(tiny_network.config, 'camvid', 'triplenet train')
    save_weights(path, tiny_network, card)
    metadata = card_metadata(card)
    fields = {key: value for key, value in json.loads(metadata['card']).items()
              if key not in ('temperatures', 'score_threshold')}
    save_file(load_file(path), path, {**metadata, 'card': json.dumps(fields)})
    predictor = Predictor.load(path, device='cpu', backend='torch')
    assert predictor.classes == tiny_network.config.given_classes
    assert predictor.thresholds.score == 0.3

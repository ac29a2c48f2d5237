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

from pathlib import Path

import numpy as np
import pytest

from triplenet_ros import Predictor
from triplenet_ros.classes import CAMVID
from triplenet_ros.data.camvid import CamVid
from triplenet_ros.evaluation.detection import VocAP
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.inference.weights import read_card
from triplenet_ros.inference.weights_file import find_weights
from triplenet_ros.scenes import Scenes


@pytest.fixture(scope='module')
def predictor():
    """Return the shipped predictor."""
    return Predictor.load('drive', device='cpu', score_threshold=0.01)


def scores_of(predictor, samples):
    evaluator = Evaluator(CAMVID, predictor.classes, (VocAP,))
    for sample in samples:
        evaluator.update(predictor(sample.image), sample)
    return evaluator.compute()


def test_the_file_is_small_and_says_what_it_is():
    path = find_weights('drive')
    card = read_card(path)
    assert path.stat().st_size <= 30e6
    assert card.config.name == 'triplenet-drive' and card.config.classes == CAMVID
    assert card.scores['camvid']['segmentation']['mIoU'] > 0.59
    assert card.trained_on and card.command.startswith('triplenet train')


def test_the_model_card_is_beside_it():
    text = find_weights('drive').with_suffix('.md').read_text(encoding='utf-8')
    for word in ('CamVid', 'mIoU', 'AP50', 'licence', 'Limits', read_command()):
        assert word.lower() in text.lower()


def read_command():
    return read_card(find_weights('drive')).command


def test_generated_scenes_never_seen_are_understood(predictor):
    figures = scores_of(predictor, [Scenes(count=8, seed=2_000_000)[index] for index in range(8)])
    assert figures['segmentation']['per_class']['road'] > 0.8
    assert figures['segmentation']['mIoU'] > 0.5
    assert figures['detection']['per_class']['car']['AP50'] > 0.5


def test_real_streets_never_seen_are_understood(predictor, shared_data):
    dataset = CamVid(shared_data / 'camvid', 'val')
    figures = scores_of(predictor, [dataset[index] for index in range(0, 101, 10)])
    assert figures['segmentation']['per_class']['road'] > 0.9
    assert figures['segmentation']['pixel_accuracy'] > 0.85


def test_a_real_highway_has_a_road_with_cars_on_it(predictor, shared_data: Path):
    import cv2
    video = cv2.VideoCapture(str(shared_data / 'highway.mp4'))
    road, cars = [], 0
    for index in range(0, 221, 40):
        video.set(cv2.CAP_PROP_POS_FRAMES, index)
        _, frame = video.read()
        prediction = predictor(np.ascontiguousarray(frame[:, :, ::-1]))
        road.append((prediction.label_map[350:500, 200:760] == 3).mean())
        cars += bool(((prediction.scores > 0.3) & (prediction.class_ids == 0)).any())
    assert np.median(road) > 0.9 and cars >= 4

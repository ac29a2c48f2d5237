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

"""Pictures of the worst frames."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.evaluation.report import pictures
from triplenet_ros.evaluation.worst import WorstFrame
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

BOXES = np.array([[10, 20, 40, 60], [50, 20, 90, 60]], np.float32)


@pytest.fixture
def worst(scored_example):
    frame = scored_example.frames(1)[0]
    detection = replace(frame.detection, boxes={'car': [[0.9, 1], [0.5, 0]]})
    labels = np.full((80, 120), 3, np.uint8)
    prediction = Prediction(BOXES, np.array([0.9, 0.5], np.float32), np.array([0, 0]), labels,
                            None, CAMVID)
    truth = Sample('', np.zeros((0, 0, 3), np.uint8), BOXES[:1], np.array([0]),
                   label_map=labels)
    return WorstFrame(replace(frame, detection=detection), prediction, truth, CAMVID,
                      np.zeros((80, 120, 3), np.uint8))


def texts_on(monkeypatch, worst, options):
    texts = []
    monkeypatch.setattr(pictures, 'draw_box',
                        lambda picture, box, color, text: texts.append(text))
    pictures.prediction_picture(worst, options)
    return texts


def test_wrong_boxes_are_called_so(monkeypatch, worst):
    assert texts_on(monkeypatch, worst, {'threshold': 0.3}) == ['car 0.50 wrong', 'car 0.90']


def test_boxes_below_the_threshold_are_not_drawn(monkeypatch, worst):
    assert texts_on(monkeypatch, worst, {'threshold': 0.6}) == ['car 0.90']


def test_outcomes_are_found_under_the_name_that_was_scored(monkeypatch, worst):
    detection = replace(worst.frame.detection, boxes={'vehicle': [[0.9, 0], [0.5, 1]]})
    renamed = replace(worst, frame=replace(worst.frame, detection=detection))
    texts = texts_on(monkeypatch, renamed, {'threshold': 0.3, 'rename': {'car': 'vehicle'}})
    assert texts == ['car 0.50', 'car 0.90 wrong']


def test_truth_and_prediction_are_drawn_over_the_image(worst):
    for picture in (pictures.truth_picture(worst), pictures.prediction_picture(worst, {})):
        assert picture.shape == (80, 120, 3)
        # Labels of a road tint the black image in half their colour.
        assert np.allclose(picture[75, 110], np.array(CAMVID.palette[3]) / 2, atol=1)


@pytest.mark.parametrize('labels', [True, False])
def test_a_frame_whose_image_was_not_recorded_has_pictures_too(worst, labels):
    bare = replace(worst, image=None)
    if not labels:
        bare = replace(bare, truth=replace(bare.truth, label_map=None),
                       prediction=replace(bare.prediction, label_map=None))
    picture = pictures.prediction_picture(bare, {})
    assert picture.shape[:2] == ((80, 120) if labels else (64, 91)) or picture.shape[0] >= 61


def test_written_pictures_are_found_again_and_are_no_wider_than_a_page(worst, tmp_path):
    wide = replace(worst, image=np.zeros((160, 2400, 3), np.uint8))
    pictures.write_pictures(tmp_path, [wide], {})
    stamp = worst.frame.stamp_ns
    shown = pictures.embedded(tmp_path, [stamp, stamp + 1])
    assert list(shown) == [stamp]
    assert shown[stamp].truth.startswith('data:image/jpeg;base64,')
    file = tmp_path / pictures.PICTURES / pictures.names_of(stamp).truth
    assert cv2.imread(str(file)).shape[1] == 800


def test_pictures_stop_before_a_page_becomes_too_large(worst, tmp_path, monkeypatch):
    frames = [replace(worst, frame=replace(worst.frame, stamp_ns=stamp)) for stamp in range(5)]
    pictures.write_pictures(tmp_path, frames, {})
    one = sum(map(len, vars(pictures.embedded(tmp_path, [0])[0]).values()))
    monkeypatch.setattr(pictures, 'MOST_BYTES', 3 * one + 10)
    assert len(pictures.embedded(tmp_path, range(5))) == 3

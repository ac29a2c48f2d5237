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

"""Unwanted labels become unlabelled, everything else stays."""

from dataclasses import replace

import numpy as np

from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.inference.selection import keep_labels

PREDICTION = Prediction(
    boxes=np.zeros((0, 4), np.float32), scores=np.zeros(0, np.float32),
    class_ids=np.zeros(0, np.int64), label_map=np.array([[0, 3], [4, 255]], np.uint8),
    confidence=np.full((2, 2), 7, np.uint8), classes=CAMVID)


def test_pixels_of_other_labels_become_unlabelled():
    kept = keep_labels(PREDICTION, [3, 0])
    assert kept.label_map.tolist() == [[0, 3], [255, 255]]
    assert kept.label_map.dtype == np.uint8 and kept.label_map.shape == (2, 2)
    assert PREDICTION.label_map[1, 0] == 4
    assert kept.confidence is PREDICTION.confidence


def test_prediction_without_labels_stays_as_it_is():
    prediction = replace(PREDICTION, label_map=None)
    assert keep_labels(prediction, [3]) is prediction

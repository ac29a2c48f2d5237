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

"""Masks of what a network is sure of hold no object that has no box."""

import importlib.util
from pathlib import Path

import numpy as np

from triplenet_ros.classes import CITYSCAPES
from triplenet_ros.sample import Sample

PATH = Path(__file__).parents[2] / 'studies' / 'sure_labels.py'
SPEC = importlib.util.spec_from_file_location('sure_labels', PATH)
sure_labels = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(sure_labels)

ROAD, CAR, PERSON = (CITYSCAPES.segmentation.index(name) for name in ('road', 'car', 'person'))


def test_only_objects_in_a_box_of_their_class_are_kept():
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

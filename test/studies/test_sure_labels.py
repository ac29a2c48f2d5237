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

import numpy as np
import pytest

from triplenet_ros.classes import CITYSCAPES, UNLABELLED
from triplenet_ros.sample import Sample

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

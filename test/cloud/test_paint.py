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

"""Every point gets what the pixel it lands on says."""

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.cloud.distortion import Distortion
from triplenet_ros.cloud.lens import Lens
from triplenet_ros.cloud.paint import NO_COLOR, paint
from triplenet_ros.inference.prediction import Prediction

WIDTH, HEIGHT = 40, 30
LENS = Lens((20.0, 20.0), (19.5, 14.5), Distortion('', []), WIDTH, HEIGHT)


def prediction(boxes=(), class_ids=(), labels=None):
    """Return what a network could have seen."""
    return Prediction(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.linspace(1, 0.5, len(boxes), dtype=np.float32),
        class_ids=np.array(class_ids, np.int64), label_map=labels, confidence=None,
        classes=CAMVID)


def noise(seed=0):
    """Return a label map of all classes and unlabelled pixels."""
    labels = np.random.default_rng(seed).integers(0, 12, (HEIGHT, WIDTH), np.uint8)
    return np.where(labels == 11, 255, labels).astype(np.uint8)


def at(x, y, depth=10.0):
    """Return points that land on places of the image, from the edge of its first pixel."""
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return np.stack([(x - 20) * depth / 20, (y - 15) * depth / 20,
                     np.full(x.shape, depth)], axis=-1).reshape(-1, 3)


def packed(color):
    """Return a colour as it is packed."""
    return color[0] * 65536 + color[1] * 256 + color[2]


def test_each_pixel_gives_its_label_to_the_points_on_it():
    labels = noise()
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    for place in (0.01, 0.5, 0.99):
        painted = paint(at(x + place, y + place), LENS, prediction(labels=labels))
        assert painted.labels.dtype == np.uint8
        np.testing.assert_array_equal(painted.labels.reshape(HEIGHT, WIDTH), labels)


def test_points_outside_the_image_and_behind_the_camera_know_nothing():
    whole = prediction([[0, 0, WIDTH, HEIGHT]], [0], np.full((HEIGHT, WIDTH), 3, np.uint8))
    points = np.vstack([
        at([-0.01, 40.01, 20, 20], [15, 15, -0.01, 30.01]), -at([20, 1], [15, 1]),
        [[np.nan, 0, 5], [0, 0, 0]]])
    painted = paint(points, LENS, whole)
    assert set(painted.labels) == {255} and set(painted.boxes) == {-1}
    assert set(painted.colors) == {packed(NO_COLOR)}


def test_points_carry_the_best_box_they_lie_in():
    boxes = [[10, 10, 20, 20], [15, 15, 30, 25], [0, 0, 40, 30]]
    painted = paint(at([12, 18, 25, 5, 19.99, 20], [12, 18, 20, 5, 10, 12]), LENS,
                    prediction(boxes, [0, 1, 2], noise()))
    assert painted.boxes.dtype == np.int32
    assert painted.boxes.tolist() == [0, 0, 1, 2, 0, 2]


def test_colour_is_that_of_the_label_else_of_the_box_else_grey():
    labels = np.full((HEIGHT, WIDTH), 255, np.uint8)
    labels[:, :10] = CAMVID.segmentation.index('road')
    painted = paint(at([5, 15, 35], 15), LENS, prediction([[0, 0, 20, 30]], [1], labels))
    assert painted.colors.tolist() == [
        packed((128, 64, 128)), packed(CAMVID.detection_color(1)), packed(NO_COLOR)]


def test_without_labels_boxes_are_known_all_the_same():
    painted = paint(at([5, 35], 15), LENS, prediction([[0, 0, 20, 30]], [0]))
    assert painted.labels.tolist() == [255, 255] and painted.boxes.tolist() == [0, -1]


@pytest.mark.parametrize('count', [0, 1, 100_000])
def test_any_number_of_points_is_painted_at_once(count):
    random = np.random.default_rng(0)
    points = random.normal(0, 20, (count, 3)).astype(np.float32)
    labels, boxes = noise(), [[10, 10, 20, 20]]
    painted = paint(points, LENS, prediction(boxes, [0], labels))
    assert len(painted.labels) == len(painted.boxes) == len(painted.colors) == count
    for index in range(min(count, 200)):
        x, y, z = points[index].astype(np.float64)
        column, row = int(np.floor(20 * x / z + 20)), int(np.floor(20 * y / z + 15))
        shown = z > 0 and 0 <= column < WIDTH and 0 <= row < HEIGHT
        assert painted.labels[index] == (labels[row, column] if shown else 255)

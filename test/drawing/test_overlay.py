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

"""Overlays tint what is labelled, leave the rest, and name the boxes."""

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID
from triplenet_ros.drawing.overlay import color_labels, draw_overlay, label_colors
from triplenet_ros.inference.prediction import Prediction


def prediction(labels=None, boxes=(), scores=(), class_ids=()):
    """Return a prediction."""
    return Prediction(
        boxes=np.array(boxes, np.float32).reshape(-1, 4), scores=np.array(scores, np.float32),
        class_ids=np.array(class_ids, int), label_map=labels, confidence=None, classes=CAMVID)


GREY = np.full((60, 90, 3), 100, np.uint8)


def test_label_is_mixed_with_its_colour():
    labels = np.full((60, 90), 3, np.uint8)
    overlay = draw_overlay(GREY, prediction(labels), opacity=0.25)
    expected = 0.75 * 100 + 0.25 * np.array(CAMVID.palette[3])
    assert np.abs(overlay[10, 10] - expected).max() <= 1


def test_unlabelled_pixels_stay_as_they_are():
    labels = np.full((60, 90), 255, np.uint8)
    labels[:, :40] = 8
    overlay = draw_overlay(GREY, prediction(labels))
    np.testing.assert_array_equal(overlay[:, 40:], GREY[:, 40:])
    assert (overlay[:, :40] != GREY[:, :40]).any(axis=2).all()


def test_image_is_not_drawn_into():
    before = GREY.copy()
    for labels in (None, np.zeros((60, 90), np.uint8)):
        overlay = draw_overlay(GREY, prediction(labels, [[5, 20, 50, 40]], [0.9], [0]))
        np.testing.assert_array_equal(GREY, before)
        assert overlay.shape == GREY.shape and overlay.dtype == np.uint8
        assert not np.shares_memory(overlay, GREY)


@pytest.mark.parametrize('class_id', [0, 1, 2])
def test_box_is_drawn_in_the_colour_of_its_class(class_id):
    overlay = draw_overlay(GREY, prediction(None, [[20, 30, 70, 50]], [0.5], [class_id]))
    for row, column in ((30, 60), (50, 40), (40, 20), (40, 70)):
        assert tuple(overlay[row, column]) == CAMVID.detection_color(class_id)


def test_name_and_score_stay_inside_at_every_corner():
    for box in ([0, 0, 10, 10], [80, 0, 89, 10], [0, 50, 10, 59], [80, 50, 89, 59]):
        overlay = draw_overlay(GREY, prediction(None, [box], [0.5], [0]))
        plate = (overlay == CAMVID.detection_color(0)).all(axis=2)
        # More than the outline alone: the plate is in the picture.
        assert plate.sum() > 300


def test_best_box_is_drawn_over_the_others():
    overlay = draw_overlay(GREY, prediction(
        None, [[20, 30, 70, 50], [20, 30, 70, 50]], [0.9, 0.4], [1, 0]))
    assert tuple(overlay[40, 20]) == CAMVID.detection_color(1)


def test_overlay_takes_views_and_read_only_images():
    view = np.full((60, 100, 3), 100, np.uint8)[:, :90]
    view.flags.writeable = False
    labels = np.zeros((60, 90), np.uint8)
    draw_overlay(view, prediction(labels, [[5, 20, 50, 40]], [0.9], [0]))
    draw_overlay(view, prediction(None, [[5, 20, 50, 40]], [0.9], [0]))


def test_one_pixel_is_enough():
    labels = np.zeros((1, 1), np.uint8)
    overlay = draw_overlay(GREY[:1, :1], prediction(labels, [[0, 0, 1, 1]], [0.9], [0]))
    assert overlay.shape == (1, 1, 3)


def test_labels_are_shown_in_their_palette_and_unlabelled_pixels_black():
    labels = np.array([[0, 3, 255], [8, 10, 3]], np.uint8)
    shown = color_labels(labels, CAMVID)
    assert shown.shape == (2, 3, 3) and shown.dtype == np.uint8
    assert [tuple(pixel) for pixel in shown.reshape(-1, 3).tolist()] == [
        (0, 0, 0) if label == 255 else CAMVID.palette[label] for label in labels.flat]


def test_labels_without_a_class_are_black():
    colors = label_colors(CAMVID)
    assert tuple(colors[10]) == CAMVID.palette[10] and not colors[11:].any()

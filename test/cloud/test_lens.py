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

"""Points land where OpenCV puts them, and where it cannot be trusted they are not shown."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from triplenet_ros.cloud.distortion import Distortion
from triplenet_ros.cloud.lens import Lens
from triplenet_ros.cloud.pose import Pose
from triplenet_ros.errors import InputError

WIDTH, HEIGHT = 1280, 720
K = np.array([[640.0, 0, 650.5], [0, 630.0, 350.25], [0, 0, 1]])
PLUMB_BOB = [-0.31, 0.11, 0.0013, -0.0007, -0.018]
RATIONAL = [2.1, 1.3, 0.0004, -0.0002, 0.09, 2.4, 1.9, 0.3]


def camera_info(model='plumb_bob', d=(), **changes):
    """Return what has the fields of a CameraInfo."""
    info = {'width': WIDTH, 'height': HEIGHT, 'distortion_model': model, 'd': list(d),
            'k': K.ravel(), 'p': np.pad(K, ((0, 0), (0, 1))).ravel(), 'binning_x': 0,
            'binning_y': 0,
            'roi': SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0)}
    return SimpleNamespace(**{**info, **changes})


def lens(*args, rectified=False, **changes):
    """Return the lens of a camera info."""
    return Lens.from_camera_info(camera_info(*args, **changes), rectified)


def rays(count=2000, spread=1.2, seed=0):
    """Return points in front of the camera, many of them outside its image."""
    random = np.random.default_rng(seed)
    depth = random.uniform(1, 80, (count, 1))
    return np.hstack([random.uniform(-spread, spread, (count, 2)), np.ones((count, 1))]) * depth


def inside(pixels):
    """Return which pixels lie in the image."""
    return ((pixels > -0.5) & (pixels < (WIDTH - 0.5, HEIGHT - 0.5))).all(axis=1)


def by_opencv(points, d):
    """Return the pixels that OpenCV finds."""
    return cv2.projectPoints(points, np.zeros(3), np.zeros(3), K, np.array(d))[0][:, 0]


@pytest.mark.parametrize('model, d', [
    ('plumb_bob', PLUMB_BOB), ('plumb_bob', PLUMB_BOB[:4]), ('plumb_bob', [0.0] * 5), ('', []),
    ('rational_polynomial', RATIONAL), ('plumb_bob', [0.2, 0.1, 0, 0, 0.05]),
    ('rational_polynomial', [*RATIONAL, 0.001, -0.0005, 0.0007, 0.0002])])
def test_pixels_in_the_image_are_those_of_opencv(model, d):
    points = rays()
    pixels = lens(model, d).project(points)
    shown = inside(pixels)
    assert shown.sum() > 300
    np.testing.assert_allclose(
        pixels[shown], by_opencv(points, d or [0.0] * 4)[shown], atol=1e-3, rtol=0)


def test_fisheye_pixels_are_those_of_opencv():
    points, d = rays(spread=3), [-0.02, 0.004, -0.003, 0.0006]
    points[0, :2] = 0
    pixels = lens('equidistant', d).project(points)
    expected = cv2.fisheye.projectPoints(
        points[:, None], np.zeros(3), np.zeros(3), K, np.array(d))[0][:, 0]
    assert inside(pixels).sum() > 300
    np.testing.assert_allclose(pixels, expected, atol=1e-3, rtol=0)


def test_point_straight_ahead_lands_on_the_principal_point():
    pixels = lens('plumb_bob', PLUMB_BOB).project(np.array([[0, 0, 5.0]]))
    np.testing.assert_allclose(pixels, [[650.5, 350.25]])


@pytest.mark.parametrize('point', [
    (0, 0, -5), (0, 0, 0), (1, 1, 0), (np.nan, 0, 5), (np.inf, 0, 5), (0, 0, np.nan),
    (-np.inf, np.inf, np.inf)])
def test_point_that_no_pixel_can_show_is_nan(point):
    pixels = lens('plumb_bob', PLUMB_BOB).project(np.array([point, (0, 0, 5)], np.float64))
    assert np.isnan(pixels[0]).any() and not np.isnan(pixels[1]).any()


@pytest.mark.parametrize('model, d', [
    ('plumb_bob', PLUMB_BOB), ('rational_polynomial', [0, 0, 0, 0, 0, -0.3]),
    ('equidistant', [-0.4])])
def test_points_beyond_the_turn_of_the_polynomial_are_not_shown(model, d):
    slope = np.linspace(0, 40, 4000)
    points = np.stack([slope, np.zeros_like(slope), np.ones_like(slope)], axis=1)
    across = lens(model, d).project(points)[:, 0]
    shown = ~np.isnan(across)
    count = shown.sum()
    assert 10 < count < len(slope) and shown[:count].all()
    assert (np.diff(across[:count]) > 0).all()
    if model == 'plumb_bob':  # which OpenCV would show in the image
        assert inside(by_opencv(points[count:], d)).any()


def test_one_hundred_thousand_points_at_once_are_as_one_by_one():
    points = rays(100_000)
    camera = lens('plumb_bob', PLUMB_BOB)
    pixels = camera.project(points)
    assert pixels.shape == (100_000, 2)
    for index in (0, 4711, 99_999):
        np.testing.assert_allclose(
            pixels[index], camera.project(points[index:index + 1])[0], equal_nan=True)


def test_binning_and_region_of_interest_show_the_same_rays_in_fewer_pixels():
    roi = SimpleNamespace(x_offset=200, y_offset=100, width=640, height=480)
    part = lens('plumb_bob', PLUMB_BOB, binning_x=2, binning_y=4, roi=roi)
    assert (part.width, part.height) == (320, 120)
    points = rays()
    whole = lens('plumb_bob', PLUMB_BOB).project(points)
    # Edges of pixels: those of the part are some of the whole's.
    np.testing.assert_allclose(
        part.project(points) + 0.5, (whole + 0.5 - (200, 100)) / (2, 4))


def test_rectified_image_of_the_right_camera_is_shifted_by_the_baseline():
    p = np.array([[500.0, 0, 600, -60], [0, 500, 300, 0], [0, 0, 1, 0]])
    right = lens('plumb_bob', PLUMB_BOB, p=p.ravel(), rectified=True)
    points = rays()
    expected = np.hstack([points, np.ones((len(points), 1))]) @ p.T
    np.testing.assert_allclose(right.project(points), expected[:, :2] / expected[:, 2:])


@pytest.mark.parametrize('changes, reason', [
    ({'k': np.zeros(9)}, 'not calibrated'), ({'model': 'kannala', 'd': [0.1]}, "'kannala'"),
    ({'model': 'equidistant', 'd': [0.1] * 5}, 'at most 4'),
    ({'model': 'rational_polynomial', 'd': [0.1] * 14}, 'at most 12')])
def test_camera_that_is_not_understood_is_refused_with_the_reason(changes, reason):
    with pytest.raises(InputError, match=reason):
        lens(**changes)


def test_pose_of_a_quaternion_turns_and_moves():
    half = np.sqrt(0.5)
    # A quarter turn to the left about z, from a quaternion that is not of length 1.
    pose = Pose.from_quaternion(0, 0, 2 * half, 2 * half, (1, 2, 3))
    np.testing.assert_allclose(
        pose.apply(np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])),
        [[1, 3, 3], [0, 2, 3], [1, 2, 4]], atol=1e-12)


def test_pose_is_that_of_rodrigues():
    axis = np.array([0.3, -0.5, 0.7])
    angle = np.linalg.norm(axis)
    pose = Pose.from_quaternion(*np.sin(angle / 2) * axis / angle, np.cos(angle / 2), (0, 0, 0))
    np.testing.assert_allclose(pose.rotation, cv2.Rodrigues(axis)[0], atol=1e-12)


def test_no_coefficients_bend_nothing():
    x, y = np.array([0.1, 9.0]), np.array([-0.2, 30.0])
    for bent in (Distortion('whatever', [0.0] * 5)(x, y), Distortion('', [])(x, y)):
        np.testing.assert_array_equal(bent, (x, y))

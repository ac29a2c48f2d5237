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

"""Planes of YUV give the picture they were made from, whatever their steps and sizes."""

import numpy as np
import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.messages import planar

# Of ITU-R BT.601: R, G, B of 0 .. 255 to Y of 16 .. 235, U and V of 16 .. 240.
TO_YUV = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112], [112, -93.786, -18.214]])


def picture(height, width):
    """Return large squares of colours, so that neighbours share theirs."""
    colours = np.array([[200, 30, 40], [40, 180, 60], [30, 60, 220], [128, 128, 128]])
    rows, columns = np.mgrid[:height, :width] // 4
    return colours[(rows + 2 * columns) % 4].astype(np.uint8)


def planes(rgb, across, down):
    """Return luma, and U and V of every ``across`` by ``down`` pixels."""
    yuv = rgb / 255 @ TO_YUV.T + [16, 128, 128]
    yuv = yuv.round().astype(np.uint8)
    return yuv[..., 0], yuv[::down, ::across, 1], yuv[::down, ::across, 2]


def padded(plane, step):
    """Return a plane with rows of ``step`` bytes; the padding is no picture."""
    rows = np.full((plane.shape[0], step), 77, np.uint8)
    rows[:, :plane.shape[1]] = plane
    return rows.ravel()


def data_of(rgb, encoding, step, colour_step=None):
    """Return the bytes of a picture in an encoding."""
    layout = planar.LAYOUTS[encoding.lower()]
    luma, *colours = planes(rgb, layout.across, layout.down)
    if layout.swapped:
        colours = colours[::-1]
    if layout.planes == 1:
        both = np.stack(colours, -1).reshape(len(colours[0]), -1)
        parts = [padded(both, colour_step or max(both.shape[1], 2 * step // layout.across))]
    else:
        parts = [padded(one, colour_step or -(-step // layout.across)) for one in colours]
    return np.concatenate([padded(luma, step), *parts])


@pytest.mark.parametrize('height, width, step', [
    (16, 24, 24), (16, 24, 32), (16, 24, 31), (15, 23, 23), (15, 23, 24), (15, 23, 29),
    (1, 1, 1), (2, 1, 5), (1, 9, 9)])
@pytest.mark.parametrize('encoding', [*sorted(planar.LAYOUTS), 'NV12', 'I420'])
def test_picture_comes_back(encoding, height, width, step):
    rgb = picture(height, width)
    data = data_of(rgb, encoding, step)
    assert planar.is_planar(encoding)
    found = planar.to_rgb(data, height, width, step, encoding)
    assert found.shape == rgb.shape and found.dtype == np.uint8
    assert np.abs(found.astype(int) - rgb).max() <= 6


@pytest.mark.parametrize('encoding', ['nv12', 'i420', 'yv12'])
def test_bytes_after_the_picture_are_no_part_of_it(encoding):
    rgb = picture(16, 24)
    data = np.concatenate([data_of(rgb, encoding, 24), np.full(3, 5, np.uint8)])
    assert np.abs(planar.to_rgb(data, 16, 24, 24, encoding).astype(int) - rgb).max() <= 6


def test_colour_rows_may_be_aligned_on_their_own():
    rgb = picture(16, 20)
    data = data_of(rgb, 'i420', 20, colour_step=12)
    assert np.abs(planar.to_rgb(data, 16, 20, 20, 'i420').astype(int) - rgb).max() <= 6


def test_odd_last_row_may_go_without_a_colour_of_its_own():
    rgb = np.tile(picture(1, 24), (15, 1, 1))
    data = data_of(rgb[:14], 'nv12', 24)
    data = np.concatenate([data_of(rgb, 'nv12', 24)[:15 * 24], data[14 * 24:]])
    assert np.abs(planar.to_rgb(data, 15, 24, 24, 'nv12').astype(int) - rgb).max() <= 6


def test_step_may_count_the_bytes_of_all_planes():
    rgb = picture(16, 24)
    found = planar.to_rgb(data_of(rgb, 'nv12', 24), 16, 24, 36, 'nv12')
    assert np.abs(found.astype(int) - rgb).max() <= 6


@pytest.mark.parametrize('encoding, needed', [
    ('nv12', 576), ('i420', 576), ('nv16', 768), ('nv24', 1152), ('yuv444p', 1152)])
@pytest.mark.parametrize('missing', ['one', 'colours'])
def test_too_few_bytes_are_refused_with_both_numbers(encoding, needed, missing):
    data = data_of(picture(16, 24), encoding, 24)
    data = data[:-1] if missing == 'one' else data[:16 * 24]
    with pytest.raises(InputError, match=f'data is {data.size} bytes, {encoding} of 24x16 pixels '
                                         f'with step 24 needs {needed}'):
        planar.to_rgb(data, 16, 24, 24, encoding)

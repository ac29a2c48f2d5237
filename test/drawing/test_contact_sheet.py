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

"""A sheet shows a drive at even times, however long it was."""

import numpy as np
import pytest

from triplenet_ros.classes import CAMVID, ClassSet
from triplenet_ros.drawing.contact_sheet import ContactSheet, legend


def shown(sheet, columns, width):
    """Return the red value of each picture on a sheet of flat pictures."""
    picture = sheet.picture(CAMVID)
    cell = width // columns
    rows = picture[:, cell // 2::cell][:, :columns, 0].astype(int)
    values = [rows[row, column] for row in range(len(rows)) for column in range(columns)
              if rows[row, column] < 240]
    return sorted(set(values))


def flat(value):
    """Return a picture of one colour without green and blue."""
    picture = np.zeros((30, 60, 3), np.uint8)
    picture[..., 0] = value
    return picture


@pytest.mark.parametrize('length', [4, 5, 9, 17, 100, 200])
def test_pictures_are_spread_over_the_whole_drive(length):
    sheet = ContactSheet(count=4, columns=2, width=400)
    for index in range(length):
        sheet.add(flat(index), index / 10)
    values = [value for value in shown(sheet, 2, 400) if value < length]
    assert values[0] == 0 and len(values) >= 4
    assert values[-1] >= 0.7 * (length - 1)


def test_few_pictures_are_each_shown_once():
    sheet = ContactSheet(count=12, columns=3, width=300)
    for value in (50, 90):
        sheet.add(flat(value), 0.0)
    picture = sheet.picture(CAMVID)
    assert picture.shape[1:] == (300, 3) and picture.dtype == np.uint8
    assert {50, 90} <= set(picture[..., 0].ravel().tolist())


def test_pictures_of_different_shapes_fit_on_one_sheet():
    sheet = ContactSheet(count=4, columns=2, width=400)
    for shape in ((30, 60), (60, 30), (1, 90)):
        sheet.add(np.zeros((*shape, 3), np.uint8), 0.0)
    assert sheet.picture(CAMVID).shape[1] == 400


def test_empty_sheet_is_refused():
    with pytest.raises(ValueError, match='at least one'):
        ContactSheet().picture(CAMVID)


def test_legend_shows_every_colour_and_wraps():
    for width in (300, 1500):
        strip = legend(CAMVID, width)
        assert strip.shape[1] == width
        colors = {tuple(color) for color in strip.reshape(-1, 3).tolist()}
        assert set(CAMVID.palette) <= colors
    assert legend(CAMVID, 300).shape[0] > legend(CAMVID, 1500).shape[0]


def test_legend_shows_boxes_that_have_no_label_of_their_own():
    classes = ClassSet(detection=('van',), segmentation=('road',), objects=(),
                       palette=((9, 9, 9),))
    colors = {tuple(color) for color in legend(classes, 400).reshape(-1, 3).tolist()}
    assert classes.detection_color(0) in colors

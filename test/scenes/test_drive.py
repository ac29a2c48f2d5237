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

"""A moving drive: time, coherence, repeatability."""

import cv2
import numpy as np
import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.scenes import Drive

SIZE = {'height': 108, 'width': 192}


@pytest.fixture(scope='module')
def frames():
    """Return half a second of a drive."""
    return list(Drive(seed=3, frames=10, fps=20.0, **SIZE))


def test_time_stamps_start_at_zero_and_keep_the_rate(frames):
    assert [frame.time_ns for frame in frames] == [index * 50_000_000 for index in range(10)]


def test_time_stamps_do_not_drift_at_odd_rates():
    drive = Drive(seed=3, frames=4, fps=29.97, height=16, width=16)
    assert [frame.time_ns for frame in drive][3] == round(3e9 / 29.97)


def test_iterating_again_gives_the_same_bytes():
    drive = Drive(seed=5, frames=2, **SIZE)
    for first, second in zip(drive, drive):
        assert np.array_equal(first.sample.image, second.sample.image)
        assert np.array_equal(first.sample.boxes, second.sample.boxes)


def test_names_are_unique(frames):
    assert len({frame.sample.name for frame in frames}) == len(frames)


def test_neighbouring_frames_are_more_alike_than_distant_ones(frames):
    small = [cv2.resize(frame.sample.image, (48, 27), interpolation=cv2.INTER_AREA).astype(float)
             for frame in frames]
    near = np.mean([np.abs(a - b).mean() for a, b in zip(small, small[1:])])
    far = np.mean([np.abs(a - b).mean() for a, b in zip(small, small[5:])])
    assert 0 < near < far


def test_labels_change_little_from_frame_to_frame(frames):
    for before, after in zip(frames, frames[1:]):
        same = before.sample.label_map == after.sample.label_map
        assert 0.75 < same.mean() < 1.0


def test_large_objects_move_a_little_and_do_not_jump(frames):
    moves = []
    for before, after in zip(frames, frames[1:]):
        boxes, following = before.sample.boxes, after.sample.boxes
        inside = (boxes[:, 0] > 10) & (boxes[:, 2] < SIZE['width'] - 10)
        inside &= boxes[:, 3] - boxes[:, 1] > 10
        moves += [min(np.abs(box - other).max() for other in following) for box in boxes[inside]]
    # Something nearer may suddenly cut a box in two, so not all of them.
    assert len(moves) > 5
    assert 0 < np.median(moves) < 4 and np.mean(np.array(moves) < 12) > 0.8


@pytest.mark.parametrize('wrong', [{'fps': 0}, {'frames': -1}, {'height': 2}, {'seed': -1}])
def test_bad_numbers_are_refused(wrong):
    with pytest.raises(InputError):
        Drive(**wrong)

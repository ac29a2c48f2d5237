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

"""Videos are whole or not there."""

import cv2
import numpy as np
import pytest

from triplenet_ros.drawing.video import video_file
from triplenet_ros.errors import InputError


def read(path):
    """Return all frames, RGB, and the rate."""
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (frame := capture.read())[0]:
        frames.append(frame[1][..., ::-1])
    return frames, capture.get(cv2.CAP_PROP_FPS)


def red(height=48, width=64):
    """Return a red picture."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = 220
    return picture


def test_frames_come_back_in_their_colours_at_their_rate(tmp_path):
    with video_file(tmp_path / 'a.mp4', 12.5) as video:
        for _ in range(3):
            video.add(red())
    frames, rate = read(tmp_path / 'a.mp4')
    assert len(frames) == 3 and rate == 12.5 and frames[0].shape == (48, 64, 3)
    assert frames[0][..., 0].mean() > 180 > 60 > frames[0][..., 2].mean()
    assert [file.name for file in tmp_path.iterdir()] == ['a.mp4']


def test_odd_and_changing_sizes_are_fitted(tmp_path):
    with video_file(tmp_path / 'a.mp4', 10) as video:
        video.add(red(47, 63))
        video.add(red(100, 30))
    frames, _ = read(tmp_path / 'a.mp4')
    assert [frame.shape for frame in frames] == [(46, 62, 3)] * 2


def test_failure_leaves_nothing_behind(tmp_path):
    with pytest.raises(RuntimeError), video_file(tmp_path / 'a.mp4', 10) as video:
        video.add(red())
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_video_without_a_picture_is_refused(tmp_path):
    with pytest.raises(InputError, match='no picture'), video_file(tmp_path / 'a.mp4', 10):
        pass


def test_other_suffix_is_refused(tmp_path):
    with pytest.raises(InputError, match='must end in .mp4'), video_file(tmp_path / 'a.xyz', 10):
        pass


def test_existing_video_is_kept(tmp_path):
    path = tmp_path / 'a.mp4'
    path.write_text('mine')
    with pytest.raises(InputError, match='--overwrite'), video_file(path, 10) as video:
        video.add(red())
    assert path.read_text() == 'mine'

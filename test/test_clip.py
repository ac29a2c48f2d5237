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
"""The package's real drive is there, and read in part."""

import numpy as np
import pytest

from triplenet_ros import clip
from triplenet_ros.errors import InputError


def test_some_frames_are_spread_over_the_whole():
    few, more = (list(clip.clip_frames(count)) for count in (2, 4))
    assert len(few) == 2 and len(more) == 4
    assert all(frame.shape == (540, 960, 3) and frame.dtype == np.uint8 for frame in more)
    np.testing.assert_array_equal(few[1], more[2])
    assert np.abs(few[0].astype(int) - few[1]).mean() > 5
    sky = few[0][100, 300]
    assert sky[2] > sky[0]  # blue is the last channel


def test_a_clip_that_cannot_be_read_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, 'CLIP', tmp_path / 'none.mp4')
    with pytest.raises(InputError, match='none.mp4 cannot be read: .*H.264'):
        next(clip.clip_frames(2))


def test_its_licence_and_size_let_it_be_shipped():
    assert clip.CLIP.stat().st_size <= 3_000_000
    assert 'MIT License' in (clip.CLIP.parent / 'highway.LICENSE.txt').read_text()

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

"""Whatever an image message says and holds: a picture of its size, or BadImage."""

import os

import cv2
from hypothesis import example, given, HealthCheck, settings, strategies as st
import numpy as np

from triplenet_ros.messages import planar
from triplenet_ros.messages.decode import _CHANNELS, _DEEP, BadImage, Decoder
from triplenet_ros.messages.message_types import rosbags_types
from triplenet_ros.messages.rosbags_image import decode_with_rosbags

TYPES = rosbags_types()
HEADER = TYPES.header(5, 'camera')
# More, and others each time, by hand: FUZZ_EXAMPLES=5000 python -m pytest ...
EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', 0))
SHORT = settings(deadline=None, suppress_health_check=list(HealthCheck),
                 derandomize=not EXAMPLES, max_examples=EXAMPLES or 100)
ENCODINGS = st.one_of(st.sampled_from(
    [*_CHANNELS, *_DEEP, *planar.LAYOUTS, 'bayer_rggb8', 'yuv422', 'uyvy', 'yuyv', 'yuv422_yuy2',
     '16UC1', '32FC1', '8UC2', '64FC5', 'NV12']), st.text(max_size=8))
SIZES = st.one_of(st.integers(0, 9), st.sampled_from([2**31, 2**32 - 1]))


def picture_of(message):
    """Return the picture, or None after BadImage of one line."""
    try:
        picture = Decoder(decode_with_rosbags, lambda text: None)(message)
    except BadImage as error:
        assert len(str(error).splitlines()) == 1 and error.cause
        return None
    assert picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8
    return picture


@SHORT
@given(encoding=ENCODINGS, height=SIZES, width=SIZES, step=SIZES, big=st.integers(0, 1),
       seed=st.integers(0, 99), length=st.integers(0, 400))
@example(encoding='32FC3', height=1, width=1, step=12, big=0, seed=0, length=12)
@example(encoding='yuv422', height=3, width=3, step=6, big=0, seed=0, length=18)
@example(encoding='bayer_rggb8', height=1, width=1, step=1, big=0, seed=0, length=1)
@example(encoding='yv12', height=1, width=1, step=1, big=0, seed=0, length=3)
@example(encoding='rgb8', height=2**32 - 1, width=1, step=0, big=0, seed=0, length=0)
def test_raw_images_are_pictures_of_their_size_or_bad(encoding, height, width, step, big, seed,
                                                      length):
    data = np.random.default_rng(seed).integers(0, 256, length, dtype=np.uint8)
    picture = picture_of(TYPES.Image(
        header=HEADER, height=height, width=width, encoding=encoding, is_bigendian=big, step=step,
        data=data))
    assert picture is None or picture.shape == (height, width, 3)


KINDS = (('.jpg', np.uint8), ('.png', np.uint8), ('.png', np.uint16), ('.bmp', np.uint8),
         ('.webp', np.uint8), ('.tiff', np.uint16), ('.ppm', np.uint8))
WHOLE = [cv2.imencode(kind, np.random.default_rng(1).integers(0, 256, (9, 7, 3)).astype(dtype))[1]
         .tobytes() for kind, dtype in KINDS]


@SHORT
@given(data=st.sampled_from(WHOLE), changes=st.lists(st.tuples(
    st.integers(0, 300), st.integers(0, 255)), max_size=6), end=st.integers(0, 400),
    text=st.one_of(st.sampled_from(['jpeg', 'bayer_rggb8; jpeg compressed ', 'bayer_']),
                   st.text(max_size=8)))
@example(data=b'', changes=[], end=0, text='')
@example(data=WHOLE[1], changes=[(16, 127), (20, 127)], end=400, text='png')
def test_damaged_files_are_pictures_or_bad(data, changes, end, text):
    damaged = bytearray(data[:end])
    for place, value in changes:
        if place < len(damaged):
            damaged[place] = value
    picture_of(TYPES.CompressedImage(
        header=HEADER, format=text, data=np.frombuffer(bytes(damaged), np.uint8)))

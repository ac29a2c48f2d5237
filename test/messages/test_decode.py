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

"""Every plain encoding becomes RGB; every contradiction in a message is named."""

from array import array

import cv2
import numpy as np
import pytest

from triplenet_ros.messages.decode import BadImage, decode
from triplenet_ros.messages.message_types import rosbags_types
from triplenet_ros.messages.rosbags_image import decode_with_rosbags

TYPES = rosbags_types()
HEADER = TYPES.header(5, 'camera')
RGB = np.random.default_rng(0).integers(0, 256, (6, 10, 3), dtype=np.uint8)


def image(pixels, encoding, **changes):
    """Return an Image message of (H, W, C) values."""
    height, width = pixels.shape[:2]
    values = {'header': HEADER, 'height': height, 'width': width, 'encoding': encoding,
              'is_bigendian': 0, 'step': pixels.nbytes // height,
              'data': np.ascontiguousarray(pixels).view(np.uint8).ravel(), **changes}
    return TYPES.Image(**values)


def compressed(data, text='jpeg'):
    """Return a CompressedImage message."""
    return TYPES.CompressedImage(header=HEADER, format=text, data=np.frombuffer(data, np.uint8))


ALPHA = np.full((6, 10, 1), 7, np.uint8)
GREY = RGB[..., :1]


@pytest.mark.parametrize('encoding, pixels, expected', [
    ('rgb8', RGB, RGB),
    ('bgr8', RGB[..., ::-1], RGB),
    ('8UC3', RGB[..., ::-1], RGB),
    ('rgba8', np.concatenate([RGB, ALPHA], 2), RGB),
    ('bgra8', np.concatenate([RGB[..., ::-1], ALPHA], 2), RGB),
    ('mono8', GREY, GREY.repeat(3, 2)),
    ('8UC1', GREY, GREY.repeat(3, 2)),
])
def test_plain_encoding_becomes_rgb(encoding, pixels, expected):
    np.testing.assert_array_equal(decode(image(pixels, encoding)), expected)


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8'])
def test_padding_after_each_row_is_left_out(encoding):
    padded = np.zeros((6, 37), np.uint8)
    padded[:, :30] = (RGB if encoding == 'rgb8' else RGB[..., ::-1]).reshape(6, 30)
    message = image(RGB, encoding, step=37, data=padded.ravel())
    np.testing.assert_array_equal(decode(message), RGB)


def test_rgb8_is_a_view_into_the_message():
    message = image(RGB, 'rgb8')
    assert np.shares_memory(decode(message), message.data)


def test_data_may_be_what_rclpy_gives():
    message = image(RGB, 'rgb8', data=array('B', RGB.tobytes()))
    np.testing.assert_array_equal(decode(message), RGB)


@pytest.mark.parametrize('changes, cause, text', [
    ({'width': 0}, 'size 0', '0x6 pixels'),
    ({'height': 0}, 'size 0', '10x0 pixels'),
    ({'step': 29}, 'small step', 'step is 29 bytes, a row of 10 rgb8 pixels needs 30'),
    ({'data': np.zeros(100, np.uint8)}, 'short data',
     'data is 100 bytes, step x height needs 180'),
    ({'encoding': 'purple'}, 'unknown encoding', "encoding is 'purple'"),
    ({'encoding': '16UC1', 'step': 20}, 'unknown encoding', "encoding is '16UC1'"),
    ({'encoding': 'mono16', 'step': 19}, 'small step', 'step is 19 bytes'),
])
def test_contradicting_image_is_refused_with_its_values(changes, cause, text):
    with pytest.raises(BadImage, match=text) as caught:
        decode(image(RGB, **{'encoding': 'rgb8', **changes}), decode_with_rosbags)
    assert caught.value.cause == cause
    assert '\n' not in str(caught.value)


def test_other_encoding_without_a_fallback_is_refused():
    with pytest.raises(BadImage, match="'bayer_rggb8', known are"):
        decode(image(GREY, 'bayer_rggb8'))


def test_fallback_reads_sixteen_bit_grey_with_padded_rows():
    wide = np.full((6, 12), 0x8080, '<u2')
    picture = decode(image(wide, 'mono16', width=10), decode_with_rosbags)
    np.testing.assert_array_equal(picture, np.full((6, 10, 3), 128, np.uint8))


def test_fallback_reads_bayer_and_yuv_in_rgb_order():
    red = np.zeros((8, 8), np.uint8)
    red[::2, ::2] = 200
    picture = decode(image(red, 'bayer_rggb8'), decode_with_rosbags)
    assert picture[4, 4, 0] == 200 and picture[..., 2].max() == 0
    blue = np.tile(np.array([29, 255, 29, 107], np.uint8), (6, 5)).reshape(6, 10, 2)
    picture = decode(image(blue, 'yuv422_yuy2'), decode_with_rosbags)
    assert picture.shape == (6, 10, 3) and picture[3, 4, 2] > 200 > 60 > picture[3, 4, 0]


def test_compressed_image_becomes_rgb():
    data = cv2.imencode('.png', RGB[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(decode(compressed(data, 'rgb8; png compressed bgr8')), RGB)


def test_rotation_tag_does_not_turn_the_pixels():
    jpeg = cv2.imencode('.jpg', RGB)[1].tobytes()
    turned = (b'\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0'
              b'\0\0\0\0')
    assert decode(compressed(jpeg[:2] + turned + jpeg[2:])).shape == RGB.shape


@pytest.mark.parametrize('data', [b'', b'not a picture'])
def test_undecodable_compressed_image_is_refused(data):
    with pytest.raises(BadImage, match=f"{len(data)} bytes with format 'jpeg'") as caught:
        decode(compressed(data))
    assert caught.value.cause == 'undecodable'

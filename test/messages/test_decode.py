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

from triplenet_ros.messages.decode import BadImage, decode, Decoder
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
    ({'encoding': '16SC3', 'step': 20}, 'unknown encoding', "encoding is '16SC3'"),
    ({'encoding': '32FC1', 'step': 20}, 'unknown encoding', "encoding is '32FC1'"),
    ({'encoding': 'nv12', 'step': 24}, 'short data', 'data is 180 bytes, nv12 of 10x6 .* needs'),
    ({'encoding': 'nv12', 'step': 9}, 'small step', 'step is 9 bytes, a row of 10 nv12 pixels'),
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


def test_sixteen_bit_grey_with_padded_rows_is_read():
    wide = np.full((6, 12), 0x8080, '<u2')
    picture = decode(image(wide, 'mono16', width=10))
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


def test_compressed_depth_is_refused_by_its_name():
    depth = bytes(12) + cv2.imencode('.png', np.full((6, 10), 1500, np.uint16))[1].tobytes()
    with pytest.raises(BadImage, match="'16UC1; compressedDepth png' holds distances") as caught:
        decode(compressed(depth, '16UC1; compressedDepth png'))
    assert caught.value.cause == 'depth'


def test_what_a_library_says_of_an_image_is_one_line():
    with pytest.raises(BadImage, match="encoding is 'yuv422'") as caught:
        decode(image(np.zeros((6, 7, 2), np.uint8), 'yuv422'), decode_with_rosbags)
    assert '\n' not in str(caught.value) and r'\n' not in str(caught.value)


DEEP = RGB.astype('<u2') * 16  # 12 bits


@pytest.mark.parametrize('encoding, pixels, expected', [
    ('mono16', DEEP[..., :1], GREY.repeat(3, 2)), ('rgb16', DEEP, RGB),
    ('bgr16', DEEP[..., ::-1], RGB), ('16UC3', DEEP[..., ::-1], RGB),
    ('bgra16', np.concatenate([DEEP[..., ::-1], ALPHA], 2), RGB),
    ('16UC4', np.concatenate([DEEP[..., ::-1], ALPHA], 2), RGB)])
@pytest.mark.parametrize('big', [0, 1])
def test_twelve_bits_are_scaled_by_what_they_hold_and_told(encoding, pixels, expected, big):
    told = []
    values = pixels.astype('>u2' if big else '<u2')
    found = Decoder(tell=told.append)(image(values, encoding, is_bigendian=big))
    np.testing.assert_array_equal(found, expected)
    assert told == [f'{encoding} is taken as 12 bits, not 16: more it does not hold']


def test_all_pictures_of_a_stream_are_scaled_alike():
    decoder = Decoder(tell=[].append)
    decoder(image(DEEP, 'rgb16'))
    dark = decoder(image(DEEP // 64, 'rgb16'))
    np.testing.assert_array_equal(dark, RGB // 64)


def test_sixteen_bits_need_no_word():
    told = []
    full = (RGB.astype('<u2') << 8) + 7
    np.testing.assert_array_equal(Decoder(tell=told.append)(image(full, 'rgb16')), RGB)
    assert not told


@pytest.mark.parametrize('encoding, pixels, lines', [
    ('32FC3', (RGB[..., ::-1] / 255).astype('<f4'), 0), ('32FC3', RGB[..., ::-1].astype('<f4'), 1),
    ('64FC3', RGB[..., ::-1] / 255, 0)])
def test_floats_are_blue_first_of_either_range(encoding, pixels, lines):
    told = []
    found = Decoder(tell=told.append)(image(pixels, encoding))
    np.testing.assert_array_equal(found, RGB)
    assert len(told) == lines


def test_floats_that_are_no_picture_are_refused():
    with pytest.raises(BadImage, match='32FC3 holds up to 996, known are floats of'):
        decode(image(RGB.astype('<f4') * 4, '32FC3'))
    hole = (RGB / 255).astype('<f4')
    hole[0, 0] = np.nan, np.inf, -np.inf
    assert decode(image(hole, '32FC3'))[0, 0].tolist() == [0, 0, 0]


def mosaic(rgb):
    """Return what a sensor of the pattern rggb sees."""
    grey = np.empty(rgb.shape[:2], rgb.dtype)
    grey[::2, ::2], grey[1::2, 1::2] = rgb[::2, ::2, 0], rgb[1::2, 1::2, 2]
    grey[::2, 1::2], grey[1::2, ::2] = rgb[::2, 1::2, 1], rgb[1::2, ::2, 1]
    return grey


FLAT = np.full((8, 8, 3), (200, 120, 40), np.uint8)


def test_bayer_of_twelve_bits_is_scaled_before_the_colours_are_made():
    values = mosaic(FLAT).astype('<u2') * 16
    found = Decoder(decode_with_rosbags, [].append)(image(values, 'bayer_rggb16'))
    np.testing.assert_array_equal(found[2:6, 2:6], FLAT[2:6, 2:6])


@pytest.mark.parametrize('kind, text', [
    ('.png', 'bayer_rggb8; png compressed '), ('.jpg', 'bayer_rggb8; jpeg compressed bayer_rggb8'),
    ('.jpg', 'bayer_rggb8; jpeg compressed ')])
def test_compressed_mosaic_becomes_colours(kind, text):
    data = cv2.imencode(kind, mosaic(FLAT), [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    found = decode(compressed(data, text))
    assert np.abs(found[2:6, 2:6].astype(int) - FLAT[2:6, 2:6]).max() < 12


def test_mosaic_that_was_turned_into_colours_stays_as_it_is():
    data = cv2.imencode('.png', FLAT[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(decode(compressed(data, 'bayer_rggb8; png compressed bgr8')),
                                  FLAT)


def test_compressed_picture_of_twelve_bits_is_scaled_by_what_it_holds():
    told = []
    data = cv2.imencode('.png', DEEP[..., ::-1])[1].tobytes()
    found = Decoder(tell=told.append)(compressed(data, 'rgb16; png compressed '))
    np.testing.assert_array_equal(found, RGB)
    assert len(told) == 1


def test_planes_of_yuv_are_decoded_as_they_are_sent():
    luma, colours = np.full((6, 10), 81, np.uint8), np.tile([90, 240], (3, 5)).astype(np.uint8)
    data = np.concatenate([luma.ravel(), colours.ravel()])
    found = decode(image(RGB, 'nv12', step=10, data=data))
    assert found.shape == (6, 10, 3) and np.abs(found.astype(int) - [255, 0, 0]).max() < 5


def test_picture_larger_than_any_camera_is_refused_before_it_is_unpacked():
    import struct
    import zlib

    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(
            kind + body))

    head = struct.pack('>IIBBBBB', 60_000, 60_000, 8, 2, 0, 0, 0)
    png = (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head)
           + chunk(b'IDAT', zlib.compress(bytes(10**6))) + chunk(b'IEND', b''))
    with pytest.raises(BadImage, match='has more than 134217728 pixels') as caught:
        decode(compressed(png, 'png'))
    assert caught.value.cause == 'undecodable'
    jpeg = bytearray(cv2.imencode('.jpg', RGB)[1].tobytes())
    frame = jpeg.index(b'\xff\xc0')
    jpeg[frame + 5:frame + 9] = struct.pack('>HH', 65_000, 65_000)
    with pytest.raises(BadImage, match='has more than'):
        decode(compressed(bytes(jpeg)))

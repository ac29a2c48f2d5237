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

"""Image and label files of every format come out as pictures; bombs of each kind are one line."""

from io import BytesIO
import os

import cv2
import numpy as np
from PIL import Image, PngImagePlugin
import pytest

from triplenet_ros.data import imagefile
from triplenet_ros.data.imagefile import decode_picture, read_labels, read_rgb
from triplenet_ros.data.jpeg_scans import count_scans
from triplenet_ros.errors import InputError
from triplenet_ros.opencv_files import silent_opencv

PICTURE = cv2.resize(np.random.default_rng(0).integers(0, 255, (4, 6, 3), np.uint8), (60, 40))


def written(path, **options):
    """Write the picture in the format of a name and return the path."""
    Image.fromarray(PICTURE).save(path, **options)
    return path


@pytest.mark.parametrize('name', ['a.png', 'a.jpg', 'a.bmp', 'a.webp', 'a.tif', 'a.ppm', 'a.jp2',
                                  'a.avif'])
def test_format_comes_out_as_it_was_written(tmp_path, name):
    Image.init()
    if name == 'a.avif' and not (cv2.haveImageWriter(name) and 'AVIF' in Image.SAVE):
        pytest.skip('this OpenCV or this Pillow has no AVIF')
    image = read_rgb(written(tmp_path / name))
    assert image.shape == PICTURE.shape and image.dtype == np.uint8
    assert np.abs(image.astype(int) - PICTURE).mean() < 8


def test_a_pillow_that_lacks_a_format_reads_the_others(tmp_path, monkeypatch):
    # That of Ubuntu 24.04 has no AVIF, and raises KeyError where it is asked for it.
    Image.init()
    monkeypatch.delitem(Image.OPEN, 'AVIF', raising=False)
    imagefile._known_formats.cache_clear()
    try:
        assert read_rgb(written(tmp_path / 'a.png')).shape == PICTURE.shape
        with pytest.raises(InputError, match=r'known are BMP, GIF'):
            decode_picture(np.frombuffer(b'\0\0\0\x1cftypavif' + bytes(50), np.uint8), True)
    finally:
        imagefile._known_formats.cache_clear()


def test_what_opencv_lacks_is_refused_by_its_format(tmp_path, monkeypatch):
    monkeypatch.setattr(cv2, 'imdecode', lambda *_: None)
    with pytest.raises(InputError, match='decoded: a damaged WEBP, or one of a sort that this'):
        read_rgb(written(tmp_path / 'a.webp'))


def test_opencv_says_nothing_of_what_it_cannot_decode(tmp_path, capfd):
    Image.fromarray(np.full((4, 6), 70_000, np.int32)).save(tmp_path / 'a.tif')
    try:
        read_rgb(tmp_path / 'a.tif')
    except InputError as error:
        assert 'a damaged TIFF' in str(error)
    assert capfd.readouterr().err == ''


def test_what_is_silent_in_two_threads_at_once_is_heard_again():
    log = getattr(getattr(cv2, 'utils', None), 'logging', cv2)
    if not hasattr(log, 'getLogLevel'):
        pytest.skip('this OpenCV has no log level')
    level = log.getLogLevel()
    one, other = silent_opencv(), silent_opencv()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert log.getLogLevel() == 0
    other.__exit__(None, None, None)
    assert log.getLogLevel() == level


@pytest.mark.parametrize('make', [os.mkfifo, os.mkdir])
def test_what_is_no_ordinary_file_is_not_waited_for(tmp_path, make):
    make(tmp_path / 'a.jpg')
    with pytest.raises(InputError, match='a.jpg cannot be read: it is no ordinary file'):
        read_rgb(tmp_path / 'a.jpg')


def progressive(scans, size=(40, 60)):
    """Return a JPEG that goes over its pixels once more for each of ``scans``."""
    pixels = np.zeros((*size, 3), np.uint8)
    data = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    last = data[data.rindex(b'\xff\xda'):-2]
    return np.frombuffer(data[:-2] + scans * last + data[-2:], np.uint8)


def test_jpeg_of_many_scans_is_refused_before_it_is_decoded(monkeypatch, capfd):
    assert decode_picture(progressive(20), True).pixels.shape == (40, 60, 3)
    monkeypatch.setattr(cv2, 'imdecode', None)
    with pytest.raises(InputError, match='JPEG of more than 100 scans, .* of 2400 pixels'):
        decode_picture(progressive(120), True)


def test_the_larger_a_jpeg_the_fewer_scans_it_may_have(monkeypatch):
    monkeypatch.setattr('triplenet_ros.data.jpeg_scans.MOST_PASSES', 12 * 2400)
    assert decode_picture(progressive(0), True).pixels.shape == (40, 60, 3)
    with pytest.raises(InputError, match='JPEG of more than 12 scans'):
        decode_picture(progressive(9), True)


@pytest.mark.parametrize('progressive', [0, 1])
def test_only_scans_of_the_picture_itself_are_counted(progressive):
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_RST_INTERVAL, 1]
    data = cv2.imencode('.jpg', PICTURE, options)[1].tobytes()
    scans = count_scans(memoryview(data), 100)
    assert scans == (10 if progressive else 1)
    # A small picture in the header, and the film that phones append.
    segment = b'\xff\xe1' + (2 + 300).to_bytes(2, 'big') + 150 * b'\xff\xda'
    odd = data[:2] + segment + data[2:] + 30_000 * b'\xff\xda\x00\x00'
    assert count_scans(memoryview(odd), 100) == scans
    assert decode_picture(np.frombuffer(odd, np.uint8), True).pixels.shape == PICTURE.shape


def label_file(path, **options):
    """Write a label image and return its path."""
    Image.fromarray(np.full((4, 6), 3, np.uint8)).save(path, 'PNG', **options)
    return path


def test_labels_larger_than_any_camera_are_one_line(tmp_path, monkeypatch):
    path = label_file(tmp_path / 'a.png')
    assert (read_labels(path) == 3).all()
    monkeypatch.setattr(imagefile, 'MAX_PIXELS', 23)
    with pytest.raises(InputError, match='a.png has more than '):
        read_labels(path)
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 10)
    with pytest.raises(InputError, match='a.png has more than '):
        read_labels(path)


def test_labels_with_a_text_that_unpacks_to_megabytes_are_one_line(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text('Comment', 'a' * 3_000_000, zip=True)
    with pytest.raises(InputError, match='a.png is not an image that can be decoded'):
        read_labels(label_file(tmp_path / 'a.png', pnginfo=text))


def test_labels_are_never_given_to_another_program(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr('subprocess.Popen', lambda *command, **_: ran.append(command))
    (tmp_path / 'a.png').write_bytes(
        b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 6 4\n%ImageData: 6 4 8 1 0 1 1 "x"\n'
        b'%%EndComments\n%%EOF\n')
    with pytest.raises(InputError, match='a.png is not an image that can be decoded'):
        read_labels(tmp_path / 'a.png')
    assert ran == []


def test_cut_labels_are_one_line(tmp_path):
    path, whole = tmp_path / 'a.png', BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 9, (40, 60), np.uint8)).save(whole, 'PNG')
    path.write_bytes(whole.getvalue()[:-300])
    with pytest.raises(InputError, match='a.png is not an image that can be decoded'):
        read_labels(path)

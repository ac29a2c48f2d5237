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

"""Text is read as editors write it; what is no text is refused."""

import codecs

import pytest

from triplenet_ros.textfile import read_text

TEXT = 'car\r\nvélo\r\n'


@pytest.mark.parametrize('data', [
    TEXT.encode(), codecs.BOM_UTF8 + TEXT.encode(),
    codecs.BOM_UTF16_LE + TEXT.encode('utf-16-le'), codecs.BOM_UTF16_BE + TEXT.encode('utf-16-be'),
    codecs.BOM_UTF32_LE + TEXT.encode('utf-32-le'),
    codecs.BOM_UTF32_BE + TEXT.encode('utf-32-be')])
def test_byte_order_mark_tells_the_encoding_and_is_no_text(tmp_path, data):
    path = tmp_path / 'a.txt'
    path.write_bytes(data)
    assert read_text(path) == TEXT


@pytest.mark.parametrize('data', [
    'car'.encode('utf-16-le'), 'vélo'.encode('latin-1'), bytes(10),
    codecs.BOM_UTF16_LE + b'a'])
def test_what_is_no_text_is_not_guessed(tmp_path, data):
    path = tmp_path / 'a.txt'
    path.write_bytes(data)
    with pytest.raises(UnicodeDecodeError):
        read_text(path)

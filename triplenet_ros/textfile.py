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

"""Text files as people's editors write them."""

import codecs
from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, 'utf-8-sig'),
    # Before UTF-16, whose mark begins as this one does.
    (codecs.BOM_UTF32_LE, 'utf-32'), (codecs.BOM_UTF32_BE, 'utf-32'),
    (codecs.BOM_UTF16_LE, 'utf-16'), (codecs.BOM_UTF16_BE, 'utf-16'))


def read_text(path: Path) -> str:
    """
    Read a text file: UTF-8, or what its byte order mark says, as Windows writes it.

    The mark is no part of the text: a first line of it would be a class nobody has.

    :param path: the file
    :returns: its text, line ends as they are
    :raises OSError: if it cannot be read
    :raises UnicodeDecodeError: if it is no text
    """
    data = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), 'utf-8')
    text = data.decode(encoding)
    if '\0' in text:  # UTF-16 without a mark, and most of what is no text at all
        at = data.index(b'\0')
        raise UnicodeDecodeError(encoding, data, at, at + 1, 'a zero byte, which no text has')
    return text

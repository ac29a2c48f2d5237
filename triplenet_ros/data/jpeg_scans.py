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

"""How often a JPEG goes over its pixels: a small file may do so for hours."""

import re

import numpy as np

from triplenet_ros.errors import InputError

MOST_SCANS, MOST_PASSES = 100, 1 << 31
"""Scans of a JPEG, and pixels that are gone over in all of them; encoders write 10 scans or so."""

_START, _SCAN, _END = b'\xff\xd8', 0xDA, 0xD9
# After a byte of 255 in the pixels there is a zero or the number of a restart.
_MARKER = re.compile(b'\xff+([^\x00\x01\xff\xd0-\xd7])', re.DOTALL)


def check_scans(data: np.ndarray, pixels: int) -> None:
    """
    Refuse a JPEG of more scans than any camera or program writes.

    :param data: uint8, of a file of any kind
    :param pixels: of the picture
    :raises InputError: if there are more than MOST_SCANS, or fewer of a picture so large that they
        take as long
    """
    most = min(MOST_SCANS, MOST_PASSES // max(pixels, 1))
    if bytes(data[:2]) == _START and count_scans(data.data, most) > most:
        raise InputError(f'is a JPEG of more than {most} scans, the most that is decoded of '
                         f'{pixels} pixels')


def count_scans(content: memoryview, most: int) -> int:
    """
    Return how many scans the first picture of a JPEG has, up to one more than ``most``.

    :param content: of the file; what follows the picture, such as a phone's film, is not looked at
    """
    count, at = 0, len(_START)
    while count <= most and (found := _MARKER.search(content, at)):
        kind, at = found[1][0], found.end()
        if kind == _END:
            break
        count += kind == _SCAN
        # A segment may hold anything, a small picture among it: its length leads past it.
        at += int.from_bytes(content[at:at + 2], 'big')
    return count

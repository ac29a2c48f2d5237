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

"""Files that are neither a bag nor a video, told by how they begin."""

from pathlib import Path
import struct
from typing import Optional

from triplenet_ros.errors import InputError

_ARCHIVE = 'is an archive ({}): unpack it first'
_IMAGE = 'is an image ({}): triplenet predict takes those'
_POINTER = 'is a pointer of Git LFS to what was not fetched: git lfs pull does that'
_PAGE = 'is a web page, as a download leaves it that failed'
_BEGINNINGS = {
    b'PK\x03\x04': _ARCHIVE.format('zip'), b'\x1f\x8b': _ARCHIVE.format('gzip'),
    b'BZh': _ARCHIVE.format('bzip2'), b'\xfd7zXZ\0': _ARCHIVE.format('xz'),
    b'7z\xbc\xaf\x27\x1c': _ARCHIVE.format('7z'), b'Rar!': _ARCHIVE.format('rar'),
    b'\x04\x22\x4d\x18': _ARCHIVE.format('lz4'),
    b'version https://git-lfs': _POINTER,
    b'<!DOCTYPE': _PAGE, b'<!doctype': _PAGE, b'<html': _PAGE, b'<HTML': _PAGE,
    b'\xff\xd8\xff': _IMAGE.format('JPEG'), b'\x89PNG\r\n': _IMAGE.format('PNG'),
    b'BM': _IMAGE.format('BMP'), b'II*\0': _IMAGE.format('TIFF'), b'MM\0*': _IMAGE.format('TIFF')}
_HEIF = 'is an image (HEIF), which nothing here decodes: convert it to JPEG or PNG'
_BRANDS = {b'avif': _IMAGE.format('AVIF'), b'avis': _IMAGE.format('AVIF'), b'heic': _HEIF,
           b'heix': _HEIF, b'hevc': _HEIF, b'mif1': _HEIF, b'msf1': _HEIF}
_TAR_MARK_AT = 257


def check_file(path: Path) -> None:
    """
    Refuse what would be waited for without end.

    :raises InputError: for a pipe or a socket; a recording is gone through more than once
    """
    if path.is_fifo() or path.is_socket():
        raise InputError(f'{path} is a pipe, must be a file')


def what_it_is(path: Path) -> Optional[str]:
    """
    Return what a file is instead, and what to do with it.

    :returns: the rest of a sentence that begins with its name; None where that is not known
    """
    try:
        size = path.stat().st_size
        with path.open('rb') as stream:
            begin = stream.read(_TAR_MARK_AT + 5)
    except OSError as error:
        return f'cannot be read: {error.strerror}'
    if size == 0:
        return 'is empty'
    if begin[_TAR_MARK_AT:] == b'ustar':
        return _ARCHIVE.format('tar')
    if begin[:4] == b'RIFF' and begin[8:12] == b'WEBP':
        return _IMAGE.format('WebP')
    if begin[4:8] == b'ftyp':
        if begin[8:12] in _BRANDS:
            return _BRANDS[begin[8:12]]
        return None if _has_index(path, size) else (
            'is an MP4 without its index (moov), as a recorder leaves it that was killed: tools '
            'like untrunc write it anew')
    return next((words for mark, words in _BEGINNINGS.items() if begin.startswith(mark)), None)


def _has_index(path: Path, size: int) -> bool:
    """Tell whether an MP4 has the box without which nothing in it can be found."""
    with path.open('rb') as stream:
        at = 0
        while at + 8 <= size:
            stream.seek(at)
            head = stream.read(16)
            length, kind = struct.unpack('>I4s', head[:8])
            if kind in (b'moov', b'moof'):
                return True
            if length == 1 and len(head) == 16:
                length, = struct.unpack('>Q', head[8:])
            if length < 8:
                return False
            at += length
    return False

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

"""
Compressed parts of recordings, unpacked up to a limit.

A few kilobytes of zstd, LZ4 or bzip2 can stand for more than any memory holds.
"""

import bz2
from pathlib import Path
import shutil
import sys
from typing import Any

import lz4.frame
from rosbags.rosbag1 import reader as rosbag1_reader
from rosbags.rosbag2 import storage_mcap

from triplenet_ros.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD_MARK = b'\x28\xb5\x2f\xfd'

MAX_PART = 1 << 30
"""Bytes of a chunk or a message; recorders close a chunk after a few megabytes."""

# A packed file may grow by so much, or by a hundred times its size.
_MAX_GROWTH, _LEFT_FREE = 1 << 32, 1 << 30
_BLOCK = 1 << 22


def unpack(data: bytes, compression: str, size: int = MAX_PART) -> bytes:
    """
    Unpack a chunk, or as much of it as there is where it is cut off.

    :param compression: ``''``, ``lz4``, ``zstd`` or ``bz2``
    :param size: bytes that come out, at most
    :raises ValueError: if it is damaged, of another compression, or more comes out
    """
    size = min(size, MAX_PART)
    if compression == '':
        return data
    if compression not in _DECOMPRESSORS:
        raise ValueError(f'compression {compression!r}, known are {", ".join(_DECOMPRESSORS)}')
    try:
        unpacked = _DECOMPRESSORS[compression]().decompress(data, max_length=size + 1)
    except (RuntimeError, OSError, EOFError, zstd.ZstdError) as error:
        raise ValueError(f'{compression}: {error}') from error
    if len(unpacked) > size:
        raise ValueError(f'{len(data)} bytes of {compression} hold more than {size}')
    return unpacked


_DECOMPRESSORS: dict[str, Any] = {
    'lz4': lz4.frame.LZ4FrameDecompressor, 'zstd': zstd.ZstdDecompressor,
    'bz2': bz2.BZ2Decompressor}


def _keep_rosbags_to_limits() -> None:
    """Let rosbags unpack chunks by ``unpack``: its own functions have no limit."""
    for name in ('lz4', 'zstd'):
        storage_mcap.DECOMPRESSORS[name] = (
            lambda data, size, name=name: unpack(data, name, size))
    for name in ('lz4', 'bz2'):
        rosbag1_reader.decompressors[name] = lambda data, name=name: unpack(data, name)


_keep_rosbags_to_limits()


def unpack_file(path: Path, target: Path) -> Path:
    """
    Unpack a file of zstd.

    :param target: the file to write
    :returns: ``target``
    :raises InputError: if it is damaged, or larger than can be meant or than there is room for
    """
    allowed = min(max(100 * path.stat().st_size, _MAX_GROWTH),
                  shutil.disk_usage(target.parent).free - _LEFT_FREE)
    try:
        with zstd.open(path, 'rb') as packed, target.open('wb') as out:
            while block := packed.read1(_BLOCK):
                allowed -= len(block)
                if allowed < 0:
                    raise InputError(f'{path} unpacks to more than is allowed for its size, or '
                                     f'than {target.parent} has room for')
                out.write(block)
    except (EOFError, OSError, zstd.ZstdError) as error:
        # What came before the cut is a bag that was cut.
        if not target.exists() or target.stat().st_size == 0:
            raise InputError(f'{path} cannot be unpacked: {error}') from error
    return target

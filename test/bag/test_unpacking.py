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

"""What stands for more than any memory holds is refused before it is unpacked."""

import bz2
import resource

import lz4.frame
import pytest
from rosbags.rosbag1 import reader as rosbag1_reader
from rosbags.rosbag2 import storage_mcap

from triplenet_ros.bag import unpacking
from triplenet_ros.bag.source import open_source
from triplenet_ros.bag.unpacking import unpack, unpack_file, zstd
from triplenet_ros.errors import InputError

PACK = {'lz4': lz4.frame.compress, 'zstd': zstd.compress, 'bz2': bz2.compress}


@pytest.mark.parametrize('name', PACK)
def test_part_comes_out_as_it_was(name):
    data = bytes(range(256)) * 100
    assert unpack(PACK[name](data), name) == unpack(PACK[name](data), name, len(data)) == data
    assert data.startswith(unpack(PACK[name](data)[:-20], name))


@pytest.mark.parametrize('name', PACK)
def test_more_than_is_said_is_refused(name):
    with pytest.raises(ValueError, match=f'of {name} hold more than 1000'):
        unpack(PACK[name](bytes(1001)), name, 1000)


@pytest.mark.parametrize('name', PACK)
def test_bomb_is_refused_in_little_memory(name, monkeypatch):
    monkeypatch.setattr(unpacking, 'MAX_PART', 1 << 20)
    bomb = PACK[name](bytes(1 << 28))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match='hold more than'):
        unpack(bomb, name, 1 << 50)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize('name', [*PACK, 'brotli'])
def test_damaged_part_is_refused(name):
    with pytest.raises(ValueError):
        unpack(b'not packed at all', name)


def test_rosbags_unpacks_within_the_same_limits(monkeypatch):
    monkeypatch.setattr(unpacking, 'MAX_PART', 1 << 10)
    for name in ('lz4', 'zstd'):
        with pytest.raises(ValueError, match='hold more than'):
            storage_mcap.DECOMPRESSORS[name](PACK[name](bytes(5000)), 5000)
    for name in ('lz4', 'bz2'):
        assert name in rosbag1_reader.decompressors
        with pytest.raises(ValueError, match='hold more than'):
            rosbag1_reader.decompressors[name](PACK[name](bytes(5000)))


def test_file_that_grows_beyond_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, '_MAX_GROWTH', 1 << 20)
    path = tmp_path / 'a.mcap.zstd'
    path.write_bytes(zstd.compress(bytes(1 << 24)))
    with pytest.raises(InputError, match='a.mcap.zstd unpacks to more than is allowed'):
        unpack_file(path, tmp_path / 'a.mcap')
    assert (tmp_path / 'a.mcap').stat().st_size <= 1 << 23


def test_packed_file_that_was_cut_gives_what_came_before(tmp_path, make):
    whole = make.bag(tmp_path / 'drive.mcap', make.camera(8, size=(300, 500)))
    path = tmp_path / 'cut.mcap.zstd'
    path.write_bytes(zstd.compress(whole.read_bytes())[:-200_000])
    with open_source(path) as source:
        assert 0 < source.frame_count < 8
        assert f'{path} is truncated' in source.notes[0]


def test_chunk_that_is_a_bomb_costs_its_chunk_alone(tmp_path, make, monkeypatch):
    monkeypatch.setattr(unpacking, 'MAX_PART', 1 << 20)
    path = make.bag(tmp_path / 'a.mcap', make.camera(8, size=(300, 500)))
    with open_source(path) as source:
        frames = [one for one in source.messages() if one.channel is source.image_channel]
        assert len(frames) < 8 and 'hold more than' in source.notes[0]

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

"""A ROS 1 bag without its index gives every message that is whole, as the reader would."""

import struct

import pytest
from rosbags.rosbag1 import Writer

from triplenet_ros.bag.source import open_source
from triplenet_ros.errors import InputError

BZ2, LZ4 = Writer.CompressionFormat.BZ2, Writer.CompressionFormat.LZ4
LZ4_MARK = b'\x04\x22\x4d\x18'


def messages_of(path):
    """Return (topic, time, bytes) of all messages, the notes, and how many images are one."""
    with open_source(path) as source:
        messages = list(source.messages())
        images = [source.decode(one) for one in messages if one.channel is source.image_channel]
        assert len(images) == source.frame_count
        assert sum(one.channel.topic == '/level' for one in messages) <= len(images)
        return [(one.channel.topic, one.time_ns, one.data) for one in messages], source.notes


def without_index(path, end=None):
    """Cut the index off a bag, and more of it with ``end``, as a killed recorder leaves it."""
    data = bytearray(path.read_bytes())
    at = data.index(b'index_pos=') + len(b'index_pos=')
    index, = struct.unpack_from('<Q', data, at)
    struct.pack_into('<Q', data, at, 0)
    path.write_bytes(data[:index if end is None else end])
    return path


@pytest.mark.parametrize('compression', [None, BZ2, LZ4])
def test_without_its_index_a_bag_gives_all_that_the_reader_gives(tmp_path, make, compression):
    path = make.ros1_bag(tmp_path / 'a.bag', 6, compression, chunk_bytes=1500)
    whole, notes = messages_of(path)
    assert len(whole) == 18 and not notes
    assert messages_of(without_index(path)) == (
        whole, [f'{path} is truncated: the 18 messages before its end are used'])


@pytest.mark.parametrize('compression', [None, BZ2, LZ4])
def test_every_cut_gives_the_messages_before_it(tmp_path, make, compression):
    path = make.ros1_bag(tmp_path / 'a.bag', 6, compression, chunk_bytes=1500)
    whole, _ = messages_of(path)
    data, counts = path.read_bytes(), []
    for end in range(4200, len(data), 311):
        path.write_bytes(data[:end])
        try:
            found, notes = messages_of(path)
        except InputError as error:
            found, notes = [], [str(error)]
        assert found == whole[:len(found)]
        counts.append(len(found))
        assert len(found) == 18 or 'truncated' in notes[0] or 'rosbag reindex' in notes[0]
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] == 18


def test_cut_chunk_gives_the_messages_that_are_whole(tmp_path, make):
    path = make.ros1_bag(tmp_path / 'a.bag', 6)
    whole, _ = messages_of(path)
    data = path.read_bytes()
    path.write_bytes(data[:len(data) * 2 // 3])
    found, notes = messages_of(path)
    assert 3 < len(found) < 18 and found == whole[:len(found)] and 'truncated' in notes[0]


def test_chunk_that_a_recorder_had_not_closed_is_read(tmp_path, make):
    path = make.ros1_bag(tmp_path / 'drive.bag.active', 6)
    data = bytearray(without_index(path).read_bytes())
    at = data.index(b'size=') + len(b'size=')
    size, length = struct.unpack_from('<II', data, at)
    assert size == length
    struct.pack_into('<II', data, at, 0, 0)  # which is written when the chunk is closed
    path.write_bytes(data)
    found, notes = messages_of(path)
    assert len(found) == 18 and 'truncated' in notes[0]


def test_damaged_chunk_costs_its_messages_alone(tmp_path, make):
    path = make.ros1_bag(tmp_path / 'a.bag', 6, LZ4, chunk_bytes=1500)
    data = bytearray(without_index(path).read_bytes())
    # Of the second chunk: what is sent on the connections is said in the first.
    data[data.index(LZ4_MARK, data.index(LZ4_MARK) + 1)] = 0
    path.write_bytes(data)
    found, _ = messages_of(path)
    assert 0 < len(found) < 18


def test_times_that_overlap_between_chunks_come_in_order(tmp_path, make):
    path = make.ros1_bag(tmp_path / 'a.bag', 6, chunk_bytes=1500)
    whole, _ = messages_of(path)
    # The second image is said to have come before the first.
    second = struct.pack('<II', *divmod(make.START + make.STEP, 10**9))
    path.write_bytes(without_index(path).read_bytes().replace(
        b'time=' + second, b'time=' + struct.pack('<II', *divmod(make.START - 1, 10**9))))
    times = [time for _, time, _ in messages_of(path)[0]]
    assert len(times) == len(whole) and times == sorted(times) and times[0] == make.START - 1

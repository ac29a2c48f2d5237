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

"""A recording that was cut off gives every message that is whole."""

import struct

import lz4.frame
import pytest

from triplenet_ros.bag.mcap_records import MAGIC, McapContents
from triplenet_ros.bag.salvage import SalvagedRecording
from triplenet_ros.bag.source import open_source
from triplenet_ros.bag.unpacking import zstd
from triplenet_ros.errors import InputError

COMPRESS = {'': bytes, 'lz4': lz4.frame.compress, 'zstd': zstd.compress}


def text(value):
    """Return a string as MCAP holds it."""
    data = value.encode()
    return struct.pack('<I', len(data)) + data


def record(opcode, body):
    """Return a record."""
    return struct.pack('<BQ', opcode, len(body)) + body


def message(index, channel=1):
    """Return a message record of 100 bytes of data."""
    return record(5, struct.pack('<HIQQ', channel, index, 1000 + index, 0) + bytes([index]) * 100)


DECLARATIONS = (
    record(3, struct.pack('<H', 1) + text('std_msgs/msg/String') + text('ros2msg')
           + text('string data\n'))
    + record(4, struct.pack('<HH', 1, 1) + text('/chatter') + text('cdr') + struct.pack('<I', 0))
    + record(4, struct.pack('<HH', 2, 1) + text('/other') + text('json') + struct.pack('<I', 0)))


def chunk(records, compression):
    """Return a chunk record."""
    packed = COMPRESS[compression](records)
    return record(6, struct.pack('<QQQI', 0, 0, len(records), 0) + text(compression)
                  + struct.pack('<Q', len(packed)) + packed)


def salvage(path):
    """Return the recording that is in a file."""
    return SalvagedRecording(McapContents, path)


def salvaged(path, data):
    """Return the (index, data) pairs that come out of a file of these bytes."""
    path.write_bytes(MAGIC + record(1, text('ros2') + text('test')) + data)
    recording = salvage(path)
    found = [(one.time_ns - 1000, one.data) for one in recording.messages()]
    assert sum(channel.count for channel in recording.channels) == len(found)
    assert all(data == bytes([index]) * 100 for index, data in found)
    return [index for index, _ in found]


def test_messages_outside_chunks_are_found_up_to_the_cut(tmp_path):
    data = DECLARATIONS + b''.join(message(index) for index in range(5))
    assert salvaged(tmp_path / 'a.mcap', data[:-1]) == [0, 1, 2, 3]


@pytest.mark.parametrize('compression', sorted(COMPRESS))
def test_whole_chunks_before_the_cut_are_read(tmp_path, compression):
    data = DECLARATIONS + b''.join(
        chunk(message(2 * index) + message(2 * index + 1), compression) for index in range(3))
    assert salvaged(tmp_path / 'a.mcap', data[:-1])[:4] == [0, 1, 2, 3]


def test_cut_chunk_is_read_as_far_as_it_goes(tmp_path):
    data = DECLARATIONS + chunk(b''.join(message(index) for index in range(5)), '')
    assert salvaged(tmp_path / 'a.mcap', data[:-150]) == [0, 1, 2]


def test_declarations_inside_a_chunk_count(tmp_path):
    assert salvaged(tmp_path / 'a.mcap', chunk(DECLARATIONS + message(7), 'zstd')) == [7]


def test_messages_without_a_channel_are_passed_over_those_of_other_encodings_are_not(tmp_path):
    data = DECLARATIONS + message(0) + message(1, channel=2) + message(2, channel=9) + message(3)
    assert salvaged(tmp_path / 'a.mcap', data) == [0, 1, 3]
    channels = {one.topic: one for one in salvage(tmp_path / 'a.mcap').channels}
    assert channels['/other'].encoding == 'json' and channels['/chatter'].encoding == 'cdr'


def test_broken_chunk_is_passed_over(tmp_path):
    broken = chunk(message(0), 'zstd').replace(b'\x28\xb5\x2f\xfd', b'abcd')
    data = DECLARATIONS + broken + chunk(message(1), 'zstd')
    assert salvaged(tmp_path / 'a.mcap', data) == [1]


def test_absurd_length_ends_the_file(tmp_path):
    data = DECLARATIONS + message(0) + struct.pack('<BQ', 5, 2**62) + bytes(50)
    assert salvaged(tmp_path / 'a.mcap', data) == [0]


def test_note_tells_how_much_was_readable(tmp_path):
    path = tmp_path / 'a.mcap'
    salvaged(path, DECLARATIONS + message(0) + message(1))
    recording = salvage(path)
    assert recording.notes == [f'{path} is truncated: the 2 messages before its end are used']
    assert recording.span_ns == 1


def test_file_without_a_whole_message_is_refused(tmp_path):
    with pytest.raises(InputError, match='truncated and holds no whole message'):
        salvaged(tmp_path / 'a.mcap', DECLARATIONS + message(0)[:-1])


def test_every_cut_of_a_real_bag_is_read_or_refused(tmp_path, make):
    whole = make.bag(tmp_path / 'whole.mcap', make.camera(4)).read_bytes()
    counts = []
    for end in range(len(MAGIC), len(whole) - 1, 97):
        path = tmp_path / 'cut.mcap'
        path.write_bytes(whole[:end])
        try:
            counts.append(sum(1 for _ in salvage(path).messages()))
        except InputError:
            counts.append(0)
    assert counts == sorted(counts) and counts[-1] == 8


DATA_END = record(15, bytes(4))


def mixed(make, order=(0, 1, 2)):
    """Return a whole MCAP file with ROS 2 images beside channels of JSON and protobuf."""
    schemas = (('sensor_msgs/msg/Image', 'ros2msg', make.RawImages().channel.definition.encode()),
               ('thing', 'jsonschema', b'{}'), ('foxglove.Boxes', 'protobuf', b'\x0a\xff\x00'))
    encodings = ('cdr', 'json', 'protobuf')
    declared = b''.join(
        record(3, struct.pack('<H', key) + text(name) + text(kind) + struct.pack('<I', len(data))
               + data) + record(4, struct.pack('<HH', key, key) + text(f'/{name}')
                                + text(encodings[key - 1]) + struct.pack('<I', 0))
        for key, (name, kind, data) in enumerate(schemas, start=1))
    chunks = []
    for index in order:
        time = make.START + index * make.STEP
        image = make.RawImages().message(make.picture(index), time).data
        chunks.append(chunk(b''.join(
            record(5, struct.pack('<HIQQ', key, 0, time, time) + bytes(data))
            for key, data in enumerate((image, b'{"a": 1}', b'\x08\x01'), start=1)), 'zstd'))
    return (MAGIC + record(1, text('') + text('test')) + declared + b''.join(chunks) + DATA_END
            + record(2, bytes(20)) + MAGIC)


@pytest.mark.parametrize('order', [(0, 1, 2), (2, 0, 1)])
def test_whole_file_of_several_encodings_is_used_and_passed_on(tmp_path, make, order):
    path = tmp_path / 'mixed.mcap'
    path.write_bytes(mixed(make, order))
    for _ in range(2):
        with open_source(path) as source:
            messages = list(source.messages())
            frames = [source.decode(one) for one in messages
                      if one.channel is source.image_channel]
            assert source.notes == []
            copy = make.bag(tmp_path / f'copy{_}.mcap', messages)
        assert [frame.time_ns for frame in frames] == [
            make.START + index * make.STEP for index in range(3)]
        assert sum(bytes(one.data) == b'{"a": 1}' for one in messages) == 3
        channels = {one.channel.encoding: one.channel for one in messages}
        assert channels['protobuf'].schema == ('protobuf', b'\x0a\xff\x00')
        assert channels['json'].schema == ('jsonschema', b'{}')
        path = copy  # what is passed on reads as what came


def test_whole_file_without_images_of_ros2_is_refused_by_its_channels(tmp_path):
    path = tmp_path / 'a.mcap'
    path.write_bytes(MAGIC + record(1, text('') + text('x')) + DECLARATIONS
                     + message(1, channel=2) + DATA_END)
    with pytest.raises(InputError, match=r'no images that can be read .*/other \(std_msgs/msg/'
                                         r'String, json\)'):
        open_source(path)


def test_whole_file_without_messages_is_not_called_truncated(tmp_path):
    with pytest.raises(InputError, match='holds no messages'):
        salvaged(tmp_path / 'a.mcap', DECLARATIONS + DATA_END)


def test_damaged_chunk_of_a_whole_file_is_told(tmp_path):
    path = tmp_path / 'a.mcap'
    broken = chunk(message(0), 'zstd').replace(b'\x28\xb5\x2f\xfd', b'abcd')
    assert salvaged(path, DECLARATIONS + broken + chunk(message(1), 'zstd') + DATA_END) == [1]
    assert salvage(path).notes == [f'{path} is damaged: 1 of its chunks are left out']

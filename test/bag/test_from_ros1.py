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

"""Messages of ROS 1 are those of ROS 2, in whatever file they are."""

import struct

import pytest
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from triplenet_ros.bag.mcap_records import MAGIC
from triplenet_ros.bag.source import open_source


def text(value):
    """Return a string, or bytes, as MCAP holds them."""
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack('<I', len(data)) + data


def record(opcode, body):
    """Return a record."""
    return struct.pack('<BQ', opcode, len(body)) + body


def mcap_of_ros1(path, make, count=3, wrong=()):
    """Write a whole MCAP file with the topics of a ROS 1 bag, some of their messages wrong."""
    store = get_typestore(Stores.ROS1_NOETIC)
    store.register(get_types_from_msg('time when\nuint8 level\n', 'my_msgs/msg/Level'))
    declared, messages = {}, []
    for index in range(count):
        time = make.START + index * make.STEP
        for number, (msgtype, message) in enumerate(make.ros1_messages(store.types, index), 1):
            definition, _ = store.generate_msgdef(msgtype, ros_version=1)
            declared[number] = record(3, struct.pack('<H', number) + text(
                msgtype.replace('/msg/', '/')) + text('ros1msg') + text(definition)) + record(
                    4, struct.pack('<HH', number, number) + text(f'/topic{number}') + text('ros1')
                    + text(b''))
            data = b'\xff' if (index, number) in wrong else store.serialize_ros1(message, msgtype)
            messages.append(record(5, struct.pack('<HIQQ', number, 0, time, time) + bytes(data)))
    path.write_bytes(MAGIC + record(1, text('ros1') + text('test')) + b''.join(declared.values())
                     + b''.join(messages) + record(15, bytes(4)) + record(2, bytes(20)) + MAGIC)
    return path


def test_ros1_messages_in_an_mcap_file_are_those_of_a_ros1_bag(tmp_path, make):
    with open_source(make.ros1_bag(tmp_path / 'a.bag')) as source:
        expected = [(one.channel.msgtype, one.time_ns, one.data) for one in source.messages()]
    with open_source(mcap_of_ros1(tmp_path / 'a.mcap', make)) as source:
        found = [(one.channel.msgtype, one.time_ns, one.data) for one in source.messages()]
        assert source.notes == [] and source.frame_count == 3
        assert {one.encoding for one in (source.image_channel,)} == {'cdr'}
    assert sorted(found) == sorted(expected) and len(found) == 9


def test_image_that_is_none_is_left_out_with_a_note_and_the_others_are_used(tmp_path, make):
    path = mcap_of_ros1(tmp_path / 'a.mcap', make, wrong=[(1, 1)])
    with open_source(path) as source:
        images = [source.decode(one) for one in source.messages()
                  if one.channel is source.image_channel]
        assert [frame.time_ns - make.START for frame in images] == [0, 2 * make.STEP]
        assert len(source.notes) == 1
        assert source.notes[0].startswith(f'{path}: messages of /topic1 that are no sensor_msgs/')


@pytest.mark.parametrize('definition', ['', 'what is this', 'Missing one', b'\xff'])
def test_topic_whose_definition_is_none_is_left_out_with_a_note(tmp_path, make, definition):
    path = mcap_of_ros1(tmp_path / 'a.mcap', make)
    odd = record(3, struct.pack('<H', 9) + text('my_msgs/Odd') + text('ros1msg')
                 + text(definition)) + record(
        4, struct.pack('<HH', 9, 9) + text('/odd') + text('ros1') + text(b''))
    data = path.read_bytes().replace(record(15, bytes(4)), odd + record(
        5, struct.pack('<HIQQ', 9, 0, make.START, 0) + b'abcd') + record(15, bytes(4)))
    path.write_bytes(data)
    with open_source(path) as source:
        topics = [one.channel.topic for one in source.messages()]
        assert topics.count('/topic1') == 3
        assert ('/odd' in topics) == (not source.notes)
        assert all('/odd' in note for note in source.notes)

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

"""Whatever is in a bag: its whole messages come out, or one line does, in bounded memory."""

import os
import struct

from hypothesis import example, given, HealthCheck, settings, strategies as st
import pytest

from triplenet_ros.bag.bag_index import index_bag
from triplenet_ros.bag.mcap_records import MAGIC, McapContents
from triplenet_ros.bag.salvage import SalvagedRecording
from triplenet_ros.bag.source import open_source
from triplenet_ros.errors import InputError
from triplenet_ros.messages.decode import BadImage

# More, and others each time, by hand: FUZZ_EXAMPLES=5000 python -m pytest ...
EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', 0))
SHORT = settings(deadline=None, suppress_health_check=list(HealthCheck),
                 derandomize=not EXAMPLES, max_examples=EXAMPLES or 60)


def read(path):
    """Return how many messages come out of a bag, None after one line."""
    try:
        with open_source(path) as source:
            count = 0
            for message in source.messages():
                count += 1
                if message.channel is source.image_channel:
                    try:
                        source.decode(message)
                    except BadImage as error:
                        assert len(str(error).splitlines()) == 1
            assert all(len(note.splitlines()) == 1 for note in source.notes)
            return count
    except InputError as error:
        assert len(str(error).splitlines()) == 1
        return None


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return a folder that all examples share."""
    return tmp_path_factory.mktemp('bags')


@pytest.fixture(scope='module')
def whole(folder):
    """Return the bytes of a bag of each storage."""
    from test.bag.conftest import camera_messages, write_bag, write_ros1, write_sqlite
    mcap = write_bag(folder / 'whole.mcap', camera_messages(4)).read_bytes()
    database = next(write_sqlite(folder / 'whole', camera_messages(4)).glob('*.db3')).read_bytes()
    return {'mcap': mcap, 'db3': database, 'bag': write_ros1(folder / 'whole.bag', 2).read_bytes()}


@SHORT
@given(kind=st.sampled_from(['mcap', 'db3', 'bag']), changes=st.lists(st.tuples(
    st.floats(0, 1), st.integers(0, 255)), max_size=8), end=st.floats(0.02, 1))
@example(kind='mcap', changes=[], end=0.5)
@example(kind='mcap', changes=[(0.0, 0)], end=1.0)
@example(kind='bag', changes=[], end=0.9)
def test_damaged_bags_give_messages_or_one_line(folder, whole, kind, changes, end):
    data = bytearray(whole[kind])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    path = folder / f'damaged.{kind}'
    path.write_bytes(data[:int(end * len(data))])
    count = read(path)
    assert count is None or count <= 8


RECORDS = st.lists(st.tuples(
    st.sampled_from([1, 3, 4, 5, 6, 8, 15]), st.one_of(st.binary(max_size=60), st.just(
        struct.pack('<HH', 1, 0) + struct.pack('<I', 1) + b'a' + struct.pack('<I', 3) + b'cdr'
        + struct.pack('<I', 0))), st.one_of(st.none(), st.integers(0, 2**64 - 1))), max_size=6)


@SHORT
@given(records=RECORDS, rest=st.binary(max_size=12))
@example(records=[(6, b'', None)], rest=b'')
@example(records=[(5, b'', 2**62)], rest=b'')
@example(records=[(4, struct.pack('<HHI', 1, 0, 2**31), None)], rest=b'')
@example(records=[(6, bytes(28) + struct.pack('<I', 4) + b'zstd' + bytes(8), None)], rest=b'')
def test_records_of_any_length_are_salvaged_or_refused(folder, records, rest):
    path = folder / 'records.mcap'
    path.write_bytes(MAGIC + b''.join(
        struct.pack('<BQ', opcode, len(body) if length is None else length) + body
        for opcode, body, length in records) + rest)
    try:
        recording = SalvagedRecording(McapContents, path)
    except InputError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert len(list(recording.messages())) == sum(one.count for one in recording.channels)


CYCLE = ('my_msgs/Loop inner\n' + '=' * 80 + '\nMSG: my_msgs/Loop\nmy_msgs/Loop inner\n')


def test_definition_that_contains_itself_is_passed_on(tmp_path, make):
    from dataclasses import replace
    odd = replace(make.CHATTER, topic='/odd', msgtype='my_msgs/msg/Loop', definition=CYCLE,
                  digest='')
    messages = [replace(message, channel=odd) if message.channel is make.CHATTER else message
                for message in make.camera(3)]
    path = make.bag(tmp_path / 'a.mcap', messages)
    assert read(path) == 6 and index_bag(path).types['/odd'] == 'my_msgs/msg/Loop'


def test_length_inside_a_message_that_lies_is_a_bad_image(tmp_path, make):
    from dataclasses import replace
    messages = list(make.camera(2))
    data = bytearray(messages[0].data)
    at = bytes(data).index(struct.pack('<I', 12 * 20 * 3))
    struct.pack_into('<I', data, at, 2**32 - 1)
    messages[0] = replace(messages[0], data=bytes(data))
    with open_source(make.bag(tmp_path / 'a.mcap', messages)) as source:
        with pytest.raises(BadImage, match='is no sensor_msgs/msg/Image'):
            source.decode(next(iter(source.messages())))


@pytest.mark.parametrize('name', ['cut.bag', 'drive.bag.active'])
def test_ros1_bag_without_its_index_is_refused_with_what_helps(tmp_path, name):
    path = tmp_path / name
    head = b''.join(struct.pack('<I', len(field)) + field for field in (
        b'op=\x03', b'index_pos=' + bytes(8), b'conn_count=' + bytes(4), b'chunk_count='
        + bytes(4)))
    path.write_bytes(b'#ROSBAG V2.0\n' + struct.pack('<I', len(head)) + head
                     + struct.pack('<I', 4000) + b' ' * 4000)
    with pytest.raises(InputError, match=f'{name} cannot be read.*no whole index.*rosbag reindex'):
        open_source(path)

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

"""Bags that are written are whole, complete and unchanged, or not there."""

import pytest
from rosbags.highlevel import AnyReader
from rosbags.interfaces import QosDurability, QosReliability
from rosbags.rosbag2 import Reader

from triplenet_ros.bag.images import made_channel
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.stored import Channel, StoredMessage
from triplenet_ros.bag.topics import LATCHED_QOS
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import MARK


def test_mcap_name_gives_one_file_and_any_other_a_folder(tmp_path, make):
    assert make.bag(tmp_path / 'a.mcap', make.camera(1)).is_file()
    folder = make.bag(tmp_path / 'a', make.camera(1))
    assert sorted(file.name for file in folder.iterdir()) == [MARK, 'a.mcap', 'metadata.yaml']
    assert 'a.mcap' in (folder / 'metadata.yaml').read_text()
    assert sorted(file.name for file in tmp_path.iterdir()) == ['a', 'a.mcap']


def test_every_byte_of_a_message_is_kept(tmp_path, make, read):
    messages = list(make.camera(3))
    path = make.bag(tmp_path / 'a.mcap', messages)
    assert read(path) == [(one.channel.topic, one.time_ns, bytes(one.data)) for one in messages]


def test_definitions_are_embedded_also_those_of_vision_msgs(tmp_path, make):
    channel = made_channel('/boxes', 'vision_msgs/msg/Detection2DArray')
    path = make.bag(tmp_path / 'a', [StoredMessage(channel, 1, bytes(24))])
    # Checks the hash in the metadata against the definition in the file.
    with AnyReader([path]) as reader:
        assert 'Detection2D[] detections' in reader.connections[0].msgdef.data
        assert 'vision_msgs/msg/Point2D' in reader.typestore.fielddefs


def test_offered_qos_is_stored(tmp_path, make):
    channel = made_channel('/info', 'std_msgs/msg/String', LATCHED_QOS)
    for name in ('a', 'a.mcap'):
        path = make.bag(tmp_path / name, [StoredMessage(channel, 1, bytes(8))])
        with Reader(path) as reader:
            qos, = reader.connections[0].ext.offered_qos_profiles
        assert qos.durability is QosDurability.TRANSIENT_LOCAL
        assert qos.reliability is QosReliability.RELIABLE and qos.depth == 1


@pytest.mark.parametrize('definition', ['', 'this is = no @ definition'])
def test_type_that_nobody_can_describe_is_kept_all_the_same(tmp_path, make, read, definition):
    channel = Channel('/secret', 'my_msgs/msg/Secret', definition, '')
    for name in ('a', 'a.mcap'):
        path = make.bag(tmp_path / name, [StoredMessage(channel, 5, b'\0\1\0\0abcd')])
        assert read(path) == [('/secret', 5, b'\0\1\0\0abcd')]


def test_definition_in_idl_stays_one(tmp_path, make):
    idl = ('=' * 80 + '\nIDL: my_msgs/msg/Level\nmodule my_msgs {\n  module msg {\n'
           '    struct Level {\n      uint8 level;\n    };\n  };\n};\n')
    channel = Channel('/level', 'my_msgs/msg/Level', idl, '')
    path = make.bag(tmp_path / 'a', [StoredMessage(channel, 5, b'\0\1\0\0\7')])
    with AnyReader([path]) as reader:
        assert reader.connections[0].msgdef.data == idl
        _, _, data = next(reader.messages())
        assert reader.deserialize(data, 'my_msgs/msg/Level').level == 7


@pytest.mark.parametrize('name', ['a', 'a.mcap'])
def test_failure_leaves_nothing_behind(tmp_path, make, name):
    message = next(make.camera(1))
    with pytest.raises(RuntimeError), bag_sink(tmp_path / name) as sink:
        sink.write(message)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_existing_bag_is_refused_and_replaced_only_on_request(tmp_path, make, read):
    path = make.bag(tmp_path / 'a', make.camera(3))
    with pytest.raises(InputError, match='--overwrite'):
        make.bag(path, make.camera(1))
    assert len(read(path)) == 6
    with bag_sink(path, overwrite=True) as sink:
        sink.write(next(make.camera(1)))
    assert len(read(path)) == 1


@pytest.mark.parametrize('parent', ['file', '/proc/nothing'])
def test_folder_that_cannot_be_written_is_refused(tmp_path, make, parent):
    (tmp_path / 'file').write_text('x')
    with pytest.raises(InputError, match=str(parent)):
        make.bag(tmp_path / parent / 'a.mcap', make.camera(1))

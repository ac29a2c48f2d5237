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

"""Every kind of recording opens; everything else is refused in one line that says why."""

import shutil

import numpy as np
import pytest
from rosbags.typesys import get_typestore, Stores

from triplenet_ros.bag.source import open_source
from triplenet_ros.errors import InputError
from triplenet_ros.messages.decode import BadImage


def frames_of(source):
    """Return the decoded frames of an open source."""
    return [source.decode(message) for message in source.messages()
            if message.channel is source.image_channel]


def check_camera(source, make, count=5):
    """Check stamps, frames and pictures of a bag of ``make.camera``."""
    frames = frames_of(source)
    assert len(frames) == source.frame_count == count
    for index, frame in enumerate(frames):
        assert frame.time_ns == make.START + index * make.STEP
        stamp = frame.header.stamp
        assert stamp.sec * 10**9 + stamp.nanosec == frame.time_ns
        assert frame.header.frame_id == 'front_optical'
        np.testing.assert_array_equal(frame.image, make.picture(index))


def refusal(path, topic=None):
    """Return the one line with which a recording is refused."""
    with pytest.raises(InputError) as caught:
        open_source(path, topic)
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_single_mcap_file_opens(tmp_path, make):
    with open_source(make.bag(tmp_path / 'a.mcap', make.camera())) as source:
        check_camera(source, make)
        assert source.frame_rate == pytest.approx(25, rel=0.01)


def test_rosbag2_folder_opens(tmp_path, make):
    with open_source(make.bag(tmp_path / 'drive', make.camera())) as source:
        check_camera(source, make)


def test_sqlite_folder_and_file_open(tmp_path, make):
    folder = make.sqlite(tmp_path / 'drive', make.camera())
    for path in (folder, next(folder.glob('*.db3'))):
        with open_source(path) as source:
            check_camera(source, make)


def test_all_topics_are_passed_on_in_the_order_of_time(tmp_path, make):
    with open_source(make.bag(tmp_path / 'a.mcap', make.camera(3))) as source:
        messages = list(source.messages())
    assert [message.channel.topic for message in messages] == ['/front/image', '/chatter'] * 3
    times = [message.time_ns for message in messages]
    assert times == sorted(times)


def test_compressed_images_open(tmp_path, make):
    images = make.CompressedImages('/front/image', 'front_optical')
    with open_source(make.bag(tmp_path / 'a.mcap', make.camera(3, images))) as source:
        assert source.image_channel.topic == '/front/image/compressed'
        frames = frames_of(source)
    assert [round(float(frame.image.mean()), -1) for frame in frames] == [10, 20, 30]


def test_folder_without_metadata_opens_by_its_files(tmp_path, make):
    folder = tmp_path / 'killed'
    folder.mkdir()
    for part in range(11):
        make.bag(folder / f'killed_{part}.mcap', make.camera(1, first=part))
    with open_source(folder) as source:
        check_camera(source, make, count=11)


def test_folder_of_several_bags_is_refused_with_their_names(tmp_path, make):
    for name in ('one.mcap', 'two.mcap'):
        make.bag(tmp_path / name, make.camera(1))
    assert refusal(tmp_path).endswith('holds 2 bags, choose one: one.mcap, two.mcap')


def test_ros1_bag_opens_with_all_its_topics_as_ros2_messages(tmp_path, make, read):
    path = make.ros1_bag(tmp_path / 'old.bag')
    with open_source(path) as source:
        check_camera(source, make, count=3)
        copied = make.bag(tmp_path / 'new.mcap', source.messages())
        assert not source.notes
    store = get_typestore(Stores.ROS2_JAZZY)
    infos = [data for topic, _, data in read(copied) if topic == '/front/camera_info']
    assert len(infos) == 3
    info = store.deserialize_cdr(infos[2], 'sensor_msgs/msg/CameraInfo')
    assert info.header.stamp.nanosec == 2 * make.STEP and info.k[8] == 8
    levels = [data for topic, _, data in read(copied) if topic == '/level']
    assert [data[-1] for data in levels] == [0, 1, 2]


def test_ros1_topic_of_an_impossible_type_is_left_out_and_noted(tmp_path, make, monkeypatch):
    path = make.ros1_bag(tmp_path / 'old.bag')
    from triplenet_ros.bag import from_ros1

    def refuse(_ros1, _ros2, name, _target):
        if 'Level' in name:
            raise KeyError(name)
        return True

    monkeypatch.setattr(from_ros1, 'is_same_wireformat', refuse)
    with open_source(path) as source:
        check_camera(source, make, count=3)
        topics = {message.channel.topic for message in source.messages()}
        assert '/level' not in topics
        assert len(source.notes) == 1 and '/level' in source.notes[0]


def test_video_is_a_camera_stamped_by_its_frame_rate(tmp_path, make):
    with open_source(make.video(tmp_path / 'drive.mp4', 4)) as source:
        frames = frames_of(source)
        assert source.frame_rate == 25 and source.frame_count == 4
    steps = np.diff([frame.time_ns for frame in frames])
    assert (steps == 40_000_000).all() and frames[0].time_ns > 0
    assert frames[1].header.stamp.nanosec == 40_000_000
    assert frames[0].header.frame_id == 'camera'
    assert frames[3].image.mean() == pytest.approx(40, abs=6)


def test_missing_file_is_refused(tmp_path):
    assert refusal(tmp_path / 'none.mcap').endswith('none.mcap does not exist')


def test_bag_without_messages_is_refused(tmp_path, make):
    for name in ('empty.mcap', 'empty'):
        assert 'holds no messages' in refusal(make.bag(tmp_path / name, []))


def test_bag_without_images_is_refused_with_its_topics(tmp_path, make):
    messages = [message for message in make.camera() if message.channel.topic == '/chatter']
    line = refusal(make.bag(tmp_path / 'a.mcap', messages))
    assert 'no images' in line and '/chatter (std_msgs/msg/String)' in line


def two_cameras(make):
    """Return the messages of two cameras."""
    return [*make.camera(2), *make.camera(2, make.RawImages('/rear/image', 'front_optical'))]


def test_two_image_topics_are_refused_with_their_names(tmp_path, make):
    line = refusal(make.bag(tmp_path / 'a.mcap', two_cameras(make)))
    assert '--topic' in line and '/front/image, /rear/image' in line


def test_one_of_two_image_topics_can_be_chosen(tmp_path, make):
    path = make.bag(tmp_path / 'a.mcap', two_cameras(make))
    with open_source(path, '/rear/image') as source:
        assert source.image_channel.topic == '/rear/image'
        check_camera(source, make, count=2)


@pytest.mark.parametrize('topic, words', [
    ('/none', 'no messages on /none; its topics are /chatter'),
    ('/chatter', '/chatter in .* is std_msgs/msg/String, needed is sensor_msgs/msg/Image'),
])
def test_topic_that_holds_no_images_is_refused(tmp_path, make, topic, words):
    path = make.bag(tmp_path / 'a.mcap', make.camera(2))
    with pytest.raises(InputError, match=words):
        open_source(path, topic)


@pytest.mark.parametrize('name', ['a.mcap', 'a.db3', 'a.bag', 'a.mp4', 'a'])
def test_text_file_is_refused_whatever_its_name(tmp_path, name):
    path = tmp_path / name
    path.write_text('this is no recording\n' * 50)
    assert str(path) in refusal(path)


def test_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / 'a.txt').write_text('x')
    assert 'is no bag' in refusal(tmp_path)


def test_video_without_frames_is_refused(tmp_path, make):
    path = make.video(tmp_path / 'none.mp4', 0)
    assert path.exists() and str(path) in refusal(path)


def test_damaged_sqlite_bag_is_refused(tmp_path, make):
    folder = make.sqlite(tmp_path / 'drive', make.camera())
    file = next(folder.glob('*.db3'))
    file.write_bytes(file.read_bytes()[:3000])
    assert 'cannot be read as a bag' in refusal(folder)


def cut(path, share):
    """Leave only the first part of a file."""
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * share)])


def test_truncated_folder_gives_what_is_whole(tmp_path, make):
    folder = make.bag(tmp_path / 'drive', make.camera(8, size=(300, 500)))
    cut(next(folder.glob('*.mcap')), 0.5)
    with open_source(folder) as source:
        assert 0 < len(frames_of(source)) == source.frame_count < 8
        assert 'truncated' in source.notes[0]


def test_mcap_damaged_in_the_middle_gives_what_comes_before(tmp_path, make):
    path = make.bag(tmp_path / 'a.mcap', make.camera(8, size=(300, 500)))
    data = bytearray(path.read_bytes())
    chunk = data.find(b'\x28\xb5\x2f\xfd', len(data) // 2)
    data[chunk:chunk + 40] = bytes(40)
    path.write_bytes(data)
    with open_source(path) as source:
        assert 0 < len(frames_of(source)) < 8
        assert 'damaged' in source.notes[0]


def test_bytes_that_are_no_message_are_a_bad_image(tmp_path, make):
    from dataclasses import replace
    messages = list(make.camera(2))
    messages[2] = replace(messages[2], data=messages[2].data[:30])
    with open_source(make.bag(tmp_path / 'a.mcap', messages)) as source:
        first, _, second, _ = source.messages()
        source.decode(first)
        with pytest.raises(BadImage, match='30 bytes is no sensor_msgs/msg/Image') as caught:
            source.decode(second)
    assert caught.value.cause == 'undecodable'


def test_nothing_is_left_open_after_a_refusal(tmp_path, make):
    path = make.bag(tmp_path / 'a', two_cameras(make))
    refusal(path)
    shutil.rmtree(path)

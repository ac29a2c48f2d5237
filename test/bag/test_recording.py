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

"""A rosbag2 folder gives what its files hold, whatever metadata.yaml says, and tells of it."""

from pathlib import Path
import shutil

import pytest

from triplenet_ros.bag.source import open_source
from triplenet_ros.errors import InputError

import yaml


def times_of(path):
    """Return the times of the frames of a bag, and the notes."""
    with open_source(path) as source:
        times = [source.decode(message).time_ns for message in source.messages()
                 if message.channel is source.image_channel]
        assert len(times) == source.frame_count
        return times, list(source.notes)


def expected(make, count, first=0):
    """Return the times of ``make.camera``."""
    return [make.START + index * make.STEP for index in range(first, first + count)]


@pytest.fixture(params=['mcap', 'sqlite'])
def folder(request, tmp_path, make):
    """Return a bag of 3 frames of either storage, and the function that changes its metadata."""
    write = make.bag if request.param == 'mcap' else make.sqlite
    return write(tmp_path / 'drive', make.camera(3))


def change(folder, edit):
    """Edit metadata.yaml."""
    path = folder / 'metadata.yaml'
    content = yaml.safe_load(path.read_text())
    edit(content['rosbag2_bagfile_information'])
    path.write_text(yaml.safe_dump(content))


def topic(about, name='/front/image'):
    """Return what metadata says of a topic."""
    return next(one for one in about['topics_with_message_count']
                if one['topic_metadata']['name'] == name)


def test_metadata_that_agrees_needs_no_word(folder, make):
    assert times_of(folder) == (expected(make, 3), [])


OTHER_QOS = (
    '- {history: 1, depth: 7, reliability: 2, durability: 2, deadline: {sec: 1, nsec: 2}, '
    'lifespan: {sec: 1, nsec: 2}, liveliness: 1, liveliness_lease_duration: {sec: 1, nsec: 2}, '
    'avoid_ros_namespace_conventions: false}')


@pytest.mark.parametrize('edit, words', [
    (lambda about: topic(about)['topic_metadata'].update(
        offered_qos_profiles=OTHER_QOS),
     '/front/image (QoS)'),
    (lambda about: topic(about)['topic_metadata'].update(offered_qos_profiles=yaml.safe_load(
        OTHER_QOS)), '(QoS)'),
    (lambda about: topic(about)['topic_metadata'].update(type='std_msgs/msg/String'),
     '/front/image (type)'),
    (lambda about: topic(about)['topic_metadata'].update(serialization_format='json'),
     '/front/image (encoding)'),
    (lambda about: topic(about)['topic_metadata'].update(name='/other'),
     '/other (3 messages, 0 are there); /front/image (not named)'),
    (lambda about: topic(about).update(message_count=0), '/front/image (0 messages, 3 are there)'),
    (lambda about: topic(about).update(message_count=9), '/front/image (9 messages, 3 are there)'),
    (lambda about: about['topics_with_message_count'].pop(0), '/front/image (not named)')])
def test_what_metadata_says_otherwise_is_told_and_does_not_count(folder, make, edit, words):
    change(folder, edit)
    times, notes = times_of(folder)
    assert times == expected(make, 3) and len(notes) == 1
    assert words in notes[0] and notes[0].endswith('the files are right')


@pytest.mark.parametrize('edit', [
    lambda about: topic(about)['topic_metadata'].update(type_description_hash='RIHS01_x'),
    lambda about: about.update(version=42), lambda about: about.update(storage_identifier='other'),
    lambda about: about.update(duration=None, starting_time=[]),
    lambda about: about.pop('message_count'), lambda about: about.update(files='many'),
    lambda about: about.update(topics_with_message_count=None),
    lambda about: about.update(relative_file_paths=None),
    lambda about: about.update(relative_file_paths=[None, 3]),
    lambda about: about.update(relative_file_paths=2 * about['relative_file_paths']),
    lambda about: about.update(relative_file_paths=[
        'C:\\bags\\' + about['relative_file_paths'][0]]),
    lambda about: about.update(compression_mode='FILE', compression_format='zstd'),
    lambda about: about.update(compression_mode='MESSAGE', compression_format='lz4')])
def test_what_is_missing_or_senseless_in_metadata_does_no_harm(folder, make, edit):
    change(folder, edit)
    assert times_of(folder) == (expected(make, 3), [])


@pytest.mark.parametrize('text', [
    '', 'rosbag2_bagfile_information: [', 'other: 1', '\x00\x01', 'rosbag2_bagfile_information: 3',
    'a: &a [1]\nrosbag2_bagfile_information: {x: !!python/object:os.x {}}'])
def test_damaged_metadata_leaves_the_files(folder, make, text):
    (folder / 'metadata.yaml').write_text(text)
    times, notes = times_of(folder)
    assert times == expected(make, 3)
    assert len(notes) == 1 and notes[0].endswith('the files are taken as they are')


def test_metadata_may_stand_for_its_folder(folder, make):
    assert times_of(folder / 'metadata.yaml') == (expected(make, 3), [])


def split(tmp_path, make, counts=(2, 2, 2), write=None):
    """Return a split recording: files of so many frames each, named in metadata.yaml."""
    folder, first, names = tmp_path / 'drive', 0, []
    folder.mkdir()
    for part, count in enumerate(counts):
        made = (write or make.bag)(tmp_path / f'part{part}', make.camera(count, first=first))
        file = next(path for path in made.iterdir() if path.suffix in ('.mcap', '.db3'))
        names.append(f'drive_{part}{file.suffix}')
        file.rename(folder / names[-1])
        first += count
    shutil.copy(made / 'metadata.yaml', folder / 'metadata.yaml')

    def describe(about):
        about.update(relative_file_paths=names, message_count=2 * sum(counts), files=[
            {'path': name, 'message_count': 2 * count} for name, count in zip(names, counts)])
        for one in about['topics_with_message_count']:
            one['message_count'] = sum(counts)

    change(folder, describe)
    return folder


@pytest.fixture(params=['mcap', 'db3'])
def parts(request, tmp_path, make):
    """Return a split recording of three files of either storage."""
    return split(tmp_path, make, write=make.sqlite if request.param == 'db3' else make.bag)


def part(folder, number):
    """Return a file of a split recording."""
    return next(folder.glob(f'drive_{number}.*'))


def test_split_recording_is_one(parts, make):
    assert times_of(parts) == (expected(make, 6), [])


@pytest.mark.parametrize('missing', [0, 1, 2])
def test_missing_part_is_named_with_its_messages(parts, make, missing):
    file = part(parts, missing)
    file.unlink()
    times, notes = times_of(parts)
    assert times == [time for index, time in enumerate(expected(make, 6))
                     if index // 2 != missing]
    assert notes == [f'{file} is missing: its 4 messages are left out']


def test_messages_of_a_missing_part_are_those_that_lack_in_all(parts):
    change(parts, lambda about: about.update(files=[]))
    part(parts, 1).unlink()
    assert times_of(parts)[1][0].endswith('is missing: its 4 messages are left out')


@pytest.mark.parametrize('damage', [
    lambda file: file.write_bytes(b''), lambda file: file.write_bytes(file.read_bytes()[:120]),
    lambda file: file.write_bytes(b'nothing' * 100)])
def test_part_that_holds_nothing_is_named_and_left_out(parts, make, damage):
    file = part(parts, 2)
    damage(file)
    times, notes = times_of(parts)
    assert times == expected(make, 4)
    assert len(notes) == 1 and str(file) in notes[0] and 'this part is left out' in notes[0]


def test_without_any_part_the_folder_is_refused(parts):
    for number in range(3):
        part(parts, number).unlink()
    with pytest.raises(InputError, match='is no bag.*drive_0.* is missing'):
        open_source(parts)


def test_part_that_metadata_does_not_name_is_used_and_told(parts, make):
    change(parts, lambda about: about.update(relative_file_paths=about['relative_file_paths'][:2]))
    times, notes = times_of(parts)
    assert times == expected(make, 6)
    assert any('is not named in metadata.yaml: it is used too' in note for note in notes)


def test_file_of_another_bag_is_left_out_and_told(parts, make, tmp_path):
    make.bag(parts / 'other.mcap', make.camera(1, first=40))
    times, notes = times_of(parts)
    assert times == expected(make, 6)
    assert 'other.mcap is not named in metadata.yaml: it is left out' in notes[0]


def test_parts_come_in_the_order_of_their_times(parts, make):
    change(parts, lambda about: about['relative_file_paths'].reverse())
    assert times_of(parts) == (expected(make, 6), [])


def test_frame_rate_is_that_of_the_whole_recording(parts):
    with open_source(parts) as source:
        assert source.frame_rate == pytest.approx(25, rel=0.01)


def test_hidden_files_are_no_part(parts, make):
    shutil.copy(part(parts, 0), parts / ('._' + part(parts, 0).name))
    assert times_of(parts) == (expected(make, 6), [])


def test_reading_changes_nothing(parts):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in parts.iterdir()}
    times_of(parts)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns)
                      for path in Path(parts).iterdir()}


def test_emptied_qos_loses_no_message(tmp_path, make):
    folder = make.bag(tmp_path / 'drive', make.camera(3))
    change(folder, lambda about: topic(about)['topic_metadata'].update(offered_qos_profiles=''))
    times, notes = times_of(folder)
    assert times == expected(make, 3) and '/front/image (QoS)' in notes[0]

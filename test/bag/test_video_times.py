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

"""Videos keep the times of their frames, tell where they end too early, and what they are not."""

import os
import struct

import cv2
import numpy as np
import pytest

from triplenet_ros.bag.pictures import open_pictures
from triplenet_ros.bag.source import open_source
from triplenet_ros.bag.video import Video
from triplenet_ros.errors import InputError


def boxes(data, start=0, end=None):
    """Yield (kind, position, size) of the boxes of an MP4."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from('>I4s', data, start)
        yield kind, start, size
        start += size


def find(data, *kinds):
    """Return the position of the content of a box inside others."""
    start, end = 0, len(data)
    for kind in kinds:
        start, end = next((at + 8, at + size) for one, at, size in boxes(data, start, end)
                          if one == kind)
    return start


STBL = b'moov', b'trak', b'mdia', b'minf', b'stbl'


def times_of(path):
    """Return the times of a video's frames in milliseconds, and its notes."""
    video = Video(path)
    try:
        return [round(time_ns / 1e6, 3) for time_ns, _ in video.frames()], video.notes
    finally:
        video.close()


def with_durations(data, quarters):
    """Return an MP4 whose frames last so many quarters of what they did; four in all for each."""
    at = find(data, *STBL, b'stts')
    entries, count, duration = struct.unpack_from('>III', data, at + 4)
    assert entries == 1 and count == len(quarters)
    body = struct.pack('>II', 0, len(quarters)) + b''.join(
        struct.pack('>II', 1, duration // 4 * one) for one in quarters)
    grown = data[:at - 8] + struct.pack('>I4s', len(body) + 8, b'stts') + body + data[at + 16:]
    more = len(body) - 16
    for depth in range(1, len(STBL) + 1):
        place = find(grown, *STBL[:depth]) - 8
        size, = struct.unpack_from('>I', grown, place)
        grown = grown[:place] + struct.pack('>I', size + more) + grown[place + 4:]
    return grown


def test_each_frame_has_its_own_time(tmp_path, make):
    path = make.video(tmp_path / 'a.mp4', 4)
    path.write_bytes(with_durations(path.read_bytes(), [1, 10, 3, 2]))
    assert times_of(path) == ([0, 10, 110, 140], [])
    with open_source(path) as source:
        stamps = [message.time_ns for message in source.messages()]
        assert np.diff(stamps).tolist() == [10_000_000, 100_000_000, 30_000_000]
        assert stamps[0] == 1_000_000_000


def test_times_never_stand_still(tmp_path, make):
    path = make.video(tmp_path / 'a.mp4', 4)
    path.write_bytes(with_durations(path.read_bytes(), [0, 0, 8, 8]))
    times, _ = times_of(path)
    assert len(times) == 4 and (np.diff(times) > 0).all()


def index_first(data):
    """Return an MP4 with its index in front, as those made for the web have it."""
    parts = {kind: data[at:at + size] for kind, at, size in boxes(data)}
    offset = len(parts[b'moov'])
    moov = bytearray(parts[b'moov'])
    at = find(bytes(moov), *STBL, b'stco') + 4
    count, = struct.unpack_from('>I', moov, at)
    # Where the data begins, it moves by the index and by what stood between.
    mdat_now = len(parts[b'ftyp']) + offset
    mdat_then = next(at for kind, at, _ in boxes(data) if kind == b'mdat')
    for index in range(count):
        place = at + 4 + 4 * index
        value, = struct.unpack_from('>I', moov, place)
        struct.pack_into('>I', moov, place, value - mdat_then + mdat_now)
    return parts[b'ftyp'] + bytes(moov) + parts[b'mdat']


def test_video_that_was_cut_gives_what_is_there_and_says_so(tmp_path, make):
    path = make.video(tmp_path / 'a.mp4', 40, size=(160, 120))
    whole = index_first(path.read_bytes())
    path.write_bytes(whole)
    assert len(times_of(path)[0]) == 40 and times_of(path)[1] == []
    path.write_bytes(whole[:len(whole) // 2])
    times, notes = times_of(path)
    assert 5 < len(times) < 35
    assert notes == [f'{path} is truncated: it promises 40 frames, the {len(times)} before its '
                     'end are used']


def test_whole_videos_of_any_container_need_no_word(tmp_path, make):
    for name, code in (('a.avi', 'MJPG'), ('a.mkv', 'mp4v'), ('a.mp4', 'mp4v')):
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), 30, (64, 48))
        for index in range(20):
            writer.write(make.picture(index, 48, 64))
        writer.release()
        times, notes = times_of(path)
        assert len(times) == 20 and not notes
        assert np.abs(np.diff(times) - 1000 / 30).max() < 1


def test_rotation_that_the_camera_noted_is_followed(tmp_path, make):
    path = make.video(tmp_path / 'a.mp4', 2, size=(32, 20))
    data = bytearray(path.read_bytes())
    at = find(bytes(data), b'moov', b'trak', b'tkhd') + 40
    struct.pack_into('>9i', data, at, 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    video = Video(path)
    assert next(video.frames())[1].shape == (32, 20, 3)
    video.close()


@pytest.mark.parametrize('content, words', [
    (b'', 'is empty'), (b'PK\x03\x04' + bytes(50), r'is an archive \(zip\): unpack it first'),
    (b'\x1f\x8b' + bytes(50), 'archive .gzip'), (bytes(257) + b'ustar', 'archive .tar'),
    (b'\0\0\0\x18ftypavif' + bytes(50), r'is an image \(AVIF\): triplenet predict'),
    (b'\0\0\0\x18ftypheic' + bytes(50), r'image \(HEIF\), .* convert it to JPEG'),
    (b'\xff\xd8\xff' + bytes(10), 'is an image .JPEG'), (b'text' * 50, 'is neither a bag')])
def test_what_is_no_video_is_refused_by_its_true_cause(tmp_path, content, words):
    path = tmp_path / 'a.mp4'
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as told:
        open_source(path)
    assert '\n' not in str(told.value) and str(path) in str(told.value)


@pytest.mark.parametrize('name', ['a.mp4', 'a.mcap', 'a.bag'])
def test_pipe_is_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match=f'{name} is a pipe, must be a file'):
        open_source(tmp_path / name)
    with pytest.raises(InputError, match=f'{name} is a pipe, must be a file'):
        open_pictures(tmp_path / name)


def test_video_without_its_index_is_refused_with_what_helps(tmp_path, make):
    path = make.video(tmp_path / 'a.mp4', 10)
    data = path.read_bytes()
    path.write_bytes(data[:next(at for kind, at, _ in boxes(data) if kind == b'moov')])
    with pytest.raises(InputError, match=r'MP4 without its index \(moov\).*untrunc'):
        open_source(path)


def test_pictures_larger_than_any_camera_are_refused(tmp_path, make, monkeypatch):
    monkeypatch.setattr('triplenet_ros.bag.video.MAX_PIXELS', 100)
    with pytest.raises(InputError, match='has pictures of 20x12 pixels, at most 100'):
        open_source(make.video(tmp_path / 'a.mp4', 2))


def test_files_that_macos_keeps_beside_images_are_passed_over(tmp_path, make):
    for name in ('a.jpg', 'b.jpg'):
        cv2.imwrite(str(tmp_path / name), make.picture(1))
        (tmp_path / f'._{name}').write_bytes(b'\0\5\x16\7' + bytes(100))
    pictures = open_pictures(tmp_path)
    assert len(list(pictures.frames())) == pictures.frame_count == 2
    assert pictures.notes == [f'{tmp_path}: files that macOS keeps beside others are passed over, '
                              '2 in all: ._a.jpg']

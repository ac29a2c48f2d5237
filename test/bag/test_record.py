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

"""A video or a folder becomes the bag that a camera would have left."""

import signal

import cv2
import numpy as np
import pytest

from triplenet_ros.bag.pictures import open_pictures
from triplenet_ros.bag.record import record
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.source import open_source
from triplenet_ros.errors import InputError


def folder_of_images(folder, make, names):
    """Write one image for each name and return the folder."""
    folder.mkdir()
    for index, name in enumerate(names):
        cv2.imwrite(str(folder / name), make.picture(index)[..., ::-1])
    return folder


def run(path, out, images, **options):
    """Record into a bag; return what record says, and the frames of the bag."""
    with bag_sink(out) as sink:
        said = record(open_pictures(path), images, sink, **options)
    with open_source(out) as source:
        return said, [source.decode(message) for message in source.messages()]


def test_folder_is_recorded_in_the_natural_order_of_its_names(tmp_path, make):
    folder = folder_of_images(tmp_path / 'in', make, ['2.png', '10.png', '100.png', 'b.png'])
    (folder / 'notes.txt').write_text('no image')
    said, frames = run(folder, tmp_path / 'out.mcap', make.RawImages())
    assert said == (4, False)
    for index, frame in enumerate(frames):
        np.testing.assert_array_equal(frame.image, make.picture(index))
    assert np.diff([frame.time_ns for frame in frames]).tolist() == [100_000_000] * 3


def test_rate_topic_and_frame_can_be_chosen(tmp_path, make):
    images = make.CompressedImages('/rear/image', 'rear_optical')
    _, frames = run(make.video(tmp_path / 'in.mp4', 3), tmp_path / 'out', images, frame_rate=50.0)
    assert images.channel.topic == '/rear/image/compressed'
    assert {frame.header.frame_id for frame in frames} == {'rear_optical'}
    assert np.diff([frame.time_ns for frame in frames]).tolist() == [20_000_000] * 2
    stamps = [frame.header.stamp.sec * 10**9 + frame.header.stamp.nanosec for frame in frames]
    assert stamps == [frame.time_ns for frame in frames] and stamps[0] > 0


def test_video_keeps_its_own_rate(tmp_path, make):
    _, frames = run(make.video(tmp_path / 'in.mp4', 3), tmp_path / 'out', make.RawImages())
    assert np.diff([frame.time_ns for frame in frames]).tolist() == [40_000_000] * 2


def test_ctrl_c_keeps_what_is_recorded(tmp_path, make):
    said, frames = run(make.video(tmp_path / 'in.mp4', 5), tmp_path / 'out', make.RawImages(),
                       on_frame=lambda: signal.raise_signal(signal.SIGINT))
    assert said == (1, True) and len(frames) == 1


def test_folder_without_images_is_refused(tmp_path):
    with pytest.raises(InputError, match='holds no images'):
        open_pictures(tmp_path)


def test_image_that_cannot_be_decoded_is_refused_by_its_name(tmp_path, make):
    folder = folder_of_images(tmp_path / 'in', make, ['1.png'])
    (folder / '2.jpg').write_text('no picture')
    with pytest.raises(InputError, match='2.jpg is not an image'):
        run(folder, tmp_path / 'out', make.RawImages())
    assert not (tmp_path / 'out').exists()


def test_names_of_images_that_differ_in_their_suffix_alone_stay_apart(tmp_path, make):
    folder = folder_of_images(tmp_path / 'in', make, ['a.png', 'a.jpg', 'b.png'])
    assert sorted(name for name, _ in open_pictures(folder).named()) == ['a.jpg', 'a.png', 'b']


def test_pictures_of_a_video_are_named_by_their_index(tmp_path, make):
    named = list(open_pictures(make.video(tmp_path / 'in.mp4', 3)).named())
    assert [name for name, _ in named] == ['000000', '000001', '000002']
    assert [round(float(read().mean()), -1) for _, read in named] == [10, 20, 30]

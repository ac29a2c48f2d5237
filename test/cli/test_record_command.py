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

"""triplenet record: what it writes, what it says, how it refuses."""

import argparse
import json

import cv2
import numpy as np
import pytest

from triplenet_ros.bag.source import open_source
from triplenet_ros.cli import record
from triplenet_ros.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Return a folder of three images."""
    (tmp_path / 'in').mkdir()
    for index in range(3):
        cv2.imwrite(str(tmp_path / f'in/{index}.png'), np.full((12, 20, 3), 50 * index, np.uint8))
    return tmp_path / 'in'


def run(*arguments):
    """Run the command."""
    parser = argparse.ArgumentParser()
    record.add_arguments(parser)
    record.run(parser.parse_args([str(one) for one in arguments]))


def test_raw_images_are_the_default(folder, tmp_path, capsys):
    run(folder, tmp_path / 'out.mcap')
    with open_source(tmp_path / 'out.mcap') as source:
        assert source.image_channel.topic == '/camera/image'
        assert source.image_channel.msgtype == 'sensor_msgs/msg/Image'
        assert source.frame_count == 3
    assert '3 frames on /camera/image' in capsys.readouterr().out


def test_compressed_images_topic_rate_and_frame_can_be_chosen(folder, tmp_path):
    run(folder, tmp_path / 'out', '--compressed', '--topic', '/rear/image', '--fps', '4',
        '--frame-id', 'rear', '--json', tmp_path / 'figures.json')
    with open_source(tmp_path / 'out') as source:
        assert source.image_channel.topic == '/rear/image/compressed'
        assert source.frame_rate == pytest.approx(4)
        assert {source.decode(one).header.frame_id for one in source.messages()} == {'rear'}
    assert json.loads((tmp_path / 'figures.json').read_text())['frames'] == 3


@pytest.mark.parametrize('arguments, words', [
    (['none', 'out'], 'none does not exist'),
    (['.', 'out'], 'holds no images'),
    (['in', 'in'], 'is the input'),
    (['in', 'out', '--fps', '0'], '--fps is 0.0'),
    (['in', 'out', '--fps', 'nan'], '--fps is nan'),
    (['in', 'out', '--fps', '1e-12'], '--fps is 1e-12'),
    (['in', 'out', '--topic', '/a b'], "--topic is '/a b'"),
    (['in', 'out', '--topic', '/a//b'], "--topic is '/a//b'"),
    (['in', 'out', '--topic', '/1'], "--topic is '/1'"),
    (['in', 'out', '--topic', 'image'], "--topic is 'image'"),
])
def test_refusal_leaves_nothing_behind(folder, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words):
        run(*arguments)
    assert [file.name for file in tmp_path.iterdir()] == ['in']
    assert len(list(folder.iterdir())) == 3


def test_image_that_cannot_be_decoded_leaves_no_bag(folder, tmp_path):
    (folder / '2.png').write_text('no picture')
    with pytest.raises(InputError, match='2.png'):
        run(folder, tmp_path / 'out')
    assert [file.name for file in tmp_path.iterdir()] == ['in']

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

"""Small bags and a predictor that needs no network."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Rosbag1Writer
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

from triplenet_ros.bag.images import CompressedImages, made_channel, RawImages, stored
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages.message_types import rosbags_typestore

START = 1_700_000_000_000_000_000
STEP = 40_000_000
CHATTER = made_channel('/chatter', 'std_msgs/msg/String')


class BrightnessPredictor:
    """Finds one car, its score the brightness of the image; labels follow the red channel."""

    network, backend, device, classes = 'brightness', 'none', 'cpu', CAMVID

    def __call__(self, image):
        height, width = image.shape[:2]
        return Prediction(
            boxes=np.array([[1, 2, width - 1, height - 2]], np.float32),
            scores=np.array([image.mean() / 255], np.float32), class_ids=np.array([0]),
            label_map=image[..., 0] % 11, confidence=None, classes=CAMVID,
            timings={'preprocess': 0.001, 'forward': 0.002, 'postprocess': 0.003})


@pytest.fixture
def predictor():
    """Return a predictor that needs no network."""
    return BrightnessPredictor()


def picture(index, height=12, width=20):
    """Return an image that tells its index by its brightness."""
    values = np.random.default_rng(index).integers(0, 20, (height, width, 3), dtype=np.uint8)
    return values + np.uint8(10 * index % 230)


def text_message(index):
    """Return a message of a topic that is no image."""
    text = rosbags_typestore().types[CHATTER.msgtype](data=f'text {index}')
    return stored(CHATTER, START + index * STEP + 7, text)


def camera_messages(count=5, images=None, first=0, size=(12, 20)):
    """Yield the messages of a camera with a topic of text beside it."""
    images = images or RawImages('/front/image', 'front_optical')
    for index in range(first, first + count):
        yield images.message(picture(index, *size), START + index * STEP)
        yield text_message(index)


def write_bag(path, messages):
    """Write messages as a bag and return its path."""
    with bag_sink(Path(path)) as sink:
        for message in messages:
            sink.write(message)
    return Path(path)


def write_sqlite(path, messages):
    """Write messages as a rosbag2 folder with sqlite3 storage and return its path."""
    connections = {}
    with Writer(path, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        for message in messages:
            channel = message.channel
            if channel not in connections:
                connections[channel] = writer.add_connection(
                    channel.topic, channel.msgtype, typestore=rosbags_typestore())
            writer.write(connections[channel], message.time_ns, message.data)
    return Path(path)


def write_ros1(path, count=3, compression=None, chunk_bytes=1 << 20):
    """Write a ROS 1 bag with images, camera calibration and a type of its own."""
    store = get_typestore(Stores.ROS1_NOETIC)
    store.register(get_types_from_msg('time when\nuint8 level\n', 'my_msgs/msg/Level'))
    writer = Rosbag1Writer(path)
    writer.chunk_threshold = chunk_bytes
    if compression:
        writer.set_compression(compression)
    with writer:
        connections = {
            msgtype: writer.add_connection(topic, msgtype, typestore=store, latching=latching)
            for topic, msgtype, latching in (
                ('/front/image', 'sensor_msgs/msg/Image', None),
                ('/level', 'my_msgs/msg/Level', None),
                ('/front/camera_info', 'sensor_msgs/msg/CameraInfo', 1))}
        for index in range(count):
            for msgtype, message in ros1_messages(store.types, index):
                writer.write(connections[msgtype], START + index * STEP,
                             store.serialize_ros1(message, msgtype))
    return Path(path)


def ros1_messages(types, index):
    """Yield type and message of each topic of a ROS 1 bag."""
    stamp = types['builtin_interfaces/msg/Time'](*divmod(START + index * STEP, 10**9))
    header = types['std_msgs/msg/Header'](seq=index, stamp=stamp, frame_id='front_optical')
    yield 'sensor_msgs/msg/Image', types['sensor_msgs/msg/Image'](
        header=header, height=12, width=20, encoding='rgb8', is_bigendian=0, step=60,
        data=picture(index).ravel())
    yield 'my_msgs/msg/Level', types['my_msgs/msg/Level'](when=stamp, level=index)
    yield 'sensor_msgs/msg/CameraInfo', types['sensor_msgs/msg/CameraInfo'](
        header=header, height=12, width=20, distortion_model='plumb_bob', D=np.zeros(5),
        K=np.arange(9.0), R=np.zeros(9), P=np.zeros(12), binning_x=0, binning_y=0,
        roi=types['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False))


def write_video(path, count, size=(20, 12)):
    """Write a video of ``count`` frames and return its path."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 25, size)
    for index in range(count):
        writer.write(picture(index, size[1], size[0]))
    writer.release()
    return Path(path)


@pytest.fixture
def make():
    """Return the functions that make bags; a conftest cannot be imported."""
    return Make


class Make:
    """The functions above and what they build upon."""

    START, STEP, CHATTER = START, STEP, CHATTER
    RawImages, CompressedImages = RawImages, CompressedImages
    picture = staticmethod(picture)
    camera = staticmethod(camera_messages)
    bag = staticmethod(write_bag)
    sqlite = staticmethod(write_sqlite)
    ros1_bag = staticmethod(write_ros1)
    ros1_messages = staticmethod(ros1_messages)
    video = staticmethod(write_video)


def read_messages(path):
    """Return (topic, time, bytes) of every message, in the reader's order."""
    from rosbags.rosbag2 import Reader
    with Reader(path) as reader:
        return [(connection.topic, time, bytes(data))
                for connection, time, data in reader.messages()]


@pytest.fixture
def read():
    """Return the function that reads a bag with nothing but rosbags."""
    return read_messages

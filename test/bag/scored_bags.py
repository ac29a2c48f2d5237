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

"""Bags with results and truth, right and odd."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from triplenet_ros.bag.images import made_channel, RawImages, stored
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.message_types import full_name, rosbags_types

FIRST = 1_700_000_000_000_000_000
STEP = 100_000_000
TYPES = rosbags_types()
TOPICS = {'detections': 'Detection2DArray', 'label_image': 'Image', 'label_info': 'LabelInfo',
          'detection_info': 'VisionInfo'}


@dataclass(frozen=True)
class Side:
    """
    How one side of a bag is written.

    :param namespace: of its topics
    :param noise: how far from the truth it is
    :param numbers: which frames it has
    :param offset: of its stamps, nanoseconds
    :param delay: of its messages, nanoseconds
    :param infos: whether it tells the names of its classes
    :param named: whether class ids are names rather than numbers
    :param tasks: what it has of boxes and labels
    :param distance: of all boxes, metres; 0 = not told
    :param size: of label images, (height, width)
    """

    namespace: str
    noise: float = 0.0
    numbers: tuple = tuple(range(10))
    offset: int = 0
    delay: int = 0
    infos: bool = True
    named: bool = False
    tasks: tuple = ('detections', 'label_image')
    distance: float = 0.0
    size: tuple = (48, 64)

    def channels(self):
        """Return name -> channel."""
        return {name: made_channel(f'{self.namespace}/{name}', full_name(kind))
                for name, kind in TOPICS.items()}


def truth_of(number, size=(48, 64)):
    """Return boxes, class ids and labels of a frame."""
    random = np.random.default_rng(number)
    corner = random.integers(0, 40, (3, 2))
    boxes = np.concatenate([corner, corner + random.integers(6, 20, (3, 2))], 1)
    return (boxes.astype(np.float32), random.integers(0, 3, 3),
            random.integers(0, 11, size, dtype=np.uint8))


def seen(number, side):
    """Return what a side has of a frame."""
    boxes, ids, labels = truth_of(number, side.size)
    random = np.random.default_rng(1000 + number)
    if side.noise:
        boxes = boxes + random.normal(0, 20 * side.noise, boxes.shape).astype(np.float32)
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
        labels = np.where(random.random(labels.shape) < side.noise, 0, labels).astype(np.uint8)
    scores = np.sort(random.random(3).astype(np.float32))[::-1] if side.noise else \
        np.ones(3, np.float32)
    return Prediction(boxes, scores, ids, labels, None, CAMVID)


def side_messages(side):
    """Yield the messages of a side."""
    channels, said = side.channels(), not side.infos
    for number in side.numbers:
        stamp = FIRST + number * STEP + side.offset
        header, received = TYPES.header(stamp, 'camera'), FIRST + number * STEP + side.delay
        if not said:
            said = True
            infos = {'label_image': ('label_info', encode.label_info(CAMVID, header, TYPES)),
                     'detections': ('detection_info',
                                    encode.detection_info(CAMVID, 'net', header, TYPES))}
            for task in side.tasks:
                name, message = infos[task]
                yield stored(channels[name], received, message)
        prediction = seen(number, side)
        if 'detections' in side.tasks:
            message = encode.detections(prediction, header, TYPES)
            for one in message.detections:
                result = one.results[0]
                if side.named:
                    result.hypothesis.class_id = CAMVID.detection[int(
                        result.hypothesis.class_id)]
                result.pose.pose.position.z = side.distance
            yield stored(channels['detections'], received, message)
        if 'label_image' in side.tasks:
            yield stored(channels['label_image'], received,
                         encode.mono_image(prediction.label_map, header, TYPES))


def image_messages(numbers=range(10), topic='/camera/image', size=(48, 64)):
    """Yield the messages of a camera."""
    for number in numbers:
        picture = np.full((*size, 3), 10 + number, np.uint8)
        yield RawImages(topic, 'camera').message(picture, FIRST + number * STEP)


def write(path, *parts):
    """Write parts, each messages or a Side, in the order of their times; return the path."""
    messages = [message for part in parts
                for message in (side_messages(part) if isinstance(part, Side) else part)]
    with bag_sink(Path(path)) as sink:
        for message in sorted(messages, key=lambda message: message.time_ns):
            sink.write(message)
    return Path(path)


RESULTS = Side('/perception_node', noise=0.15, delay=30_000_000)
TRUTH = Side('/truth')

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

"""
Make an hour-long bag of results and truth from a short one, to see what scoring it takes.

    triplenet replay triplenet_ros/clips/highway.mp4 --out clip.mcap --score-threshold 0.05
    python studies/long_bag.py clip.mcap hour.mcap --frames 108000
    triplenet score hour.mcap --truth hour.mcap --report report

The boxes and labels of the short bag are repeated at 30 Hz under new stamps. Truth is what it is
sure of, its boxes moved a little, every 997th frame left out; labels are at a third of the size.
"""

import argparse
from pathlib import Path
import struct
import sys

import numpy as np

from triplenet_ros.bag.bag_index import index_bag
from triplenet_ros.bag.images import made_channel, stored
from triplenet_ros.bag.recorded_frames import RecordedFrame, RecordedFrames
from triplenet_ros.bag.scored_topics import choose_topics, TopicChoice
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.stored import StoredMessage
from triplenet_ros.classes import ClassSet
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.message_types import full_name, rosbags_types

TYPES = rosbags_types()
STEP_NS, FIRST_NS = 33_333_333, 1_700_000_000_000_000_000
SURE, SMALLER, LEFT_OUT = 0.3, 3, 997
_STAMP = slice(4, 12)
"""Where the stamp of the header is in a message's CDR: behind the encapsulation."""


def main() -> None:
    """Read the short bag once, and write the long one."""
    parser = argparse.ArgumentParser(description=__doc__.strip().split('\n', maxsplit=1)[0])
    parser.add_argument('short', type=Path)
    parser.add_argument('long', type=Path)
    parser.add_argument('--frames', type=int, default=108_000)
    args = parser.parse_args()
    index = index_bag(args.short)
    topics = choose_topics(index, TopicChoice(), False, '--', False)
    frames = RecordedFrames(index, topics)
    recorded = list(frames.read(frames.stamps.tolist()))
    sides = [side(name, truth, recorded, topics.classes)
             for name, truth in (('/perception_node', False), ('/truth', True))]
    with bag_sink(args.long) as sink:
        for number in range(args.frames):
            for infos, parts in sides:
                for message in infos if number == 0 else ():
                    sink.write(message)
                if number % LEFT_OUT or number == 0 or infos is sides[0][0]:
                    for message in parts[number % len(parts)]:
                        sink.write(stamped(message, FIRST_NS + number * STEP_NS))


def side(name: str, truth: bool, frames: list[RecordedFrame],
         classes: ClassSet) -> tuple[list[StoredMessage], list[list[StoredMessage]]]:
    """Return the names of the classes, and the boxes and labels of each frame."""
    boxes, labels, box_info, label_info = (
        made_channel(f'{name}/{topic}', full_name(kind)) for topic, kind in (
            ('detections', 'Detection2DArray'), ('label_image', 'Image'),
            ('detection_info', 'VisionInfo'), ('label_info', 'LabelInfo')))
    header = TYPES.header(FIRST_NS, 'camera')
    infos = [stored(box_info, FIRST_NS, encode.detection_info(classes, name, header, TYPES)),
             stored(label_info, FIRST_NS, encode.label_info(classes, header, TYPES))]
    random = np.random.default_rng(0)
    parts = []
    for frame in frames:
        seen = frame.prediction(classes)
        if truth:
            seen = as_truth(seen, random)
        parts.append([stored(boxes, 0, encode.detections(seen, header, TYPES)),
                      stored(labels, 0, encode.mono_image(np.ascontiguousarray(
                          seen.label_map[::SMALLER, ::SMALLER]), header, TYPES))])
    return infos, parts


def as_truth(seen: Prediction, random: np.random.Generator) -> Prediction:
    """Return what was sure, a little off."""
    sure = seen.scores >= SURE
    boxes = seen.boxes[sure] + random.normal(0, 2, (int(sure.sum()), 4)).astype(np.float32)
    labels = np.roll(seen.label_map, 4, axis=1)
    return Prediction(boxes, np.ones(len(boxes), np.float32), seen.class_ids[sure], labels, None,
                      seen.classes)


def stamped(message: StoredMessage, stamp_ns: int) -> StoredMessage:
    """Return the message with another stamp in its header."""
    data = bytearray(message.data)
    data[_STAMP] = struct.pack('<iI', *divmod(stamp_ns, 1_000_000_000))
    return StoredMessage(message.channel, stamp_ns, bytes(data))


if __name__ == '__main__':
    sys.exit(main())

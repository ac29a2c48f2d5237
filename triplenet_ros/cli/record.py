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

"""``triplenet record``: a video or a folder of images as a bag of camera images."""

import argparse
from pathlib import Path
import re

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import picture_inputs
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Output
from triplenet_ros.printable import printable

NAME = 'record'
HELP = 'make a rosbag2 (mcap) of camera images from a video or a folder of images'
_TOPIC = re.compile('(/[A-Za-z_][A-Za-z0-9_]*)+')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('input', type=Path, metavar='VIDEO|FOLDER',
                        help='a video file, or a folder of images in the order of their names')
    parser.add_argument('out', type=Path, metavar='BAG',
                        help='the bag to write: NAME.mcap gives one file, any other name a '
                             'rosbag2 folder')
    parser.add_argument('--compressed', action='store_true',
                        help='JPEG (sensor_msgs/CompressedImage) in place of raw images')
    parser.add_argument('--fps', type=float, metavar='RATE',
                        help="frames per second (default: the video's own; 10 for a folder)")
    parser.add_argument('--topic', default='/camera/image',
                        help="image topic (default: /camera/image); '/compressed' is appended "
                             'with --compressed')
    parser.add_argument('--frame-id', default='camera',
                        help='coordinate frame of the camera (default: camera)')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing bag')
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Record and print the number of frames.

    :raises InputError: if the input or the output cannot be used
    :raises KeyboardInterrupt: after Ctrl-C, when what was finished is written
    """
    from triplenet_ros.bag.images import CompressedImages, RawImages
    from triplenet_ros.bag.pictures import open_pictures
    from triplenet_ros.bag.record import record
    from triplenet_ros.bag.sink import bag_sink, is_bag_folder

    if args.fps is not None and not 0.001 <= args.fps <= 1000:
        raise InputError(f'--fps is {args.fps}, must be 0.001 .. 1000')
    if not _TOPIC.fullmatch(args.topic):
        raise InputError(f'--topic is {args.topic!r}, must be like /camera/image: words of '
                         'letters, digits and _ that begin with no digit, each after a /')
    images = (CompressedImages if args.compressed else RawImages)(args.topic, args.frame_id)
    pictures = open_pictures(args.input)
    try:
        check_outputs(picture_inputs(args.input), [
            Output(args.out, args.overwrite, is_bag_folder(args.out)), *json_outputs(args.json)])
        with progress_bar(pictures.frame_count, NAME) as bar, \
                bag_sink(args.out, args.overwrite) as sink:
            count, interrupted = record(pictures, images, sink, frame_rate=args.fps,
                                        on_frame=bar.update)
    finally:
        pictures.close()
    write_figures({'frames': count, 'topic': images.channel.topic}, args.json)
    stream = text_stream(args.json)
    for note in pictures.notes:
        print(f'note: {printable(note)}', file=stream)
    print(printable(f'{count} frames on {images.channel.topic} in {args.out}'), file=stream)
    if interrupted:
        raise KeyboardInterrupt

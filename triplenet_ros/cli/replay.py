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

"""``triplenet replay``: a recording through the network, results into a bag."""

import argparse
from pathlib import Path
from typing import Any, Sequence, TextIO

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import recording_inputs, weights_inputs
from triplenet_ros.cli.predictor_options import add_predictor_arguments, load_predictor
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.outputs import check_outputs

NAME = 'replay'
HELP = 'send every frame of a bag or video through the network and write a bag with the results'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('input', type=Path, metavar='BAG|VIDEO',
                        help='rosbag2 folder, .mcap, .db3, ROS 1 .bag, or a video file')
    parser.add_argument('--out', type=Path, required=True, metavar='BAG',
                        help='the bag to write: NAME.mcap gives one file, any other name a '
                             'rosbag2 folder')
    parser.add_argument('--topic', help='the image topic, where the bag has several')
    parser.add_argument('--overwrite', action='store_true', help='replace existing outputs')
    parser.add_argument('--realtime', action='store_true',
                        help='play at the recorded rate and drop frames, as the node does')
    parser.add_argument('--no-overlay', dest='overlay', action='store_false',
                        help='leave the overlay topic out of the bag')
    parser.add_argument('--video', type=Path, metavar='FILE',
                        help='also write the overlays as a video, .mp4')
    parser.add_argument('--contact-sheet', type=Path, metavar='FILE',
                        help='also write overlays at even times as one image, .png or .jpg')
    add_json_argument(parser)
    add_predictor_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """
    Replay and print the figures.

    :raises InputError: if the input, the weights or an output cannot be used
    :raises KeyboardInterrupt: after Ctrl-C, when what was finished is written
    """
    from triplenet_ros.bag.outputs import replay_into, ReplayOutputs
    from triplenet_ros.bag.source import open_source

    outputs = ReplayOutputs(args.out, args.video, args.contact_sheet, args.overlay,
                            args.overwrite)
    with open_source(args.input, args.topic) as source:
        check_outputs([*recording_inputs(args.input), *weights_inputs(args.weights)],
                      [*outputs.declared(), *json_outputs(args.json)])
        predictor = load_predictor(args)
        with progress_bar(source.frame_count, NAME) as bar:
            report = replay_into(outputs, source, predictor,
                                 [lambda frame, prediction: bar.update()], args.realtime)
    print_report(report, outputs.paths, text_stream(args.json))
    write_figures(report.figures(), args.json)
    if report.interrupted:
        raise KeyboardInterrupt


def print_report(report: Any, paths: Sequence[Path], stream: TextIO) -> None:
    """Print what came of a replay, for people."""
    for note in report.notes:
        print(f'note: {note}', file=stream)
    print(f'{report.frames} frames, {report.processed} processed, {report.dropped} dropped, '
          f'{report.detections} boxes; {report.fps:.1f} frames/s ({report.network}, '
          f'{report.backend}, {report.device})', file=stream)
    print(f'written: {", ".join(str(path) for path in paths)}', file=stream)

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

from triplenet_ros.bag.run_description import describe_run
from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import recording_inputs, weights_inputs
from triplenet_ros.cli.missed import Missed, missed_criteria
from triplenet_ros.cli.predictor_options import add_predictor_arguments, load_predictor
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.cli.score import score
from triplenet_ros.cli.score_options import (
    add_report_argument, add_score_arguments, add_truth_argument, report_outputs, score_inputs,
    score_options)
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs
from triplenet_ros.printable import printable

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
    add_truth_argument(parser, required=False)
    add_score_arguments(parser)
    add_report_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Replay and print the figures; with truth, score what came out.

    :raises InputError: if the input, the weights, the truth or an output cannot be used
    :raises KeyboardInterrupt: after Ctrl-C, when what was finished is written
    :raises Missed: if a criterion is missed, when all is written
    """
    from triplenet_ros.bag.outputs import replay_into, ReplayOutputs
    from triplenet_ros.bag.replayed import ReplayedStamps
    from triplenet_ros.bag.source import open_source

    if not args.truth and (args.report or args.criteria):
        raise InputError('--report and --criteria need --truth')
    outputs = ReplayOutputs(args.out, args.video, args.contact_sheet, args.overlay,
                            args.overwrite)
    with open_source(args.input, args.topic) as source:
        check_outputs([*recording_inputs(args.input), *weights_inputs(args.weights),
                       *score_inputs(args)],
                      [*outputs.declared(), *json_outputs(args.json), *report_outputs(args)])
        scoring = _Scoring(args, source.image_channel.topic) if args.truth else None
        predictor, stamps = load_predictor(args), ReplayedStamps()
        with progress_bar(source.frame_count, NAME) as bar:
            report = replay_into(outputs, source, predictor,
                                 [stamps, lambda frame, prediction: bar.update()], args.realtime)
    if scoring:
        report = scoring.score(report, stamps, predictor)
    write_figures(report.figures(), args.json)
    print_report(report, outputs.paths, text_stream(args.json))
    if scoring:
        scoring.tell(text_stream(args.json))
    if report.interrupted:
        raise KeyboardInterrupt
    if scoring:
        scoring.judge()


class _Scoring:
    """Truth, options and criteria of a replay, seen to be usable before it starts."""

    def __init__(self, args: argparse.Namespace, image: str) -> None:
        from triplenet_ros.bag.replayed import check_truth, replay_options
        from triplenet_ros.evaluation.criteria import Criteria, read_criteria

        self._args = args
        self._criteria = read_criteria(args.criteria) if args.criteria else Criteria()
        self._options = replay_options(score_options(args), args.tasks, image)
        check_truth(args.truth, args.input, self._options)

    def score(self, report: Any, stamps: Any, predictor: Any) -> Any:
        """Score the bag that was written, and return the report with the scores."""
        from triplenet_ros.bag.replayed import truth_of_replay, with_metrics

        args = self._args
        self._run = score(
            args.out, truth_of_replay(args.truth, args.input, args.out), self._options,
            self._criteria, args.report, args.overwrite, measured=stamps.measured(report),
            about=describe_run(args.weights, predictor))
        return with_metrics(report, self._run)

    def tell(self, stream: TextIO) -> None:
        """Print the scores."""
        from triplenet_ros.evaluation.score_text import score_text

        print(score_text(self._run), file=stream)
        if self._args.report:
            print(printable(f'written: {self._args.report}'), file=stream)

    def judge(self) -> None:
        """Fail if a criterion is missed."""
        missed = missed_criteria(self._run.criteria)
        if missed:
            raise Missed(missed)


def print_report(report: Any, paths: Sequence[Path], stream: TextIO) -> None:
    """Print what came of a replay, for people."""
    for note in report.notes:
        print(f'note: {printable(note)}', file=stream)
    print(f'{report.frames} frames, {report.processed} processed, {report.dropped} dropped, '
          f'{report.detections} boxes; {report.fps:.1f} frames/s ({report.network}, '
          f'{report.backend}, {report.device})', file=stream)
    print(f'written: {", ".join(printable(str(path)) for path in paths)}', file=stream)

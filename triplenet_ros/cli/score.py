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

"""``triplenet score``: a recording with results against its truth."""

import argparse
from pathlib import Path
from typing import Any, Optional, Sequence

from triplenet_ros.bag.run_description import command_line
from triplenet_ros.cli.figures import (add_json_argument, json_outputs, text_stream,
                                       write_figures)
from triplenet_ros.cli.inputs import recording_inputs
from triplenet_ros.cli.missed import Missed, missed_criteria
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.cli.score_options import (
    add_report_argument, add_result_arguments, add_score_arguments, add_truth_argument,
    report_outputs, score_inputs, score_options)
from triplenet_ros.outputs import check_outputs
from triplenet_ros.printable import printable

NAME = 'score'
HELP = 'score the results in a bag, of whatever node, against truth'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('results', type=Path, metavar='RESULTS',
                        help='a bag with vision_msgs/Detection2DArray or a label image')
    add_truth_argument(parser, required=True)
    parser.add_argument('--overwrite', action='store_true',
                        help='replace an existing folder of --report')
    add_json_argument(parser)
    add_result_arguments(parser)
    add_score_arguments(parser)
    add_report_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Score, print, and write the report.

    :raises InputError: if results, truth, criteria or an output cannot be used
    :raises Missed: if a criterion is missed, when all is written
    """
    from triplenet_ros.evaluation.criteria import Criteria, read_criteria

    check_outputs([*recording_inputs(args.results), *score_inputs(args)],
                  [*report_outputs(args), *json_outputs(args.json)])
    criteria = read_criteria(args.criteria) if args.criteria else Criteria()
    options = score_options(args)
    scored = score(args.results, args.truth, options, criteria, args.report, args.overwrite)
    tell(scored, args.report, args.json)


def score(results: Path, truth: Sequence[Path], options: Any, criteria: Any,
          report: Optional[Path], overwrite: bool, **known: Any) -> Any:
    """
    Score a recording, with a progress bar, and write its report where one is wanted.

    :param known: ``measured`` and ``about`` of whoever ran it
    :returns: ScoredRun
    :raises InputError: if anything cannot be used
    """
    from triplenet_ros.bag.score import Measured, RecordingScore
    from triplenet_ros.bag.scored_folder import write_scored
    from triplenet_ros.evaluation.scored_run import RunDescription

    with progress_bar(0, 'reading stamps', 'message') as bar:
        recording = RecordingScore(results, truth, options, criteria,
                                   known.get('measured', Measured()), bar.update)
    with progress_bar(recording.frame_count, NAME) as bar:
        return write_scored(recording, report, overwrite, lambda frame: bar.update(),
                            known.get('about', RunDescription(command=command_line())))


def tell(run: Any, report: Optional[Path], target: Optional[str]) -> None:
    """
    Print what came out, write the figures, and fail if a criterion is missed.

    :param run: ScoredRun
    :param report: folder that was written, or None
    :param target: of ``--json``
    :raises Missed: if a criterion is missed
    """
    from triplenet_ros.evaluation.score_text import score_text

    write_figures(run.figures(), target)
    print(score_text(run), file=text_stream(target))
    if report is not None:
        print(printable(f'written: {report}'), file=text_stream(target))
    missed = missed_criteria(run.criteria)
    if missed:
        raise Missed(missed)

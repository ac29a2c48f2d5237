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

"""The options about truth and scores, the same for every command that scores recordings."""

import argparse
from pathlib import Path
from typing import Any

from triplenet_ros.cli.inputs import recording_inputs
from triplenet_ros.cli.predictor_options import TASKS
from triplenet_ros.overlap import Input, Output


def add_truth_argument(parser: argparse._ActionsContainer, required: bool) -> None:
    """Declare ``--truth``."""
    parser.add_argument('--truth', type=Path, nargs='+', required=required, metavar='TRUTH',
                        help='a bag with topics of truth or with the results of another run, a '
                             'COCO JSON, a folder of label PNGs; a JSON and a folder together '
                             'are boxes and labels')


def add_result_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what tells the results of a bag from all else in it."""
    group = parser.add_argument_group('results')
    group.add_argument('--detections', metavar='TOPIC', help='topic of the boxes')
    group.add_argument('--labels', metavar='TOPIC', help='topic of the label image')
    group.add_argument('--image', metavar='TOPIC', help="topic of the camera's images")
    group.add_argument('--classes', type=Path, metavar='FILE',
                       help='names of the classes of the results, as --truth-classes')
    group.add_argument('--tasks', nargs='+', choices=TASKS, default=list(TASKS), metavar='TASK',
                       help=f'what is scored, some of {", ".join(TASKS)} (default: both)')


def add_score_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what decides about matching, frames and scores."""
    group = parser.add_argument_group('truth')
    group.add_argument('--tolerance', type=float, default=0.0, metavar='SECONDS',
                       help='largest difference of stamps that match (default: 0, to the '
                            'nanosecond)')
    group.add_argument('--truth-key', choices=('stamp', 'number', 'name'), metavar='KEY',
                       help='how files of truth are found: by stamp or frame number in their '
                            'names, or in the order of their name (default: by what the names '
                            'are)')
    group.add_argument('--rename', metavar='FILE',
                       help='YAML of class names that mean another one, such as pedestrian: '
                            'person, or the name of a shipped one')
    for option, what in (('--truth-detections', 'boxes of the truth'),
                         ('--truth-labels', 'label image of the truth')):
        group.add_argument(option, metavar='TOPIC', help=f'topic of the {what}')
    group.add_argument('--truth-classes', type=Path, metavar='FILE',
                       help='names of the classes of the truth, where it has none: YAML with '
                            'names: and segmentation:, or a .txt with a name a line')
    group = parser.add_argument_group('frames')
    group.add_argument('--from', dest='begin', metavar='STAMP',
                       help='leave out results before this stamp, or +SECONDS after the first')
    group.add_argument('--to', dest='end', metavar='STAMP', help='leave out results after it')
    for option, what in (('--skip-first', 'leave out the first N matched frames'),
                         ('--skip-last', 'leave out the last N matched frames'),
                         ('--first', 'of the rest only the first N'),
                         ('--last', 'of the rest only the last N'),
                         ('--every', 'of the rest every Nth')):
        group.add_argument(option, type=int, metavar='N', help=what)
    group = parser.add_argument_group('scores')
    group.add_argument('--threshold', type=float, default=0.3, metavar='S',
                       help='operating threshold of precision, recall, error kinds and '
                            'confusion, 0..1 (default: 0.3)')
    group.add_argument('--distances', type=float, nargs='+', default=[10, 20, 40, 80],
                       metavar='M', help='where one class of true distances ends and the next '
                                         'begins, metres (default: 10 20 40 80)')
    group.add_argument('--criteria', type=Path, metavar='FILE',
                       help='YAML of what must be reached; exit 1 if it is not')


def add_report_argument(parser: argparse._ActionsContainer) -> None:
    """Declare ``--report``."""
    parser.add_argument('--report', type=Path, metavar='FOLDER',
                        help='make this folder with report.html, report.json, frames.jsonl and '
                             'pictures of the worst frames')


def score_inputs(args: argparse.Namespace) -> list[Input]:
    """Return what is read beside the recording."""
    named = (args.criteria, args.rename, args.truth_classes, getattr(args, 'classes', None))
    files = [Path(one) for one in named if one and Path(one).exists()]
    return [one for path in args.truth or () for one in recording_inputs(path)] + [
        Input(file) for file in files]


def report_outputs(args: argparse.Namespace) -> list[Output]:
    """Return the folder of ``--report``, where one is wanted."""
    return [Output(args.report, args.overwrite, folder=True)] if args.report else []


def score_options(args: argparse.Namespace) -> Any:
    """
    Return the ScoreOptions that the options describe, those of add_result_arguments if declared.

    :raises InputError: if a value is not allowed or a file cannot be read
    """
    from triplenet_ros.bag.score_options import ScoreOptions
    from triplenet_ros.bag.scored_topics import TopicChoice
    from triplenet_ros.class_mapping import load_rename, NO_RENAME
    from triplenet_ros.data.class_names import read_names
    from triplenet_ros.evaluation.selection import Selection

    selection = {key: getattr(args, key) for key in (
        'begin', 'end', 'skip_first', 'skip_last', 'first', 'last', 'every')}
    results = vars(args).get
    own, other = (read_names(path) if path else (None, None)
                  for path in (results('classes'), args.truth_classes))
    return ScoreOptions(
        results=TopicChoice(results('detections'), results('labels'), *own),
        truth=TopicChoice(args.truth_detections, args.truth_labels, *other),
        image=results('image'), tasks=tuple(args.tasks), truth_key=args.truth_key,
        tolerance=args.tolerance,
        selection=Selection(**{key: value for key, value in selection.items()
                               if value is not None}),
        threshold=args.threshold, distances=tuple(args.distances),
        rename=load_rename(args.rename) if args.rename else NO_RENAME)

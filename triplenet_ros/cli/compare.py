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

"""``triplenet compare``: two scored runs of the same frames."""

import argparse
from pathlib import Path
from typing import Any

from triplenet_ros.cli.figures import (add_json_argument, json_outputs, text_stream,
                                       write_figures)
from triplenet_ros.cli.missed import Missed
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Input, Output

NAME = 'compare'
HELP = 'compare two scored runs of the same frames, with intervals; a test for CI'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('a', type=Path, metavar='A',
                        help='folder of triplenet score --report: the run to compare with')
    parser.add_argument('b', type=Path, metavar='B',
                        help='another one: the run that may be better or worse')
    parser.add_argument('--fail-below', type=float, metavar='D',
                        help='exit 1 if a score fell by more than this, such as -0.01, and the '
                             'interval says that it is worse for sure')
    parser.add_argument('--block', type=float, default=5.0, metavar='SECONDS',
                        help='frames are chosen by chance in blocks of this length, because '
                             'neighbours are not independent (default: 5)')
    parser.add_argument('--report', type=Path, metavar='FOLDER',
                        help='make this folder with compare.html, compare.json and pictures of '
                             'the frames that got worse')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace an existing folder of --report')
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Compare and print.

    :raises InputError: if a folder cannot be used
    :raises Missed: if a score fell below the limit for sure
    """
    from triplenet_ros.evaluation.compare_text import compare_text
    from triplenet_ros.evaluation.comparison import compare_runs

    report = [Output(args.report, args.overwrite, folder=True)] if args.report else []
    check_outputs([Input(args.a), Input(args.b)], [*report, *json_outputs(args.json)])
    comparison = compare_runs(args.a, args.b, args.fail_below, args.block)
    print(compare_text(comparison), file=text_stream(args.json))
    write_figures(comparison.figures(), args.json)
    if args.report:
        from triplenet_ros.bag.compared_folder import write_comparison

        write_comparison(comparison, args.a, args.b, args.report, args.overwrite)
        print(f'written: {args.report}', file=text_stream(args.json))
    for name in comparison.unclear:
        print(f'cannot tell: {_fall(name, comparison)}', file=text_stream(args.json))
    if comparison.failed:
        raise Missed(_fall(name, comparison) for name in comparison.failed)


def _fall(name: str, comparison: Any) -> str:
    one = comparison.difference[name]
    between = '' if one.low is None else f' ({one.low:+.4f} .. {one.high:+.4f})'
    return f'{name} {one.value:+.4f}{between}, limit {comparison.limit:g}'

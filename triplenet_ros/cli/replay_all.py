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

"""``triplenet replay-all``: many recordings through the network, side by side, one report."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence, TextIO

from triplenet_ros.bag.run_description import command_line
from triplenet_ros.cli.figures import (add_json_argument, json_outputs, text_stream,
                                       write_figures)
from triplenet_ros.cli.inputs import recording_inputs, weights_inputs
from triplenet_ros.cli.missed import Missed
from triplenet_ros.cli.predictor_options import add_predictor_arguments, predictor_options
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.cli.score_options import add_score_arguments, score_inputs, score_options
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Output

NAME = 'replay-all'
HELP = 'replay, and score, many recordings side by side; what is finished is not done again'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('recordings', nargs='+', metavar='BAG',
                        help='bags, videos, folders with bags somewhere below, or patterns in '
                             "quotes such as 'drives/**/*.mcap'")
    parser.add_argument('--out', type=Path, required=True, metavar='FOLDER',
                        help='folder of all results; the same command again does there what is '
                             'not finished yet')
    parser.add_argument('--truth', nargs='+', default=[], metavar='TRUTH',
                        help='as of score; {name} stands for the name of each recording, {bag} '
                             'for its path and {folder} for its folder')
    parser.add_argument('--topic', help='the image topic, where bags have several')
    parser.add_argument('--overlay', action='store_true', help='put overlays into the results')
    parser.add_argument('--overwrite', action='store_true',
                        help='do again what was made with other options or of other files')
    add_json_argument(parser)
    group = parser.add_argument_group('machines')
    group.add_argument('--workers', type=int, metavar='N',
                       help='recordings side by side on this machine (default: one on each GPU, '
                            'or one on each core as far as the memory goes)')
    group.add_argument('--cores', type=int, metavar='N',
                       help='cores for each recording (default: the cores by the workers; 1 on '
                            'Ray)')
    group.add_argument('--ray', metavar='ADDRESS',
                       help='use a Ray cluster, auto = the one this machine belongs to; its '
                            'machines must see the same files under the same names')
    add_predictor_arguments(parser)
    add_score_arguments(parser)


_SCORE_FILES = ('criteria', 'rename', 'truth_classes')
_SCORING = ('tolerance', 'truth_key', 'rename', 'truth_detections', 'truth_labels', 'begin', 'end',
            'skip_first', 'skip_last', 'first', 'last', 'every', 'threshold', 'distances')
"""Options that decide about scores: with others what is finished is not what is wanted."""


def run(args: argparse.Namespace) -> None:
    """
    Replay what is not finished, and report on all.

    :raises InputError: if an argument, the weights or an output cannot be used
    :raises Missed: if a recording failed or missed a criterion, when all is written
    """
    from triplenet_ros.fleet.finished import finished_row
    from triplenet_ros.fleet.fleet_report import FOLDER, write_report, written_report

    jobs = _jobs(args)
    rows = {job.name: row for job in jobs
            if (row := finished_row(job.folder, job.key)) is not None}
    waiting = [job for job in jobs if job.name not in rows]
    _check(args, jobs, waiting)
    figures = None if waiting else written_report(args.out, jobs, rows)
    stream = text_stream(args.json)
    if rows:
        print(f'{len(rows)} of {len(jobs)} recordings are finished already', file=stream)
    with progress_bar(len(jobs), NAME, 'bag') as bar:
        bar.update(len(rows))
        for row in _work(args, waiting):
            rows[row.name] = row
            bar.update()
    if figures is None:
        figures = write_report(args.out, jobs, rows, jobs[0].command)
    _tell(figures, args.out / FOLDER, stream)
    write_figures({'bags': figures['bags'], 'sum': figures['sum']}, args.json)
    _judge(list(rows.values()))


def _jobs(args: argparse.Namespace) -> list[Any]:
    from triplenet_ros.evaluation.criteria import read_criteria
    from triplenet_ros.fleet.plan import FleetOptions, plan

    for option in ('workers', 'cores'):
        value = getattr(args, option)
        if value is not None and value < 1:
            raise InputError(f'--{option} {value} is out of range, at least 1')
    if args.criteria:
        if not args.truth:
            raise InputError('--criteria needs --truth')
        read_criteria(args.criteria)
    named = [getattr(args, option) for option in _SCORE_FILES]
    return plan(args.recordings, FleetOptions(
        out=args.out, predictor=predictor_options(args), topic=args.topic, overlay=args.overlay,
        truth=tuple(args.truth), criteria=args.criteria, command=command_line(),
        scoring={option: getattr(args, option) for option in _SCORING},
        files=tuple(Path(file) for file in named if file and Path(file).is_file())))


def _check(args: argparse.Namespace, jobs: Sequence[Any], waiting: Sequence[Any]) -> None:
    """Refuse outputs that are inputs, or that were made otherwise and may not be replaced."""
    from triplenet_ros.fleet.fleet_report import FOLDER

    inputs = [one for job in jobs for path in (job.recording, *job.truth)
              for one in recording_inputs(path)]
    folders = [Output(job.folder, True, folder=True) for job in waiting]
    # The truth is that of each recording, not as it was written.
    files = score_inputs(argparse.Namespace(**{**vars(args), 'truth': None}))
    check_outputs([*inputs, *files, *weights_inputs(args.weights)],
                  [*folders, Output(args.out / FOLDER, True, folder=True),
                   *json_outputs(args.json)])
    old = [job for job in waiting if job.folder.exists()]
    if old and not args.overwrite:
        raise InputError(f'{old[0].folder} is of other options, other files or damaged: choose '
                         'another --out or give --overwrite')


def _work(args: argparse.Namespace, jobs: Sequence[Any]) -> Iterator[Any]:
    if not jobs:
        return
    from triplenet_ros.fleet.run_job import run_job

    if args.truth:
        score = score_options(args)
        # A view of a dictionary does not go to other processes.
        score = replace(score, rename=dict(score.rename))
        jobs = [replace(job, score=score) for job in jobs]
    if args.ray is not None:
        from triplenet_ros.fleet.ray_cluster import run_on_ray

        gpus = {'auto': None, 'cpu': 0}.get(args.device, 1)
        yield from run_on_ray(jobs, args.ray, args.cores or 1, gpus, run_job)
        return
    from triplenet_ros.fleet.local import run_local
    from triplenet_ros.fleet.threads import share_of_machine, usable_gpus

    share = share_of_machine(len(jobs), args.workers, args.cores, usable_gpus(args.device))
    yield from run_local(jobs, share, run_job)


def _tell(figures: Mapping[str, Any], report: Path, stream: TextIO) -> None:
    total = figures['sum']
    print(f'{total["done"]} of {total["bags"]} recordings done, {total["failed"]} failed: '
          f'{total["frames"]} frames, {total["processed"]} processed, {total["dropped"]} dropped, '
          f'{total["detections"]} boxes', file=stream)
    scores = [f'{name} {100 * score:.1f} %' for name, score in total['scores'].items()
              if score is not None]
    if scores:
        print(f'all {total["scored"]} scored frames together: {", ".join(scores)}', file=stream)
    print(f'written: {report}', file=stream)


def _judge(rows: Sequence[Any]) -> None:
    """
    Fail if anything is wrong with a recording.

    :raises Missed: names those that failed, and the criteria that were missed
    """
    failed = [f'{row.name} failed, {row.error}' for row in rows if not row.is_done]
    missed = [f'{line} in {row.name}' for row in rows for line in row.missed]
    if failed or missed:
        raise Missed([*failed, *missed])

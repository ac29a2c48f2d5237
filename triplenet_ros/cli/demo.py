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

"""``triplenet demo``: the whole main job on a real drive, a generated one, or a recording."""

import argparse
from dataclasses import replace
import json
from pathlib import Path
from typing import Any, Optional

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import recording_inputs, weights_inputs
from triplenet_ros.cli.predictor_options import add_predictor_arguments, load_predictor
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.cli.replay import print_report
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs, replacing
from triplenet_ros.overlap import Output
from triplenet_ros.printable import printable

NAME = 'demo'
HELP = 'replay a drive through the network: bag, overlay video, contact sheet and report'
FRAMES, SEED = 100, 7
"""Of the generated drive."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('input', type=Path, nargs='?', metavar='BAG|VIDEO',
                        help='a recording; without one the highway drive that the package '
                             'brings')
    parser.add_argument('--generated', action='store_true',
                        help='a generated drive instead, whose truth is known, so that the report '
                             'has scores')
    parser.add_argument('--out', type=Path, default=Path('demo'), metavar='FOLDER',
                        help='the folder to write (default: demo)')
    parser.add_argument('--topic', help='the image topic, where the bag has several')
    parser.add_argument('--frames', type=int, metavar='N',
                        help=f'length of the generated drive, 10 frames/s (default: {FRAMES})')
    parser.add_argument('--seed', type=int,
                        help=f'which drive is generated (default: {SEED}, a town)')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing folder')
    add_json_argument(parser)
    add_predictor_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """
    Replay a drive, generated first where that is asked for, and report.

    :raises InputError: if the recording, the weights or the folder cannot be used
    """
    from triplenet_ros.clip import CLIP

    if args.input and args.generated:
        raise InputError(f'{args.input} or --generated: one of them can be replayed')
    if not args.generated and (args.frames, args.seed) != (None, None):
        raise InputError('--frames and --seed are of a generated drive: give --generated too')
    drive = args.input or CLIP
    check_outputs([*recording_inputs(drive), *weights_inputs(args.weights)],
                  [Output(args.out, args.overwrite, folder=True), *json_outputs(args.json)])
    predictor = load_predictor(args)
    with replacing(args.out, args.overwrite, folder=True) as folder:
        folder.mkdir()
        scores = None
        if args.generated:
            scores, drive = _scores(args, predictor.classes), folder / 'drive.mcap'
            _record(scores, drive)
        report = _replay(drive, args.topic, folder, predictor, scores)
        figures = report.figures()
        (folder / 'report.json').write_text(json.dumps(figures, indent=2) + '\n',
                                            encoding='utf-8')
        (folder / 'report.md').write_text(_report_text(report, _name(args)), encoding='utf-8')
        names = sorted(path.name for path in folder.iterdir())
    write_figures(figures, args.json)
    print_report(report, [args.out / name for name in names], text_stream(args.json))
    if report.interrupted:
        raise KeyboardInterrupt


def _scores(args: argparse.Namespace, classes: Any) -> Any:
    """Return what draws the drive and scores what is seen of it."""
    from triplenet_ros.bag.images import FIRST_STAMP_NS
    from triplenet_ros.class_mapping import load_rename, NO_RENAME
    from triplenet_ros.classes import CITYSCAPES
    from triplenet_ros.evaluation.drive import DriveScores
    from triplenet_ros.scenes import Drive

    same = classes.segmentation == CITYSCAPES.segmentation
    rename = load_rename('cityscapes_to_camvid') if same else NO_RENAME
    drive = Drive(seed=_seed(args), frames=FRAMES if args.frames is None else args.frames)
    return DriveScores(drive, classes, FIRST_STAMP_NS, rename)


def _seed(args: argparse.Namespace) -> int:
    return SEED if args.seed is None else args.seed


def _name(args: argparse.Namespace) -> str:
    if args.generated:
        return f'a generated drive (seed {_seed(args)}, drive.mcap)'
    return printable(str(args.input or 'the highway drive of the package (Udacity, MIT licence)'))


def _record(scores: Any, path: Path) -> None:
    """Write the drive as the bag that a camera would have left."""
    from triplenet_ros.bag.images import CompressedImages
    from triplenet_ros.bag.sink import bag_sink

    images = CompressedImages()
    with progress_bar(len(scores), 'generating the drive') as bar, bag_sink(path) as sink:
        for time_ns, image in scores.pictures():
            sink.write(images.message(image, time_ns))
            bar.update()


def _replay(drive: Path, topic: Optional[str], folder: Path, predictor: Any, scores: Any) -> Any:
    from triplenet_ros.bag.outputs import replay_into, ReplayOutputs
    from triplenet_ros.bag.source import open_source

    outputs = ReplayOutputs(folder / 'results.mcap', folder / 'overlay.mp4',
                            folder / 'contact_sheet.png')
    with open_source(drive, topic) as source, \
            progress_bar(source.frame_count, 'replay') as bar:
        observers = [lambda frame, prediction: bar.update()]
        if scores is not None:
            observers.append(lambda frame, prediction: scores.update(frame.time_ns, prediction))
        report = replay_into(outputs, source, predictor, observers)
    return report if scores is None else replace(report, metrics=scores.compute())


def _report_text(report: Any, recording: str) -> str:
    from triplenet_ros.evaluation.table import table

    lines = [
        '# What came out', '',
        f'{report.processed} of {report.frames} frames of {recording} went through '
        f'{report.network} ({report.backend} on {report.device}) at {report.fps:.1f} frames/s; '
        f'{report.detections} boxes.', '',
        '![overlays at even times](contact_sheet.png)', '',
        '| stage | median ms | 95 % below | 99 % below |', '|---|---|---|---|',
        *(f'| {stage} | {times["p50"]:.1f} | {times["p95"]:.1f} | {times["p99"]:.1f} |'
          for stage, times in report.latency_ms.items()), '',
        '`results.mcap` opens in Foxglove and plays with `ros2 bag play results.mcap`; '
        '`overlay.mp4` is the same as a video, `report.json` these figures.']
    if report.metrics:
        lines += ['', 'Against the truth of the generated drive, in percent (no measure of real '
                  'roads); classes of Cityscapes, if any, count as what `cityscapes_to_camvid` '
                  'calls them:', '', '```', table(dict(report.metrics)), '```']
    return '\n'.join([*lines, *(f'\nNote: {note}' for note in report.notes)]) + '\n'

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

"""``triplenet predict``: boxes and labels of images or a video, as files."""

import argparse
from dataclasses import replace
from pathlib import Path
import time
from typing import Any, Iterator

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import picture_inputs, weights_inputs
from triplenet_ros.cli.predictor_options import add_predictor_arguments, load_predictor
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs, replacing
from triplenet_ros.overlap import Output
from triplenet_ros.printable import printable

NAME = 'predict'
HELP = 'write overlays, label images and boxes of an image, a folder of images or a video'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('input', type=Path, metavar='IMAGE|FOLDER|VIDEO',
                        help='an image, a folder of images, or a video file')
    parser.add_argument('--out', type=Path, required=True, metavar='DIR',
                        help='the folder to write: overlays/NAME.jpg, labels/NAME.png (a number '
                             'for each pixel, 255 = unlabelled) and boxes.json')
    parser.add_argument('--min-confidence', type=float, default=0.0, metavar='C',
                        help='pixels whose label is less certain become 255 in labels/, 0..1: '
                             'what a network is sure of can teach the next one (default: 0)')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing folder')
    add_json_argument(parser)
    add_predictor_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """
    Predict image by image and print the figures.

    :raises InputError: if the input, the weights or the output cannot be used
    :raises KeyboardInterrupt: after Ctrl-C, when what was finished is written
    """
    from triplenet_ros.bag.pictures import open_pictures

    if not 0 <= args.min_confidence <= 1:
        raise InputError(f'--min-confidence is {args.min_confidence}, must be 0 .. 1')
    pictures = open_pictures(args.input)
    try:
        check_outputs([*picture_inputs(args.input), *weights_inputs(args.weights)],
                      [Output(args.out, args.overwrite, folder=True), *json_outputs(args.json)])
        predictor = load_predictor(args, confidence=args.min_confidence > 0)
        skipped: list = []
        with replacing(args.out, args.overwrite, folder=True) as folder:
            started = time.perf_counter()
            entries, interrupted = _predict(pictures, predictor, folder, skipped,
                                            args.min_confidence)
            seconds = time.perf_counter() - started
    finally:
        pictures.close()
    _report(args, entries, skipped, pictures.notes, predictor, seconds)
    if interrupted:
        raise KeyboardInterrupt


def _predict(pictures: Any, predictor: Any, folder: Path, skipped: list,
             min_confidence: float) -> tuple[list, bool]:
    """Fill the folder; return what boxes.json holds, and whether Ctrl-C ended it early."""
    from triplenet_ros.drawing.prediction_folder import PredictionFolder
    from triplenet_ros.interrupt import deferred_interrupt

    files = PredictionFolder(folder)
    with deferred_interrupt() as interrupt, \
            progress_bar(pictures.frame_count, NAME, 'image') as bar:
        for name, image in _readable(pictures, skipped):
            files.add(name, image, _certain(predictor(image), min_confidence))
            bar.update()
            if interrupt.seen:
                break
    if not files.entries:
        raise InputError(skipped[0])
    files.close(predictor.classes)
    return files.entries, interrupt.seen


def _certain(prediction: Any, min_confidence: float) -> Any:
    """Leave pixels unlabelled whose label is less certain."""
    from triplenet_ros.classes import UNLABELLED

    if prediction.confidence is None or prediction.label_map is None:
        return prediction
    label_map = prediction.label_map.copy()
    label_map[prediction.confidence < 255 * min_confidence] = UNLABELLED
    return replace(prediction, label_map=label_map)


def _readable(pictures: Any, skipped: list) -> Iterator[tuple]:
    """Yield (name, RGB image); why others cannot be read goes to ``skipped``."""
    for name, read in pictures.named():
        try:
            image = read()
        except InputError as error:
            skipped.append(str(error))
        else:
            yield name, image


def _report(args: argparse.Namespace, entries: list, skipped: list, notes: list, predictor: Any,
            seconds: float) -> None:
    boxes = sum(len(entry['boxes']) for entry in entries)
    figures = {
        'images': len(entries), 'skipped': len(skipped), 'detections': boxes,
        'fps': round(len(entries) / seconds, 3), 'network': predictor.network,
        'backend': predictor.backend, 'device': str(predictor.device)}
    write_figures(figures, args.json)
    stream = text_stream(args.json)
    for note in notes:
        print(f'note: {note}', file=stream)
    for text in skipped:
        print(f'note: skipped, {printable(text)}', file=stream)
    print(f'{figures["images"]} images, {figures["skipped"]} skipped, {boxes} boxes; '
          f'{figures["fps"]:.1f} images/s ({predictor.network}, {predictor.backend}, '
          f'{predictor.device})\nwritten: {printable(str(args.out))}', file=stream)

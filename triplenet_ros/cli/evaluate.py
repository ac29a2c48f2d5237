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

"""triplenet evaluate: scores of weights on labelled images."""

import argparse
from pathlib import Path
from typing import Any, Sequence

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import data_inputs, weights_inputs
from triplenet_ros.cli.predictor_options import add_network_arguments
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.data.sources import data_names
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Input, Output
from triplenet_ros.strict_yaml import read_assignment

NAME = 'evaluate'
HELP = 'score weights on labelled images: average precision and intersection over union'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command
    """
    add_network_arguments(parser)
    parser.add_argument('--data', required=True, metavar='D',
                        help=f'which data set: {", ".join(data_names())}')
    parser.add_argument('--root', metavar='FOLDER', help='where its files are')
    parser.add_argument('--split', default='val', metavar='S',
                        help='which part of it (default: val)')
    parser.add_argument('--data-option', metavar='KEY=VALUE', action='append', default=[],
                        help='what only this data set takes: ids=minival.txt for coco, '
                             'lists=Segmentation for voc2012; rename for any, as in a '
                             'recipe: names of the data alone; may be repeated')
    parser.add_argument('--rename', metavar='R',
                        help='classes that mean another one, in the data or the network: a YAML '
                             'file of lines like "pedestrian: person", or the name of a shipped '
                             'one such as cityscapes_to_camvid; several may become one')
    parser.add_argument('--limit', type=int, metavar='N', help='only the first N images')
    parser.add_argument('--plots', metavar='FOLDER', type=Path,
                        help='make this folder with precision-recall curves, the confusion '
                             'matrix and confidences against how often they are right, as '
                             'pictures and as tables')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace an existing folder of --plots')
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Score and print.

    :param args: as declared above
    :raises InputError: if weights or data cannot be used, or an output cannot be written
    """
    from triplenet_ros.class_mapping import load_rename
    from triplenet_ros.data.sources import open_dataset
    from triplenet_ros.evaluation.plots import check_plots, write_plots
    from triplenet_ros.evaluation.table import table
    from triplenet_ros.evaluation.run import number_of_images, score_images, SCORE_THRESHOLD
    from triplenet_ros.predictor import Predictor

    options, plots = _data_options(args.data_option), []
    if args.plots:
        check_plots()
        plots = [Output(args.plots, args.overwrite, folder=True)]
    renames = [Input(args.rename)] if args.rename else []
    check_outputs([*data_inputs(args.root, options), *weights_inputs(args.weights), *renames],
                  [*plots, *json_outputs(args.json)])
    rename = load_rename(args.rename) if args.rename else {}
    dataset = open_dataset(args.data, args.root, args.split, **options)
    count = number_of_images(dataset, args.limit)
    predictor = Predictor.load(args.weights, input_size=args.input_size, device=args.device,
                               backend=args.backend, precision=args.precision,
                               score_threshold=SCORE_THRESHOLD, confidence=True)
    with progress_bar(count, NAME, 'image') as bar:
        evaluator = score_images(predictor, dataset, limit=args.limit, rename=rename,
                                 advance=bar.update)
    figures, boxes = evaluator.compute(), getattr(dataset, 'truth_of_boxes', 'boxes')
    write_figures(figures, args.json)
    if args.plots:
        write_plots(evaluator, args.plots, args.overwrite, boxes)
    print(table(figures, boxes=boxes), file=text_stream(args.json))


def _data_options(options: Sequence[str]) -> dict[str, Any]:
    found = dict(read_assignment('--data-option', option) for option in options)
    for name in ('root', 'split'):
        if name in found:
            raise InputError(f'--data-option {name}={found[name]}: give --{name}')
    return found

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
from functools import partial

from triplenet_ros.cli.figures import add_json_argument, text_stream, write_figures
from triplenet_ros.data.sources import data_names

NAME = 'evaluate'
HELP = 'score weights on labelled images: average precision and intersection over union'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command
    """
    parser.add_argument('--weights', default='drive', metavar='W',
                        help='name of shipped weights or a .safetensors file (default: drive)')
    parser.add_argument('--data', required=True, metavar='D',
                        help=f'which data set: {", ".join(data_names())}')
    parser.add_argument('--root', metavar='FOLDER', help='where its files are')
    parser.add_argument('--split', default='val', metavar='S',
                        help='which part of it (default: val)')
    parser.add_argument('--limit', type=int, metavar='N', help='only the first N images')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--backend', default='auto', help='what runs the network (default: auto)')
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Score and print.

    :param args: as declared above
    :raises InputError: if weights or data cannot be used
    """
    from tqdm import tqdm

    from triplenet_ros.data.sources import open_dataset
    from triplenet_ros.evaluation.report import table
    from triplenet_ros.evaluation.run import evaluate, SCORE_THRESHOLD
    from triplenet_ros.inference.predictor import Predictor

    dataset = open_dataset(args.data, args.root, args.split)
    predictor = Predictor.load(args.weights, device=args.device, backend=args.backend,
                               score_threshold=SCORE_THRESHOLD)
    # disable=None: no bar where nobody watches.
    progress = partial(tqdm, desc='evaluate', unit='image', disable=None, leave=False)
    figures = evaluate(predictor, dataset, progress=progress, limit=args.limit)
    print(table(figures, boxes=getattr(dataset, 'truth_of_boxes', 'boxes')),
          file=text_stream(args.json))
    write_figures(figures, args.json)

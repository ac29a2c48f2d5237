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

"""``triplenet bench``: speed of networks and of what runs them, side by side in one run."""

import argparse
from itertools import product, starmap
from pathlib import Path
from typing import Any

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import weights_inputs
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.errors import InputError
from triplenet_ros.inference.names import AUTO, BACKEND_NAMES, PRECISIONS
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Input, Output
from triplenet_ros.printable import printable

NAME = 'bench'
HELP = 'measure the speed of networks and of what runs them, side by side in one run'
_BACKENDS = ('auto', 'eager', *BACKEND_NAMES)
_PRECISIONS = ('auto', *PRECISIONS)
_SMALLEST, _LARGEST = 16, 8192
_CAMERA = (1080, 1920)
_RIVALS = ('torchvision', 'ultralytics')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('--network', nargs='+', default=[], metavar='N',
                        help='networks of the registry, with random weights')
    parser.add_argument('--weights', nargs='+', default=[], metavar='W',
                        help='names of shipped weights, .safetensors files, or exported .onnx or '
                             '.xml (default: drive, where no --network is given)')
    parser.add_argument('--backend', nargs='+', choices=_BACKENDS, default=['eager', 'auto'],
                        metavar='B',
                        help=f'what runs them, of {", ".join(_BACKENDS)}; eager: PyTorch as it '
                             'comes, float32, nothing prepared (default: eager auto)')
    parser.add_argument('--precision', nargs='+', choices=_PRECISIONS, default=['auto'],
                        metavar='P', help=f'of {", ".join(_PRECISIONS)} (default: auto)')
    parser.add_argument('--batch', nargs='+', type=_count, default=[1], metavar='N',
                        help='images per call (default: 1)')
    parser.add_argument('--input-size', nargs='+', type=_size, default=[], metavar='HxW',
                        help='of what each network is given, in place of its own')
    parser.add_argument('--image-size', type=_size, metavar='HxW',
                        help="of the camera's image (default: 1080x1920; with --against: the "
                             'input size)')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--runs', type=_count, default=30, metavar='N',
                        help='timed calls per row (default: 30)')
    parser.add_argument('--against', nargs='+', type=_rival, default=[], metavar='R',
                        help='also run what one would otherwise run, on images of the same input '
                             'size: torchvision (its networks for boxes and for labels), '
                             'ultralytics (its smallest detectors, where that package is '
                             'installed), any ONNX file; the last two by the engines of --backend')
    parser.add_argument('--plot', type=Path, metavar='FILE.png', help='draw the figures')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace an existing file of --plot')
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Build, measure, and tell.

    :raises InputError: for a name that does not exist, or if nothing that was asked for can run
    """
    plan = _plan(args)
    _check_outputs(args)
    rows, interrupted = _measured(_prepared(plan, args), args)
    if rows:
        _tell(rows, plan, args)
    if interrupted:
        raise KeyboardInterrupt


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'{text!r} must be a whole number from 1')
    return int(text)


def _size(text: str) -> tuple[int, int]:
    height, _, width = text.lower().partition('x')
    if not (height.isdigit() and width.isdigit()
            and all(_SMALLEST <= int(side) <= _LARGEST for side in (height, width))):
        raise argparse.ArgumentTypeError(
            f'{text!r} must be HxW, rows x columns, each {_SMALLEST} to {_LARGEST}')
    return int(height), int(width)


def _rival(text: str) -> str:
    if text not in _RIVALS and not text.lower().endswith('.onnx'):
        raise argparse.ArgumentTypeError(
            f'{text!r} must be {", ".join(_RIVALS)} or a file ending in .onnx')
    return text


def _plan(args: argparse.Namespace) -> Any:
    """Look at every name before anything is loaded."""
    from triplenet_ros.benchmark.networks import TrainedNetwork
    from triplenet_ros.benchmark.plan import Plan
    from triplenet_ros.inference.backends.pytorch import find_device

    if args.image_size and args.against:
        raise InputError('--image-size is not for --against: networks of others run on images of '
                         'the input size, and so do ours beside them')
    _check_rivals(args.against)
    weights = args.weights or ([] if args.network else ['drive'])
    sizes = [f'{height}x{width}' for height, width in args.input_size] or [AUTO]
    networks = [*_random_networks(args), *starmap(TrainedNetwork, product(weights, sizes))]
    return Plan(networks, args.backend, args.precision, args.batch, find_device(args.device),
                None if args.against else args.image_size or _CAMERA, args.against)


def _check_rivals(names: list[str]) -> None:
    from triplenet_ros.benchmark.ultralytics_rivals import check_installed

    if 'ultralytics' in names:
        check_installed()
    for name in names:
        if name not in _RIVALS and not Path(name).is_file():
            raise InputError(f'no file {name}')


def _random_networks(args: argparse.Namespace) -> list[Any]:
    from triplenet_ros.benchmark.networks import RandomNetwork
    from triplenet_ros.network.registry import named_config

    configs = [named_config(name) for name in args.network]
    if args.input_size:
        configs = [config.evolve(input_height=height, input_width=width)
                   for config in configs for height, width in args.input_size]
    return [RandomNetwork(config) for config in configs]


def _check_outputs(args: argparse.Namespace) -> None:
    plots = []
    if args.plot:
        from triplenet_ros.benchmark.chart import check_chart
        check_chart(args.plot)
        plots = [Output(args.plot, args.overwrite)]
    read = [part for weights in args.weights for part in weights_inputs(weights)]
    read += [Input(Path(name)) for name in args.against if name not in _RIVALS]
    check_outputs(read, [*plots, *json_outputs(args.json)])


def _prepared(plan: Any, args: argparse.Namespace) -> list[Any]:
    from triplenet_ros.benchmark.plan import prepare

    engines = list(plan.engines())
    with progress_bar(len(engines), 'preparing', 'engine') as bar:
        subjects, skipped = prepare(engines, plan.batches, bar.update)
    for title, reason in skipped:
        print(printable(f'skipped {title}: {reason}'), file=text_stream(args.json))
    if not subjects:
        raise InputError(f'nothing that was asked for can run: {skipped[-1].reason}')
    return subjects


def _measured(subjects: list[Any], args: argparse.Namespace) -> tuple[list[Any], bool]:
    from triplenet_ros.benchmark.measure import measure
    from triplenet_ros.benchmark.rows import make_rows
    from triplenet_ros.interrupt import deferred_interrupt

    with progress_bar(len(subjects) * args.runs, 'measuring', 'call') as bar, \
            deferred_interrupt() as interrupt:
        times = measure(subjects, args.runs, advance=bar.update, stopped=lambda: interrupt.seen)
        return make_rows(subjects, times), interrupt.seen


def _tell(rows: list[Any], plan: Any, args: argparse.Namespace) -> None:
    from triplenet_ros.benchmark.machine import describe_machine, machine_line
    from triplenet_ros.benchmark.rows import make_pairs
    from triplenet_ros.benchmark.table import NOTE, pairs_table, PAIRS_NOTE, rows_table

    machine, pairs, stream = describe_machine(), make_pairs(rows), text_stream(args.json)
    write_figures({'machine': machine, 'score_threshold': plan.score_threshold, 'rows': rows,
                   'pairs': pairs}, args.json)
    if args.plot:
        from triplenet_ros.benchmark.chart import write_chart
        write_chart(rows, pairs, machine, args.plot, args.overwrite)
    print(machine_line(machine), file=stream)
    print(_images_line(plan), file=stream)
    print(f'\n{rows_table(rows)}\n{NOTE}', file=stream)
    if pairs:
        print(f'\n{pairs_table(pairs)}\n{PAIRS_NOTE}', file=stream)


def _images_line(plan: Any) -> str:
    size = ("as large as each network's input: nobody resizes" if plan.image_size is None
            else f'of {plan.image_size[0]}x{plan.image_size[1]}')
    return f'images: generated scenes {size}; boxes from a score of {plan.score_threshold:.2f} on'

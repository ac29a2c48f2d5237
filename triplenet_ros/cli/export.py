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

"""``triplenet export``: weights as a file of another runtime, compared with PyTorch."""

import argparse
from itertools import islice
from pathlib import Path
from typing import Any, Collection, Iterable, Iterator, Optional, Sequence

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.cli.inputs import picture_inputs, weights_inputs
from triplenet_ros.cli.predictor_options import add_input_size
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.errors import InputError
from triplenet_ros.inference.names import read_input_size
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Output
from triplenet_ros.printable import printable

NAME = 'export'
HELP = 'write weights as a file of another runtime, once that answers as PyTorch does'
FORMATS = ('onnx', 'openvino')
PRECISIONS = ('float32', 'int8')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('out', type=Path, metavar='OUT',
                        help='the file to write: NAME.onnx, or NAME.xml with NAME.bin beside it '
                             'for openvino')
    parser.add_argument('--weights', default='drive', metavar='W',
                        help='name of shipped weights or a .safetensors file (default: drive)')
    add_input_size(parser)
    parser.add_argument('--format', required=True, choices=FORMATS, metavar='FORMAT',
                        help=f'one of {", ".join(FORMATS)}')
    parser.add_argument('--images', type=Path, metavar='IMAGE|FOLDER|VIDEO',
                        help='what the file is compared with PyTorch on, at most 64 images, and '
                             'int8 is calibrated on, at most 128 others (default: a real drive '
                             'that the package brings, and generated road scenes)')
    parser.add_argument('--precision', default='float32', choices=PRECISIONS, metavar='P',
                        help='float32, or int8 for openvino: several times faster on a CPU, and '
                             'not quite the same answers (default: float32)')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing file')
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """
    Export, compare, and print the largest differences.

    :raises InputError: if weights, images or output cannot be used, the runtime is not
        installed, or its answers differ; then there is no file
    """
    from triplenet_ros.export.comparison import count_steps
    from triplenet_ros.export.write import export, exported_files
    from triplenet_ros.inference.weights import load_weights
    from triplenet_ros.inference.weights_file import find_weights

    size = read_input_size(args.input_size)
    if (args.precision, args.format) == ('int8', 'onnx'):
        raise InputError("--precision is 'int8', which is for --format openvino")
    read = picture_inputs(args.images) if args.images else []
    check_outputs([*read, *weights_inputs(args.weights)], [
        *(Output(file, args.overwrite) for file in exported_files(args.format, args.out)),
        *json_outputs(args.json)])
    network, card = load_weights(find_weights(args.weights), size)
    count, images, others = _choose_images(args.images)
    with progress_bar(count_steps(count), 'comparing', unit='step') as bar:
        differences = export(
            network, card, args.format, args.out, images, overwrite=args.overwrite,
            calibration=others if args.precision == 'int8' else None, advance=bar.update)
    _report(args, card.config, differences)


def _choose_images(path: Optional[Path]) -> tuple[int, Iterable, Iterable]:
    """Return how many images to compare on, these, and others to calibrate on if need be."""
    from triplenet_ros.clip import clip_frames
    from triplenet_ros.export.comparison import JUDGED_FRAMES
    from triplenet_ros.export.quantize import calibration_scenes, CALIBRATION_IMAGES
    if path is None:
        return JUDGED_FRAMES, clip_frames(JUDGED_FRAMES), calibration_scenes()

    count = _count_images(path)
    compared = _spread(range(count), min(JUDGED_FRAMES, -(-count // 2)))
    others = [index for index in range(count) if index not in compared]
    if len(others) < len(compared):  # of a few images all are needed for both
        others = list(range(count))
    return len(compared), _read(path, compared), _read(path, _spread(others, CALIBRATION_IMAGES))


def _count_images(path: Path) -> int:
    from triplenet_ros.bag.pictures import open_pictures
    pictures = open_pictures(path)
    pictures.close()
    return pictures.frame_count


def _spread(numbers: Sequence[int], most: int) -> list:
    """Choose some numbers, spread evenly over all."""
    count = min(len(numbers), most)
    return [numbers[index * len(numbers) // count] for index in range(count)]


def _read(path: Path, wanted: Collection[int]) -> Iterator:
    """Yield the images that are wanted, by their numbers."""
    from triplenet_ros.bag.pictures import open_pictures
    pictures = open_pictures(path)
    try:
        for index, (_, read) in enumerate(islice(pictures.named(), max(wanted) + 1)):
            if index in wanted:
                yield read()
    finally:
        pictures.close()


def _report(args: argparse.Namespace, config: Any, differences: Any) -> None:
    from triplenet_ros.export.write import written_bytes

    size = written_bytes(args.out)
    write_figures({'file': str(args.out), 'format': args.format, 'precision': args.precision,
                   'network': config.name, 'bytes': size, **differences.figures()}, args.json)
    stream = text_stream(args.json)
    print(f'{printable(str(args.out))}: {config.name} in {args.precision}, {size / 1e6:.1f} MB, '
          f'images (N, {config.input_height}, {config.input_width}, 3) uint8 RGB', file=stream)
    for name, difference in differences.outputs.items():
        print(f'  {name:<14}differs by {difference:.1e} of {differences.magnitudes[name]:.3g}',
              file=stream)
    agreement = differences.agreement
    what = printable(str(args.images or 'of a real drive'))
    print(f'scored against PyTorch on {agreement.images} images ({what}):', file=stream)
    if agreement.ap50 is not None:
        print(f'  {"boxes":<14}AP50 {agreement.ap50:.3f} of {agreement.boxes}, overlap '
              f'{agreement.overlap or 0:.3f}, {agreement.strays} more', file=stream)
    if agreement.labels is not None:
        print(f'  {"labels":<14}{agreement.labels:.3%} are the same', file=stream)

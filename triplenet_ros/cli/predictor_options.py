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

"""The options that choose and tune the network, the same for every command that runs it."""

import argparse
from typing import Any

from triplenet_ros.inference.names import AUTO, BACKEND_NAMES, PRECISIONS, TASKS


def add_predictor_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--weights``, ``--device`` and the thresholds."""
    group = parser.add_argument_group('network')
    add_network_arguments(group)
    group.add_argument('--score-threshold', type=float, default=-1.0, metavar='S',
                       help='boxes below this score are left out, 0..1 (default: the score that '
                            "was best in the weights' validation, else 0.3)")
    group.add_argument('--nms-threshold', type=float, default=0.45, metavar='T',
                       help='of two boxes of a class that overlap by more, the worse is left out, '
                            'and merged into the better one by networks that do so, 0..1 '
                            '(default: 0.45)')
    group.add_argument('--max-detections', type=int, default=200, metavar='N',
                       help='boxes kept per image, 1..200 (default: 200)')
    group.add_argument('--tasks', nargs='+', choices=TASKS, default=list(TASKS), metavar='TASK',
                       help=f'some of {", ".join(TASKS)}; the others are not computed '
                            '(default: both)')


def add_network_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare ``--weights``, and by what and where they are run."""
    parser.add_argument('--weights', default='drive', metavar='W',
                        help='name of shipped weights, a .safetensors file, or an exported .onnx '
                             'or .xml (default: drive)')
    add_input_size(parser)
    parser.add_argument('--device', default='auto',
                        help='auto, cpu, cuda or cuda:N (default: auto)')
    parser.add_argument('--backend', default='auto',
                        help=f'what runs the network: {", ".join(BACKEND_NAMES)}, or auto, the '
                             'fastest that is installed (default: auto)')
    parser.add_argument('--precision', default='auto',
                        help=f'in which numbers: {", ".join(PRECISIONS)}, or auto, the shortest '
                             'floats that the device is made for and that answer as float32 does '
                             '(default: auto)')


def add_input_size(parser: argparse._ActionsContainer) -> None:
    """Declare ``--input-size``."""
    parser.add_argument('--input-size', default=AUTO, metavar='HxW',
                        help='rows x columns that images are brought to for the network, '
                             'multiples of 32: more show it what is small and far, and take '
                             'longer in proportion; auto: those that it learned at (default: '
                             'auto)')


def load_predictor(args: argparse.Namespace, **others: Any) -> Any:
    """
    Return the Predictor that the options describe.

    :param others: what else the Predictor takes
    :raises InputError: if the weights cannot be loaded or a value is not allowed
    """
    from triplenet_ros.predictor import Predictor

    return Predictor.load(**predictor_options(args), **others)


def predictor_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return what ``Predictor.load`` is called with, plain data."""
    return {'weights': args.weights, 'input_size': args.input_size, 'device': args.device,
            'backend': args.backend, 'precision': args.precision,
            'score_threshold': args.score_threshold, 'nms_threshold': args.nms_threshold,
            'max_detections': args.max_detections, 'tasks': tuple(args.tasks)}

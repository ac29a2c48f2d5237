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

"""The predictor: one image in, boxes and labels of that image out."""

from pathlib import Path
from typing import Any, Union

from triplenet_ros.errors import InputError
from triplenet_ros.export.choice import choose
from triplenet_ros.export.int8 import int8_network
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.exported import ExportedNetwork, read_exported, Runnable, RUNTIMES
from triplenet_ros.inference.names import AUTO, read_input_size
from triplenet_ros.inference.runner import Runner, Wanted
from triplenet_ros.inference.weights import load_weights
from triplenet_ros.inference.weights_file import find_weights


class Predictor(Runner):
    """
    Runs one network on images of any size, by what suits the machine.

    :param network: the weights, or an exported file
    :param device: ``'auto'``, ``'cpu'``, ``'cuda'``, ``'cuda:1'``, ...
    :param backend: ``'auto'`` (the fastest installed), ``'torch'``, ``'inductor'``,
        ``'onnxruntime'`` or ``'openvino'``
    :param precision: ``'auto'`` (the shortest floats that are native to the device and answer as
        float32 does), ``'float32'``, ``'float16'``, ``'bfloat16'`` or ``'int8'``
    :param wanted: any of Wanted: ``score_threshold``, by default DEFAULT_SCORE, or with ``load``
        that of the best F1 in the validation of the weights, where it is known;
        ``nms_threshold=0.45``, ``max_detections=200``, ``tasks=('detection', 'segmentation')``,
        ``confidence=False``
    :raises InputError: for a value that is not allowed
    """

    def __init__(self, network: Runnable, *, device: str = 'auto', backend: str = 'auto',
                 precision: str = 'auto', **wanted: Any) -> None:
        answers = Wanted(**wanted)  # refused before anything is built
        choice = choose(backend, network, device, precision)
        self.choice_reason = choice.reason
        """Why it is run in this way, in a sentence."""
        if choice.precision == 'int8' and not isinstance(network, ExportedNetwork):
            network = int8_network(network)
        super().__init__(BACKENDS[choice.backend](network, device, choice.precision),
                         network.config, answers)

    @classmethod
    def load(cls, weights: Union[str, Path], *, input_size: str = AUTO,
             **options: Any) -> 'Predictor':
        """
        Load shipped weights by name, a file, or an exported file.

        :param weights: ``'drive'`` or a path, ending in .safetensors, .onnx or .xml
        :param input_size: rows x columns that images are brought to for the network,
            ``'544x960'``: more show it what is small and far, and take longer in proportion;
            ``'auto'``: those that it learned at. An exported file has the ones it was made with
        :param options: as the constructor's
        :raises InputError: if they cannot be loaded, in one line that names the file
        """
        size, path = read_input_size(input_size), find_weights(weights)
        if path.suffix not in RUNTIMES:
            network, card = load_weights(path, size)
        elif size is None:
            network = read_exported(path)
            card = network.card
        else:
            raise InputError(f'input_size is {input_size!r}, must be {AUTO} for {path}: an '
                             'exported file has the size it was exported with')
        if options.get('score_threshold', -1.0) < 0 and card.score_threshold is not None:
            options['score_threshold'] = card.score_threshold
        return cls(network, **options)

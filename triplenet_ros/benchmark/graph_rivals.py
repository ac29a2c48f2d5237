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
"""Networks of others as ONNX graphs, run by the engines that run ours."""

from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from triplenet_ros.benchmark.measure import Run
from triplenet_ros.errors import InputError, one_line
from triplenet_ros.inference.backends.onnxruntime import session_options
from triplenet_ros.inference.backends.openvino import compile_options
from triplenet_ros.inference.runtimes import import_runtime, openvino_core

GRAPH_BACKENDS = ('openvino', 'onnxruntime')
"""What can run a graph."""

Size = tuple[int, int]
Finish = Callable[[np.ndarray], object]
"""What is done with the first output before the results are had."""


def read_graph(path: Path, size: Size) -> Any:
    """
    Read an ONNX file of anybody's.

    :param path: of the file
    :param size: rows and columns that it is to be run at
    :return: an ``onnx.ModelProto``
    :raises InputError: if it is none, or does not take images (N, 3, H, W) of that size
    """
    onnx = import_runtime('onnx')
    from google.protobuf.message import DecodeError  # came with onnx
    try:
        model = onnx.load(str(path))
    except (DecodeError, OSError) as error:
        raise InputError(f'{path} is no whole .onnx file: '
                         f'{one_line(error)}') from error
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    shapes = [[dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
              for value in inputs]
    kinds = [value.type.tensor_type.elem_type for value in inputs]
    # 0 is a length that is open.
    if kinds != [onnx.TensorProto.FLOAT] or len(shapes[0]) != 4 or any(
            given not in (0, wanted) for given, wanted in zip(shapes[0][1:], (3, *size))):
        raise InputError(f'{path} takes {shapes or "nothing"}, must take one float32 (N, 3, '
                         f'{size[0]}, {size[1]}) to be compared at that input size')
    return model


def make_graph_run(model: Any, size: Size, backend: str, precision: str,
                   finish: Finish = lambda output: None) -> Run:
    """
    Prepare a graph.

    Pixels are divided by 255, as most networks want them; of what the graph answers nothing is
    made but what ``finish`` does.

    :param model: an ``onnx.ModelProto`` with one input, (N, 3, H, W) float32
    :param size: rows and columns of the images that it runs on
    :param backend: one of GRAPH_BACKENDS
    :param precision: of the backend
    :param finish: is given the first output
    :raises InputError: if the backend is not installed
    """
    open_graph = {'openvino': _open_openvino, 'onnxruntime': _open_onnxruntime}[backend]
    return partial(run_stages, open_graph(model.SerializeToString(), size, precision), finish)


def run_stages(forward: Callable[[np.ndarray], np.ndarray], finish: Finish,
               images: Sequence[np.ndarray]) -> Mapping[str, float]:
    """Run a batch of (H, W, 3) uint8 RGB images, and return the seconds of each stage."""
    start = perf_counter()
    pixels = np.stack(images).transpose(0, 3, 1, 2).astype(np.float32) / 255
    prepared = perf_counter()
    output = forward(pixels)
    forwarded = perf_counter()
    finish(output)
    return {'preprocess': prepared - start, 'forward': forwarded - prepared,
            'postprocess': perf_counter() - forwarded}


def _open_openvino(model: bytes, size: Size, precision: str) -> Callable:
    core = openvino_core()
    graph = core.read_model(model)
    [images] = graph.inputs
    batch = images.get_partial_shape()[0]
    graph.reshape({images.get_any_name(): [-1 if batch.is_dynamic else len(batch), 3, *size]})
    compiled = core.compile_model(graph, 'CPU', compile_options(precision))
    return lambda pixels: compiled([pixels])[0]


def _open_onnxruntime(model: bytes, size: Size, precision: str) -> Callable:
    runtime = import_runtime('onnxruntime')
    session = runtime.InferenceSession(model, session_options(),
                                       providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    return lambda pixels: session.run(None, {name: pixels})[0]

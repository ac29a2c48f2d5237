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
"""The detectors of the package ultralytics, where that is installed, with random weights."""

from contextlib import redirect_stdout
from functools import partial
from importlib.util import find_spec
from io import BytesIO
import os
import sys
from typing import Any, Callable
import warnings

import numpy as np
import torch

from triplenet_ros.benchmark.graph_rivals import make_graph_run, run_stages, Size
from triplenet_ros.benchmark.measure import EAGER, Run
from triplenet_ros.errors import InputError
from triplenet_ros.inference.runner import DEFAULT_SCORE, Wanted
from triplenet_ros.inference.runtimes import import_runtime

YOLOS = ('yolo11n', 'yolo26n')
"""The smallest of each of its late generations."""


def check_installed() -> None:
    """
    Refuse where the package is missing; it is no dependency, and its licence is the AGPL-3.0.

    :raises InputError: if it is
    """
    if find_spec('ultralytics') is None:
        raise InputError('--against ultralytics takes a package that is not installed: '
                         'pip install ultralytics (AGPL-3.0)')


def make_yolo_run(name: str, classes: int, size: Size, backend: str, precision: str,
                  score_threshold: float = DEFAULT_SCORE) -> Run:
    """
    Build a detector; its boxes are selected by its own package, with our thresholds.

    :param name: one of YOLOS
    :param classes: of its boxes
    :param size: rows and columns of the images that it runs on, multiples of 32
    :param backend: ``eager``, or one of GRAPH_BACKENDS
    :param precision: of the backend
    :param score_threshold: its boxes below it are dropped
    :raises InputError: for another size, or if something is not installed
    """
    if any(side % 32 for side in size):
        raise InputError(f'{name} takes sides of multiples of 32, not {size[0]}x{size[1]}')
    with redirect_stdout(sys.stderr):  # it greets
        model, select = _build(name, classes, score_threshold)
    if backend == EAGER:
        return partial(run_stages, partial(_forward, model), select)
    return make_graph_run(_to_onnx(model, size), size, backend, precision, select)


def _build(name: str, classes: int, score_threshold: float) -> tuple[Any, Callable]:
    os.environ.setdefault('YOLO_VERBOSE', 'false')
    from ultralytics.nn.tasks import DetectionModel
    try:
        from ultralytics.utils.nms import non_max_suppression
    except ImportError:  # before 8.3.190
        from ultralytics.utils.ops import non_max_suppression

    def select(output: np.ndarray) -> object:
        with torch.inference_mode():
            return non_max_suppression(torch.as_tensor(output), score_threshold,
                                       Wanted.nms_threshold, max_det=Wanted.max_detections)

    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        model = DetectionModel(f'{name}.yaml', nc=classes, verbose=False).eval()
    return model.requires_grad_(False), select


def _forward(model: Any, pixels: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return model(torch.from_numpy(pixels))[0].numpy()


def _to_onnx(model: Any, size: Size) -> Any:
    head = model.model[-1]
    head.export, head.format = True, 'onnx'
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        torch.onnx.export(model, (torch.zeros(1, 3, *size),), file, input_names=['images'],
                          output_names=['boxes'], opset_version=17, dynamo=False,
                          dynamic_axes={'images': {0: 'N'}, 'boxes': {0: 'N'}})
    return import_runtime('onnx').load_model_from_string(file.getvalue())

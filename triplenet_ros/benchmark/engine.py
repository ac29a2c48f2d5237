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

"""A network with what runs it, before it is built, and the images that it is shown."""

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional, Sequence

import numpy as np
import torch

from triplenet_ros.benchmark.graph_rivals import make_graph_run, read_graph
from triplenet_ros.benchmark.measure import Run, Subject, TORCHVISION
from triplenet_ros.benchmark.networks import Network
from triplenet_ros.benchmark.rivals import BOXES, make_boxes_run, make_labels_run
from triplenet_ros.benchmark.ultralytics_rivals import make_yolo_run
from triplenet_ros.scenes import Scenes

Size = tuple[int, int]

_SCENES = 8
_SEED = 3


def camera_images(height: int, width: int, count: int = _SCENES) -> list[np.ndarray]:
    """
    Draw several different scenes.

    :param height: rows, at least 16
    :param width: columns, at least 16
    :param count: how many
    :return: each (H, W, 3) uint8 RGB
    :raises InputError: for a smaller size
    """
    scenes = Scenes(count=count, seed=_SEED, height=height, width=width)
    return [np.ascontiguousarray(scenes[index].image) for index in range(count)]


class Built(NamedTuple):
    """What came out: a run, and what it turned out to be run by, where, in which type, and why."""

    run: Run
    backend: str
    device: str
    precision: str
    reason: str


@dataclass(frozen=True)
class Engine:
    """
    One network, to be run in one way on batches of any size.

    :param network: its name
    :param weights: as they were asked for; None: random ones
    :param input_size: rows and columns
    :param classes: of boxes and of labels
    :param asked: backend and precision
    :param image_size: rows and columns of the images it runs on
    :param build: may take long, and may raise what the backend raises
    """

    network: str
    weights: Optional[str]
    input_size: Size
    classes: tuple[int, int]
    asked: tuple[str, str]
    image_size: Size
    build: Callable[[], Built]

    @property
    def title(self) -> str:
        """Name it in a line for people."""
        rows, columns = self.input_size
        weights = '' if self.weights is None else f' ({self.weights})'
        return f'{self.network}{weights} {rows}x{columns}, {", ".join(self.asked)}'

    def subject(self, built: Built, batch: int) -> Subject:
        """Return the row of one batch size."""
        return Subject(self.network, self.weights, self.input_size, self.classes, built.backend,
                       built.device, built.precision, built.reason, self.asked, batch,
                       _images(self.image_size), built.run)


def family_engine(network: Network, backend: str, precision: str, device: torch.device,
                  image_size: Optional[Size], score_threshold: float) -> Engine:
    """
    Return a network of the family with a Predictor around it.

    :param image_size: None: the network's input
    :param score_threshold: of its boxes
    """
    config = network.config
    size, given = (config.input_height, config.input_width), config.given_classes
    return Engine(config.name, network.weights, size,
                  (len(given.detection), len(given.segmentation)), (backend, precision),
                  image_size or size,
                  partial(_build_predictor, network, backend, str(device), precision,
                          score_threshold))


def rival_engine(name: str, classes: tuple[int, int], size: Size, device: torch.device,
                 score_threshold: float) -> Engine:
    """Return a network of torchvision, on images of its input's size."""
    return Engine(name, None, size, classes, (TORCHVISION, 'float32'), size,
                  partial(_build_rival, name, classes, size, device, score_threshold))


def yolo_engine(name: str, classes: int, size: Size, way: tuple[str, str],
                score_threshold: float) -> Engine:
    """Return a detector of ultralytics, run on the CPU by (backend, precision)."""
    return Engine(name, None, size, (classes, 0), way, size,
                  lambda: _built(make_yolo_run(name, classes, size, *way, score_threshold), way))


def graph_engine(path: Path, size: Size, way: tuple[str, str]) -> Engine:
    """Return an ONNX file of anybody's, run on the CPU by (backend, precision)."""
    return Engine(path.stem, str(path), size, (0, 0), way, size,
                  lambda: _built(make_graph_run(read_graph(path, size), size, *way), way))


def _build_predictor(network: Network, *way: Any) -> Built:
    predictor = network.predictor(*way)

    def run(images: Sequence[np.ndarray]) -> Any:
        return predictor.batch(images)[0].timings

    return Built(run, predictor.backend, predictor.device, predictor.precision,
                 predictor.choice_reason)


def _build_rival(name: str, classes: tuple[int, int], size: Size, device: torch.device,
                 score_threshold: float) -> Built:
    if name in BOXES:
        run = make_boxes_run(name, classes[0], size, device, score_threshold)
    else:
        run = make_labels_run(name, classes[1], size, device)
    return Built(run, TORCHVISION, str(device), 'float32', f'{TORCHVISION} was asked for')


def _built(run: Run, way: tuple[str, str]) -> Built:
    return Built(run, way[0], 'cpu', way[1], f'as {way[0]} runs ours')


@lru_cache(maxsize=None)
def _images(size: Size) -> Sequence[np.ndarray]:
    return camera_images(*size)

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

"""What is asked for: which networks, run how, on what; built and warmed up where they can."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional, Sequence

import torch

from triplenet_ros.benchmark.engine import (
    Engine, family_engine, graph_engine, rival_engine, yolo_engine)
from triplenet_ros.benchmark.graph_rivals import GRAPH_BACKENDS
from triplenet_ros.benchmark.measure import EAGER, Subject, TORCHVISION, ULTRALYTICS
from triplenet_ros.benchmark.networks import Network
from triplenet_ros.benchmark.rivals import box_names, LABELS
from triplenet_ros.benchmark.ultralytics_rivals import YOLOS
from triplenet_ros.errors import one_line
from triplenet_ros.export.choice import find_fastest, shortest
from triplenet_ros.inference.backends import BACKENDS

_WARM_UP = 3
"""Calls of each batch size: engines are compiled, graphs captured and memory found in them."""


@dataclass(frozen=True)
class Plan:
    """
    Every network with every backend and precision, on batches of every size.

    :param networks: of the family
    :param backends: ``eager``, which is float32 whatever the precisions are, or a Predictor's
    :param precisions: a Predictor's
    :param batches: images per call
    :param device: where the networks run, as the Predictor's
    :param image_size: rows and columns of the camera's image; None: each network's input
    :param rivals: what runs too, at the input sizes and with the numbers of classes of ours:
        ``torchvision``, ``ultralytics``, paths of ONNX files; image_size must then be None, so
        that nothing is resized for anybody
    """

    networks: Sequence[Network]
    backends: Sequence[str] = (EAGER, 'auto')
    precisions: Sequence[str] = ('auto',)
    batches: Sequence[int] = (1,)
    device: torch.device = torch.device('cpu')
    image_size: Optional[tuple[int, int]] = (1080, 1920)
    rivals: Sequence[str] = ()

    @property
    def score_threshold(self) -> float:
        """
        Return the score from which on everybody's boxes are selected: that of the first weights.

        :raises InputError: if their file cannot be read
        """
        return min(self.networks, key=lambda network: network.weights is None).score_threshold

    def engines(self) -> Iterator[Engine]:
        """Give one network run in one way after the other; none is built yet."""
        for network in self.networks:
            for backend in dict.fromkeys(self.backends):
                precisions = ['float32'] if backend == EAGER else dict.fromkeys(self.precisions)
                for precision in precisions:
                    yield family_engine(network, backend, precision, self.device,
                                        self.image_size, self.score_threshold)
        if TORCHVISION in self.rivals:
            yield from self._torchvision_engines()
        yield from self._graph_engines()

    def _graph_engines(self) -> Iterator[Engine]:
        """Give each rival that our engines can run, by each of those that are asked for."""
        wanted = dict.fromkeys(
            ((config.input_height, config.input_width), len(config.given_classes.detection))
            for config in (network.config for network in self.networks))
        for size, boxes in wanted:
            for rival in self.rivals:
                if rival == ULTRALYTICS and boxes:
                    for name, way in product(YOLOS, self._ways(eager=True)):
                        yield yolo_engine(name, boxes, size, way, self.score_threshold)
                elif rival not in (TORCHVISION, ULTRALYTICS):
                    for way in self._ways(eager=False):
                        yield graph_engine(Path(rival), size, way)

    def _ways(self, eager: bool) -> list[tuple[str, str]]:
        """
        Return the backends and precisions for graphs of others, without those of PyTorch's.

        ``auto`` is the shortest floats that the CPU is made for: what that does to the answers of
        others is theirs to judge. int8 of others' networks is not made.
        """
        ways = []
        for backend in self.backends:
            name = find_fastest('cpu')[0] if backend == 'auto' else backend
            if name == EAGER and eager:
                ways.append((EAGER, 'float32'))
            elif name in GRAPH_BACKENDS:
                able = ['float32', *BACKENDS[name].native(torch.device('cpu'))]
                asked = [shortest(name, 'cpu') if precision == 'auto' else precision
                         for precision in self.precisions]
                ways += [(name, precision) for precision in asked if precision in able]
        return list(dict.fromkeys(ways))

    def _torchvision_engines(self) -> Iterator[Engine]:
        """Give each rival once for all networks that it can be compared with."""
        engines = {}
        for config in (network.config for network in self.networks):
            size = config.input_height, config.input_width
            boxes, labels = (len(config.given_classes.detection),
                             len(config.given_classes.segmentation))
            wanted = ([(name, (boxes, 0)) for name in box_names(size) if boxes]
                      + [(name, (0, labels)) for name in LABELS if labels])
            for name, classes in wanted:
                engines[name, size, classes] = rival_engine(name, classes, size, self.device,
                                                            self.score_threshold)
        yield from engines.values()


class Skipped(NamedTuple):
    """What could not be measured, and why, in one line each."""

    title: str
    reason: str


def prepare(engines: Iterable[Engine], batches: Sequence[int],
            advance: Callable[[], object] = lambda: None) -> tuple[list[Subject], list[Skipped]]:
    """
    Build every engine and run it on every batch size.

    One that fails is left out: the machine may lack its runtime, or the memory for that batch.

    :param engines: what to build
    :param batches: images per call
    :param advance: told after each engine
    :return: those that run, and what was left out
    """
    subjects: list[Subject] = []
    skipped: list[Skipped] = []
    for engine in engines:
        built = _attempt(engine.title, engine.build, skipped)
        for batch in dict.fromkeys(batches) if built else ():
            subject = engine.subject(built, batch)
            if _attempt(f'{engine.title}, batch {batch}', lambda: _warm_up(subject), skipped):
                subjects.append(subject)
        advance()
    return sorted(subjects, key=_place(subjects, batches)), skipped


def _place(subjects: Sequence[Subject],
           batches: Sequence[int]) -> Callable[[Subject], tuple[int, int]]:
    """Put beside each other what is compared: the same network, input and batch."""
    groups = list(dict.fromkeys(map(_group, subjects)))
    return lambda subject: (groups.index(_group(subject)), batches.index(subject.batch))


def _group(subject: Subject) -> tuple:
    return subject.network, subject.weights, subject.input_size


def _attempt(title: str, action: Callable[[], Any], skipped: list[Skipped]) -> Optional[Any]:
    try:
        return action()
    # Each runtime has exceptions of its own, and one that fails must not cost the others' figures.
    except Exception as error:
        kind = '' if isinstance(error, ValueError) else f'{type(error).__name__}: '
        skipped.append(Skipped(title, kind + one_line(error)[:300]))
        return None


def _warm_up(subject: Subject) -> bool:
    for number in range(_WARM_UP):
        subject.call(number)
    return True

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
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional, Sequence

import torch

from triplenet_ros.benchmark.engine import Engine, family_engine, rival_engine
from triplenet_ros.benchmark.measure import EAGER, Subject
from triplenet_ros.benchmark.networks import Network
from triplenet_ros.benchmark.rivals import box_names, LABELS
from triplenet_ros.errors import one_line

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
    :param rivals: whether torchvision's networks run too, at the input sizes and with the numbers
        of classes of ours; image_size must be None, so that nothing is resized for anybody
    """

    networks: Sequence[Network]
    backends: Sequence[str] = (EAGER, 'auto')
    precisions: Sequence[str] = ('auto',)
    batches: Sequence[int] = (1,)
    device: torch.device = torch.device('cpu')
    image_size: Optional[tuple[int, int]] = (1080, 1920)
    rivals: bool = False

    def engines(self) -> Iterator[Engine]:
        """Give one network run in one way after the other; none is built yet."""
        for network in self.networks:
            for backend in dict.fromkeys(self.backends):
                precisions = ['float32'] if backend == EAGER else dict.fromkeys(self.precisions)
                for precision in precisions:
                    yield family_engine(network, backend, precision, self.device,
                                        self.image_size)
        if self.rivals:
            yield from self._rival_engines()

    def _rival_engines(self) -> Iterator[Engine]:
        """Give each rival once for all networks that it can be compared with."""
        engines = {}
        for config in (network.config for network in self.networks):
            size = config.input_height, config.input_width
            boxes, labels = (len(config.given_classes.detection),
                             len(config.given_classes.segmentation))
            wanted = ([(name, (boxes, 0)) for name in box_names(size) if boxes]
                      + [(name, (0, labels)) for name in LABELS if labels])
            for name, classes in wanted:
                engines[name, size, classes] = rival_engine(name, classes, size, self.device)
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

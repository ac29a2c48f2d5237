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

"""Engines built and warmed up; those that cannot be are told, not fatal."""

from typing import Any, Callable, Iterable, NamedTuple, Optional, Sequence

from triplenet_ros.benchmark.engine import Engine
from triplenet_ros.benchmark.subject import Subject

_WARM_UP = 3
"""Calls of each batch size: engines are compiled, graphs captured and memory found in them."""


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
        skipped.append(Skipped(title, kind + ' '.join(str(error).split())[:300]))
        return None


def _warm_up(subject: Subject) -> bool:
    for number in range(_WARM_UP):
        subject.call(number)
    return True

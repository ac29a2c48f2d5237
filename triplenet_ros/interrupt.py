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

"""Ctrl-C, and the signals that ask a program to end, waiting for a good moment."""

from contextlib import contextmanager
import signal
from threading import current_thread, main_thread
from typing import Any, Callable, Iterator

ENDS = tuple(getattr(signal, name) for name in ('SIGTERM', 'SIGHUP') if hasattr(signal, name))
"""Sent where Ctrl-C cannot be pressed: by kill, docker stop, and a terminal that closes."""


class Interrupt:
    """
    Whether the work is to end.

    :param seen: set by the first Ctrl-C, SIGTERM or SIGHUP. A second Ctrl-C is a
        KeyboardInterrupt as ever; a second one of the others, which come in pairs when a terminal
        closes, changes nothing
    """

    def __init__(self) -> None:
        """Nothing was asked for yet."""
        self.seen = False

    def _handle(self, number: int, _stack: Any) -> None:
        if self.seen and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.seen = True
        _ignore_ends()


@contextmanager
def deferred_interrupt() -> Iterator[Interrupt]:
    """
    Let the block look for Ctrl-C where it likes, so that no message is cut in two.

    SIGTERM and SIGHUP are taken as Ctrl-C within ``ends_as_interrupts``. Outside the main thread,
    where Python delivers no signals, and where whoever started the program had it ignore a signal,
    nothing changes.
    """
    interrupt = Interrupt()
    with _handled([signal.SIGINT], interrupt._handle, lambda old: old is not signal.SIG_IGN), \
            _handled(ENDS, interrupt._handle, lambda old: old is _raise):
        yield interrupt


@contextmanager
def ends_as_interrupts() -> Iterator[None]:
    """
    Raise KeyboardInterrupt in the block for the first SIGTERM or SIGHUP, as for Ctrl-C.

    Those that follow are ignored: what is finished is being written. Nothing changes for a signal
    that somebody else handles, or that is ignored, as by nohup.
    """
    with _handled(ENDS, _raise, lambda old: old is signal.SIG_DFL):
        yield


def _raise(_number: int, _stack: Any) -> None:
    _ignore_ends()
    raise KeyboardInterrupt


def _ignore_ends() -> None:
    for number in ENDS:
        if signal.getsignal(number) is not signal.SIG_DFL:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def _handled(numbers: Any, handler: Callable, wanted: Callable[[Any], bool]) -> Iterator[None]:
    """Handle signals in the block, those whose handler so far is one that may be replaced."""
    before = {}
    if current_thread() is main_thread():
        before = {number: signal.getsignal(number) for number in numbers
                  if wanted(signal.getsignal(number))}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            # What came in the block is not asked for a second time after it.
            if old is not _raise or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, old)

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

"""Ctrl-C that waits for a good moment."""

from contextlib import contextmanager
import signal
from threading import current_thread, main_thread
from typing import Any, Iterator


class Interrupt:
    """
    Whether Ctrl-C was pressed.

    :param seen: set by the first Ctrl-C; a second one is a KeyboardInterrupt as ever
    """

    def __init__(self) -> None:
        """Nothing was pressed yet."""
        self.seen = False

    def _handle(self, _number: int, _stack: Any) -> None:
        if self.seen:
            raise KeyboardInterrupt
        self.seen = True


@contextmanager
def deferred_interrupt() -> Iterator[Interrupt]:
    """
    Let the block look for Ctrl-C where it likes, so that no message is cut in two.

    Outside the main thread, where Python delivers no signals, and where whoever started the
    program had it ignore Ctrl-C, nothing changes.
    """
    interrupt = Interrupt()
    if current_thread() is not main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield interrupt
        return
    before = signal.signal(signal.SIGINT, interrupt._handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)

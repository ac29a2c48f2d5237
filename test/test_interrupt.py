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

"""Ctrl-C waits for a good moment, once."""

import signal
from threading import Thread

import pytest

from triplenet_ros.interrupt import deferred_interrupt


def test_first_ctrl_c_is_only_noted():
    with deferred_interrupt() as interrupt:
        assert not interrupt.seen
        signal.raise_signal(signal.SIGINT)
        assert interrupt.seen


def test_second_ctrl_c_interrupts_and_the_old_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), deferred_interrupt():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ignored_ctrl_c_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with deferred_interrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
            assert not interrupt.seen
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_may_use_it():
    seen = []

    def work():
        with deferred_interrupt() as interrupt:
            seen.append(interrupt.seen)

    thread = Thread(target=work)
    thread.start()
    thread.join(300)
    assert seen == [False]

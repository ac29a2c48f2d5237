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

from triplenet_ros.interrupt import deferred_interrupt, ENDS, ends_as_interrupts


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


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_the_first_request_to_end_is_as_ctrl_c_and_more_of_them_change_nothing(number):
    before = [signal.getsignal(one) for one in ENDS]
    with ends_as_interrupts():
        with deferred_interrupt() as interrupt:
            for one in (number, *ENDS):  # a terminal that closes sends several
                signal.raise_signal(one)
            assert interrupt.seen
        for one in ENDS:  # while what is finished is being written
            signal.raise_signal(one)
    assert [signal.getsignal(one) for one in ENDS] == before


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_where_nothing_waits_for_it_is_a_keyboard_interrupt(number):
    with pytest.raises(KeyboardInterrupt), ends_as_interrupts():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)  # it does not disturb the cleaning up
    assert all(signal.getsignal(one) is signal.SIG_DFL for one in ENDS)


def test_a_second_ctrl_c_after_a_request_to_end_interrupts():
    with pytest.raises(KeyboardInterrupt), ends_as_interrupts(), deferred_interrupt():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize('handler', [signal.SIG_IGN, lambda number, stack: None])
def test_a_request_that_is_ignored_or_handled_by_others_stays_so(handler):
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with ends_as_interrupts(), deferred_interrupt() as interrupt:
            signal.raise_signal(signal.SIGTERM)
            assert not interrupt.seen and signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)


def test_without_the_command_line_requests_to_end_do_what_they_did():
    with deferred_interrupt():
        assert all(signal.getsignal(one) is signal.SIG_DFL for one in ENDS)

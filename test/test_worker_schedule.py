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

"""However threads are scheduled, no wake-up is lost, nothing comes after stop, nothing hangs."""

from dataclasses import astuple
import os
import random
import sys
from threading import Condition, Event, Thread
from time import sleep

import pytest

from triplenet_ros.worker import LatestFrameWorker

WAIT = 60
CYCLES = int(os.environ.get('START_STOP_CYCLES', 1000))


class ShakyCondition(Condition):
    """Lets other threads go first where a lock is taken or given back, at random."""

    def __init__(self, seed):
        super().__init__()
        self._chance = random.Random(seed)

    def __enter__(self):
        self._yield()
        return super().__enter__()

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self._yield()

    def _yield(self):
        if self._chance.random() < 0.2:
            sleep(0)


@pytest.fixture(autouse=True)
def switching():
    """Let Python change threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def make_worker(work, seed):
    """Return a worker whose threads are shaken."""
    worker = LatestFrameWorker(work, lambda error, frames: None)
    worker._changed = ShakyCondition(seed)
    return worker


def join_all(threads):
    """Wait for threads; one that is left has hung."""
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize('seed', range(3))
def test_every_frame_wakes_the_worker(seed):
    worker = make_worker(lambda frames: None, seed)
    worker.start()
    for number in range(500):
        worker.submit(number)
        assert worker.wait_idle(WAIT)
    worker.stop()
    assert worker.counters.processed == 500


def test_nothing_is_worked_on_after_any_of_many_stops_and_none_hangs():
    late, stopped, over, starts = [], Event(), Event(), random.Random(0)

    def work(frames):
        sleep(0)
        if stopped.is_set():
            late.append(frames)

    def submit(camera):
        while not over.is_set():
            worker.submit(0, camera)
            sleep(0)

    def cycle():
        for _ in range(CYCLES):
            stopped.clear()
            worker.start()
            for _ in range(starts.randrange(3)):
                sleep(0)
            worker.stop()
            stopped.set()
            counted = worker.counters
            assert counted.received == sum(astuple(counted)[1:])
        over.set()

    worker = make_worker(work, seed=1)
    threads = [Thread(target=cycle, daemon=True),
               *(Thread(target=submit, args=(camera,), daemon=True) for camera in 'abc')]
    for thread in threads:
        thread.start()
    join_all(threads)
    end = worker.counters
    assert over.is_set() and late == [] and end.waiting == 0
    assert end.received == end.processed + end.dropped and end.processed > 0


def test_starts_stops_and_replacements_from_many_threads_leave_the_counts_whole():
    def work(frames):
        sleep(0)
        worker.check_wanted()
        if frames.get('a') == 7:
            raise RuntimeError('out of memory')

    def repeat(*actions, seed):
        chance = random.Random(seed)
        for _ in range(400):
            chance.choice(actions)()
            sleep(0)

    worker = make_worker(work, seed=2)
    lives = [Thread(target=repeat, args=(worker.start, worker.start, worker.stop,
                                         worker.replace, lambda: worker.stop(0)),
                    kwargs={'seed': seed}, daemon=True) for seed in range(3)]
    frames = [Thread(target=lambda camera=camera: [worker.submit(number % 9, camera)
                                                   for number in range(2000)], daemon=True)
              for camera in 'ab']
    for thread in (*lives, *frames):
        thread.start()
    join_all([*lives, *frames])
    worker.stop()
    assert worker.wait_idle(WAIT)
    end = worker.counters
    assert end.received == 4000 == end.processed + end.dropped + end.errors


def test_a_live_value_read_by_many_threads_is_one_that_was_set():
    seen, over = set(), Event()

    def read():
        while not over.is_set():
            seen.add(worker.max_age)

    worker = make_worker(lambda frames: None, seed=3)
    readers = [Thread(target=read, daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1000):
        worker.max_age = float(number)
    over.set()
    join_all(readers)
    assert seen <= {float(number) for number in range(1000)} and worker.max_age == 999.0

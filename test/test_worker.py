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

"""Newest frame wins, one thread works, nothing is lost from the counts."""

from threading import current_thread, enumerate as enumerate_threads, Event, Thread
from time import monotonic

import pytest

from triplenet_ros.worker import LatestFrameWorker, WorkerCounters

WAIT = 300


class Gate:
    """A work function that says when it begins, and goes on when it is told."""

    def __init__(self):
        self.seen = []
        self.begun, self.go = Event(), Event()

    def __call__(self, frames):
        self.seen.append(dict(frames))
        self.begun.set()
        assert self.go.wait(WAIT)


def no_error(error, frames):
    """Fail: nothing should have gone wrong."""
    raise AssertionError(f'{error!r} with {frames}')


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def worker(gate):
    worker = LatestFrameWorker(gate, no_error, age=lambda frame: frame)
    worker.start()
    yield worker
    gate.go.set()
    worker.stop()


def busy(worker, gate):
    """Let the worker begin with a first frame."""
    worker.submit(0)
    assert gate.begun.wait(WAIT)


def test_newest_frame_takes_the_place_of_the_waiting_one(worker, gate):
    busy(worker, gate)
    for frame in (1, 2, 3):
        worker.submit(frame)
    gate.go.set()
    assert worker.wait_idle(WAIT)
    assert gate.seen == [{'': 0}, {'': 3}]
    assert worker.counters == WorkerCounters(received=4, processed=2, dropped=2)


def test_frames_of_several_cameras_go_as_one_batch(worker, gate):
    busy(worker, gate)
    for camera, frame in (('left', 1), ('right', 2), ('left', 3)):
        worker.submit(frame, camera)
    gate.go.set()
    assert worker.wait_idle(WAIT)
    assert gate.seen[1] == {'left': 3, 'right': 2}
    assert worker.counters == WorkerCounters(received=4, processed=3, dropped=1)


def test_each_camera_has_its_own_counts(worker, gate):
    busy(worker, gate)
    for camera in ('left', 'right', 'left'):
        worker.submit(1, camera)
    gate.go.set()
    assert worker.wait_idle(WAIT)
    assert worker.counters_of('left') == WorkerCounters(received=2, processed=1, dropped=1)
    assert worker.counters_of('right') == WorkerCounters(received=1, processed=1)
    assert worker.counters_of('none') == WorkerCounters()


def test_frame_that_cannot_be_used_is_an_error_beside_a_good_one(gate):
    worker = LatestFrameWorker(lambda frames: gate(frames) or {'bad'} & frames.keys(), no_error)
    worker.start()
    busy(worker, gate)
    worker.submit(1, 'good')
    worker.submit(1, 'bad')
    gate.go.set()
    assert worker.wait_idle(WAIT)
    worker.stop()
    assert worker.counters_of('bad') == WorkerCounters(received=1, errors=1)
    assert worker.counters_of('good') == WorkerCounters(received=1, processed=1)


def test_submit_does_not_wait_for_the_work(worker, gate):
    busy(worker, gate)
    worker.submit(1)
    assert not gate.go.is_set() and worker.counters.received == 2


def test_work_runs_in_one_other_thread():
    threads = set()
    worker = LatestFrameWorker(lambda frames: threads.add(current_thread()), no_error)
    worker.start()
    worker.start()
    for frame in range(3):
        worker.submit(frame)
        assert worker.wait_idle(WAIT)
    worker.stop()
    assert len(threads) == 1 and current_thread() not in threads
    assert not threads.pop().is_alive()


def test_nothing_is_worked_on_after_stop(worker, gate):
    busy(worker, gate)
    worker.submit(1)
    stopper = Thread(target=worker.stop)
    stopper.start()
    end = monotonic() + WAIT
    while worker.counters.dropped == 0 and monotonic() < end:
        pass
    gate.go.set()
    stopper.join(WAIT)
    assert not stopper.is_alive() and gate.seen == [{'': 0}]
    worker.submit(2)
    assert worker.counters == WorkerCounters(received=3, processed=1, dropped=2)
    assert gate.seen == [{'': 0}]


def test_stopped_worker_starts_again_without_old_frames(worker, gate):
    gate.go.set()
    worker.stop()
    worker.submit(1)
    worker.start()
    worker.submit(2)
    assert worker.wait_idle(WAIT)
    assert gate.seen == [{'': 2}]


def test_work_may_stop_its_own_worker():
    stopped = Event()

    def work(frames):
        worker.stop()
        stopped.set()

    worker = LatestFrameWorker(work, no_error)
    worker.start()
    worker.submit(1)
    assert stopped.wait(WAIT)
    worker.stop()
    assert worker.wait_idle(WAIT) and worker.counters.processed == 1


def test_stop_without_start_does_nothing():
    LatestFrameWorker(no_error, no_error).stop()


def test_exception_is_reported_and_the_next_frame_tried():
    reported, done = [], []

    def work(frames):
        if frames[''] == 'bad':
            raise RuntimeError('out of memory')
        done.append(frames[''])

    worker = LatestFrameWorker(work, lambda error, frames: reported.append((str(error), frames)))
    worker.start()
    for frame in ('bad', 'good'):
        worker.submit(frame)
        assert worker.wait_idle(WAIT)
    worker.stop()
    assert reported == [('out of memory', {'': 'bad'})] and done == ['good']
    assert worker.counters == WorkerCounters(received=2, processed=1, errors=1)


def test_frames_older_than_max_age_are_passed_over_and_counted(worker, gate):
    gate.go.set()
    worker.max_age = 0.5
    for age in (0.4, 0.6, 0.5):
        worker.submit(age)
        assert worker.wait_idle(WAIT)
    assert gate.seen == [{'': 0.4}, {'': 0.5}]
    assert worker.counters == WorkerCounters(received=3, processed=2, stale=1)


def test_stale_camera_leaves_the_others_their_batch(worker, gate):
    busy(worker, gate)
    worker.max_age = 0.5
    worker.submit(9, 'old')
    worker.submit(0.1, 'new')
    gate.go.set()
    assert worker.wait_idle(WAIT)
    assert gate.seen[1] == {'new': 0.1}


def test_any_age_is_good_where_max_age_is_zero(worker, gate):
    gate.go.set()
    worker.submit(1e9)
    assert worker.wait_idle(WAIT)
    assert worker.counters.processed == 1


def test_wait_idle_gives_up_while_there_is_work(worker, gate):
    busy(worker, gate)
    assert not worker.wait_idle(0.01)


class Hang:
    """A work function that hangs with its first frames, and asks before it gives results."""

    def __init__(self):
        self.begun, self.go, self.results = Event(), Event(), []

    def __call__(self, frames):
        if not self.begun.is_set():
            self.begun.set()
            assert self.go.wait(WAIT)
        self.worker.check_wanted()
        self.results.append(dict(frames))


@pytest.fixture
def hang():
    """Return the work of a worker that hangs with frame 0."""
    hang = Hang()
    hang.worker = LatestFrameWorker(hang, no_error)
    hang.worker.start()
    hang.worker.submit(0)
    assert hang.begun.wait(WAIT)
    yield hang
    hang.go.set()
    hang.worker.stop()


def end_of(thread):
    """Wait for the end of a thread."""
    thread.join(WAIT)
    assert not thread.is_alive()


def test_a_hanging_thread_is_replaced_and_gives_no_results_when_it_returns(hang):
    worker, first = hang.worker, inference_threads()
    assert worker.busy > 0
    worker.submit(1)
    worker.replace()
    assert worker.wait_idle(WAIT)
    assert hang.results == [{'': 1}] and worker.busy == 0
    assert worker.counters == WorkerCounters(received=2, processed=1, errors=1)
    hang.go.set()
    end_of(first[0])
    assert hang.results == [{'': 1}]
    assert worker.counters == WorkerCounters(received=2, processed=1, errors=1)


def test_stop_gives_up_on_work_that_hangs_and_nothing_comes_of_it_later(hang):
    thread = inference_threads()[0]
    hang.worker.submit(1)
    begun = monotonic()
    hang.worker.stop(patience=0.05)
    assert monotonic() - begun < WAIT / 2
    assert hang.worker.counters == WorkerCounters(received=2, errors=1, dropped=1)
    hang.go.set()
    end_of(thread)
    assert hang.results == []
    assert hang.worker.counters == WorkerCounters(received=2, errors=1, dropped=1)


def test_nothing_is_replaced_where_nothing_runs(gate):
    worker = LatestFrameWorker(gate, no_error)
    worker.replace()
    assert inference_threads() == [] and worker.busy == 0


def test_what_a_worker_that_stopped_itself_had_at_hand_is_counted_after_the_next_start():
    stopped, go = Event(), Event()

    def work(frames):
        if frames[''] == 0:
            worker.stop()
            stopped.set()
            assert go.wait(WAIT)

    worker = LatestFrameWorker(work, no_error)
    worker.start()
    worker.submit(0)
    assert stopped.wait(WAIT)
    worker.start()
    worker.submit(1)
    while worker.counters.processed < 1:
        pass
    go.set()
    assert worker.wait_idle(WAIT)
    worker.stop()
    assert worker.counters == WorkerCounters(received=2, processed=2)


@pytest.mark.parametrize('fault', [SystemExit, KeyboardInterrupt, MemoryError])
def test_no_exception_ends_the_thread(fault):
    def work(frames):
        if frames[''] == 0:
            raise fault

    worker = LatestFrameWorker(work, lambda error, frames: 1 / 0)
    worker.start()
    for frame in (0, 1):
        worker.submit(frame)
        assert worker.wait_idle(WAIT)
    worker.stop()
    assert worker.counters == WorkerCounters(received=2, processed=1, errors=1)


def inference_threads():
    """Return the threads of workers."""
    return [thread for thread in enumerate_threads() if thread.name == 'inference']

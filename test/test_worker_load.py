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

"""Under more frames than can be worked on, none is lost from the counts and the newest wins."""

from dataclasses import astuple
from itertools import count
from threading import Event, Semaphore, Thread

from triplenet_ros.worker import LatestFrameWorker, WorkerCounters

FRAMES = 3000
CAMERAS = ('front', 'left')


def hammer(worker, camera):
    """Return a thread that submits frames as fast as it can, counting up."""
    return Thread(target=lambda: [worker.submit(frame, camera) for frame in range(FRAMES)])


def look(worker, snapshots):
    """Return a thread that looks at the counters until every frame has an outcome."""
    def run():
        while not snapshots or snapshots[-1].received < FRAMES * len(CAMERAS):
            snapshots.extend(map(worker.counters_of, CAMERAS))
            snapshots.append(worker.counters)

    return Thread(target=run)


def run_all(threads):
    """Run threads side by side until all have ended."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads)


def uneven_work(frames):
    """Process some frames, find some unusable, fail with others."""
    if any(frame % 7 == 0 for frame in frames.values()):
        raise RuntimeError('out of memory')
    return {camera for camera, frame in frames.items() if frame % 5 == 0}


def test_received_is_the_sum_of_the_others_at_every_instant():
    worker = LatestFrameWorker(uneven_work, lambda error, frames: None,
                               age=lambda frame: frame % 3)
    worker.max_age = 1.5
    worker.start()
    snapshots = []
    run_all([*(hammer(worker, camera) for camera in CAMERAS), look(worker, snapshots)])
    worker.stop()
    wrong = [one for one in snapshots if one.received != sum(astuple(one)[1:])]
    assert wrong == [] and len(snapshots) > 100
    end = worker.counters
    assert end.received == FRAMES * len(CAMERAS) and end.waiting == 0
    assert min(end.processed, end.dropped, end.stale, end.errors) > 0
    assert any(one.waiting for one in snapshots)


def test_stopping_in_the_middle_leaves_no_frame_uncounted():
    worker = LatestFrameWorker(lambda frames: None, lambda error, frames: None)
    threads = [hammer(worker, camera) for camera in CAMERAS]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        worker.start()
        worker.stop()
        counted = worker.counters
        assert counted.received == counted.processed + counted.dropped + counted.waiting
    assert worker.counters.waiting == 0
    assert worker.counters.received == FRAMES * len(CAMERAS)


def test_a_frame_that_waits_and_one_at_work_are_told():
    def work(frames):
        worker.submit(1)
        seen.append(worker.counters)
        worker.stop()

    seen = []
    worker = LatestFrameWorker(work, lambda error, frames: None)
    worker.start()
    worker.submit(0)
    assert worker.wait_idle(300)
    assert seen == [WorkerCounters(received=2, waiting=2)]
    assert worker.counters == WorkerCounters(received=2, processed=1, dropped=1)


def test_no_frame_is_older_than_what_had_come_when_the_one_before_was_done():
    # Whatever had been submitted when the work before ended was there to be taken.
    late, floors = [], [-1]
    submitted, enough = Semaphore(0), Event()

    def work(frames):
        if frames[''] < floors[-1]:
            late.append((frames[''], floors[-1]))
        for _ in range(3):
            assert submitted.acquire(timeout=300)
        floors.append(submit.newest)
        if len(floors) > 50:
            enough.set()

    def submit():
        for submit.newest in count():
            worker.submit(submit.newest + 1)
            submitted.release()
            if enough.is_set():
                return

    worker = LatestFrameWorker(work, lambda error, frames: None)
    worker.start()
    run_all([Thread(target=submit)])
    worker.stop()
    assert late == [] and enough.is_set() and worker.counters.dropped > 0

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

"""Many recordings on this machine: processes side by side."""

from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
import multiprocessing
from typing import Any, Callable, Iterable, Iterator, Optional

from triplenet_ros.fleet.bag_job import BagJob
from triplenet_ros.fleet.fleet_row import FAILED, FleetRow
from triplenet_ros.fleet.threads import Share

ATTEMPTS = 3
"""A recording whose process dies so often is given up."""

Run = Callable[[BagJob, int], FleetRow]
"""Does a job on so many cores of the CPU."""


def run_local(jobs: Iterable[BagJob], share: Share, run: Run) -> Iterator[FleetRow]:
    """
    Yield a row for each job as it ends, in any order; a process that dies stops no other job.

    :param jobs: to be done
    :param share: of this machine
    :param run: does a job in a process of its own; must be importable there
    """
    waiting, lost = list(jobs), []
    while waiting:
        yield from _shared_pool(waiting, lost, share, run)
    for job in lost:
        # Those that were at work when a process died go on alone: one of them is to blame.
        yield _alone(job, share, run)


def _shared_pool(waiting: list[BagJob], lost: list[BagJob], share: Share,
                 run: Run) -> Iterator[FleetRow]:
    """Work until nothing waits, or until the pool breaks: then what was at work is lost."""
    running: dict[Future, BagJob] = {}
    with _pool(share.workers, share) as pool:
        while _submit(pool, waiting, running, share, run):
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                row, job = _row_of(future), running.pop(future)
                if row is None:
                    lost.append(job)
                else:
                    yield row


def _submit(pool: ProcessPoolExecutor, waiting: list[BagJob], running: dict[Future, BagJob],
            share: Share, run: Run) -> bool:
    """
    Hand out no more jobs than can be at work at once: what a dead process had is known then.

    :returns: whether anything is at work
    """
    try:
        while waiting and len(running) < share.workers:
            future = pool.submit(run, waiting[0], share.cores)
            running[future] = waiting.pop(0)
    except BrokenProcessPool:
        pass
    return bool(running)


def _alone(job: BagJob, share: Share, run: Run) -> FleetRow:
    for _ in range(ATTEMPTS - 1):
        with _pool(1, share) as pool:
            row = _row_of(pool.submit(run, job, share.cores))
        if row is not None:
            return row
    return FleetRow(job.name, str(job.recording), FAILED,
                    f'the process that worked on it died {ATTEMPTS} times (too little memory?)')


def _row_of(future: Future) -> Optional[FleetRow]:
    """Return the row of a job; None if its process died."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None


@contextmanager
def _pool(workers: int, share: Share) -> Iterator[ProcessPoolExecutor]:
    """Give processes that end with the block, at once where it raises."""
    # Spawned, not forked: threads and GPUs do not survive a fork.
    context = multiprocessing.get_context('spawn')
    devices = context.Queue()
    for number in range(workers if share.gpus else 0):
        devices.put(number % share.gpus)
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, context, *([_take_gpu, (devices,)] if share.gpus else []))
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _take_gpu(devices: Any) -> None:
    import torch

    torch.cuda.set_device(devices.get())

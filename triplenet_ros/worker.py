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

"""The newest frame of each camera, and one thread that works on what is waiting."""

from dataclasses import astuple, dataclass, replace
import logging
from threading import Condition, current_thread, Thread
from time import monotonic
from typing import Any, Callable, Collection, Iterable, Mapping, NamedTuple, Optional

Work = Callable[[Mapping[str, Any]], Optional[Collection[str]]]
OnError = Callable[[BaseException, Mapping[str, Any]], None]
_LOG = logging.getLogger('triplenet_ros')
_THREADS: set = set()


def is_at_work() -> bool:
    """Tell whether a thread of any worker runs, one whose work was given up too."""
    # Not thread.is_alive: up to Python 3.12 it is wrong after Ctrl-C has ended a join.
    return bool(_THREADS)


@dataclass(frozen=True)
class WorkerCounters:
    """
    What became of the frames since the worker was made.

    ``received`` is the sum of the others at every instant.

    :param received: frames submitted
    :param processed: frames whose work was done
    :param dropped: frames replaced by a newer one, or not worked on because of ``stop``
    :param stale: frames too old when their turn came
    :param errors: frames that could not be used, or whose work raised an exception
    :param waiting: frames that wait for their turn, or are being worked on
    """

    received: int = 0
    processed: int = 0
    dropped: int = 0
    stale: int = 0
    errors: int = 0
    waiting: int = 0

    def __add__(self, other: 'WorkerCounters') -> 'WorkerCounters':
        """Return the counts of both together."""
        return WorkerCounters(*(mine + theirs for mine, theirs
                                in zip(astuple(self), astuple(other))))


class _Batch(NamedTuple):
    """Frames that are worked on, and since when by ``monotonic``."""

    frames: Mapping[str, Any]
    begun: float


class Abandoned(Exception):
    """The work took too long and was given up: its results are not wanted any more."""


class LatestFrameWorker:
    """
    Hands the newest frame of each camera to a work function, in one thread of its own.

    A frame that comes while another of the same camera waits takes its place. All frames that
    wait go to the work function together, as one batch. Nothing is worked on before ``start`` or
    after ``stop`` has returned; both may be called again.

    :param work: gets a mapping of camera to frame; may return the cameras whose frames it could
        not use; runs in the worker's thread
    :param on_error: gets the exception that ``work`` raised, and its frames; the next ones are
        tried then
    :param age: seconds since a frame was taken; None where ``max_age`` is not used
    :param name: of the thread
    """

    def __init__(self, work: Work, on_error: OnError,
                 age: Optional[Callable[[Any], float]] = None, name: str = 'inference') -> None:
        """Make the worker; it does nothing before it is started."""
        self._work = work
        self._on_error = on_error
        self._age = age
        self._name = name
        self._max_age = 0.0
        self._changed = Condition()
        self._waiting: dict = {}
        self._counters: dict = {}
        self._thread: Optional[Thread] = None
        self._at_work: dict[Thread, _Batch] = {}
        """Of more than one thread where the next one began before the last one's work is done."""

    @property
    def counters(self) -> WorkerCounters:
        """Return what became of the frames so far, all counted at one moment."""
        with self._changed:
            return sum(map(self._count_now, self._counters), WorkerCounters())

    def counters_of(self, camera: str) -> WorkerCounters:
        """Return what became of the frames of one camera."""
        with self._changed:
            return self._count_now(camera)

    @property
    def max_age(self) -> float:
        """Seconds after which a frame is not worth working on; 0 = any age is."""
        return self._max_age

    @max_age.setter
    def max_age(self, seconds: float) -> None:
        with self._changed:
            self._max_age = seconds

    @property
    def busy(self) -> float:
        """Seconds that the work at hand has taken so far, 0 if there is none."""
        with self._changed:
            batch = self._at_work.get(self._thread)
            return monotonic() - batch.begun if batch else 0.0

    def submit(self, frame: Any, camera: str = '') -> None:
        """Let a frame wait in the place of its camera; never blocks on the work."""
        with self._changed:
            # Kept while nobody works, a frame would come out old at the next start.
            kept = self._thread is not None
            self._count(camera, received=1, dropped=int(not kept or camera in self._waiting))
            if kept:
                self._waiting[camera] = frame
            self._changed.notify_all()

    def start(self) -> None:
        """Begin to work; does nothing if it has begun."""
        with self._changed:
            if self._thread is not None:
                return
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            _THREADS.add(self._thread)
            self._thread.start()

    def stop(self, patience: Optional[float] = None) -> None:
        """
        Wait for the work at hand, drop what waits, and end the thread.

        :param patience: seconds to wait at most; then the work is abandoned, see ``replace``
        """
        with self._changed:
            thread, self._thread = self._thread, None
            self._count_each(self._waiting, 'dropped')
            self._waiting = {}
            self._changed.notify_all()
        # A work function may stop its own worker: a thread cannot wait for itself.
        if thread is not None and thread is not current_thread():
            thread.join(patience)
            with self._changed:
                self._end_work(thread, unusable=None)

    def replace(self) -> None:
        """
        Let another thread go on with the next frames where the work at hand hangs.

        The frames at hand are errors. Python cannot end the thread that has them: it ends when
        its work returns, which ``check_wanted`` tells that nobody wants its results.
        """
        with self._changed:
            thread, self._thread = self._thread, None
            self._end_work(thread, unusable=None)
        if thread is not None:
            self.start()

    def check_wanted(self) -> None:
        """
        Tell the work function, in its thread, whether it has been given up meanwhile.

        :raises Abandoned: if so
        """
        with self._changed:
            if current_thread() not in self._at_work:
                raise Abandoned

    def wait_idle(self, timeout: Optional[float] = None) -> bool:
        """Wait until nothing waits and nothing is worked on; False after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._at_work, timeout)

    def _run(self) -> None:
        try:
            while (frames := self._take()) is not None:
                self._process(frames)
        finally:
            _THREADS.discard(current_thread())

    def _take(self) -> Optional[dict]:
        """Return the frames whose turn it is, or None when the worker is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._is_current())
            if not self._is_current():
                return None
            frames, self._waiting = self._waiting, {}
            fresh = {camera: frame for camera, frame in frames.items() if self._is_fresh(frame)}
            self._count_each(frames.keys() - fresh.keys(), 'stale')
            if fresh:
                self._at_work[current_thread()] = _Batch(fresh, monotonic())
            self._changed.notify_all()
            return fresh

    def _is_current(self) -> bool:
        return self._thread is current_thread()

    def _is_fresh(self, frame: Any) -> bool:
        return not self._max_age or self._age is None or self._age(frame) <= self._max_age

    def _process(self, frames: dict) -> None:
        if not frames:
            return
        unusable: Collection[str] = frames
        try:
            unusable = self._work(frames) or ()
        except Abandoned:
            pass
        # SystemExit too: a thread that ends because of its work would leave silence behind.
        except BaseException as error:
            self._report(error, frames)
        finally:
            with self._changed:
                self._end_work(current_thread(), unusable)

    def _report(self, error: BaseException, frames: dict) -> None:
        with self._changed:
            wanted = current_thread() in self._at_work
        try:
            if wanted:
                self._on_error(error, frames)
        except Exception:
            _LOG.exception('the report of an error failed')

    def _end_work(self, thread: Optional[Thread], unusable: Optional[Collection[str]]) -> None:
        """Count what a thread has at hand, if anything; None: all of it is unusable."""
        batch = self._at_work.pop(thread, None)
        if batch is not None:
            wrong = batch.frames.keys() if unusable is None else set(unusable)
            self._count_each(wrong, 'errors')
            self._count_each(batch.frames.keys() - wrong, 'processed')
            self._changed.notify_all()

    def _count_now(self, camera: str) -> WorkerCounters:
        counted = self._counters.get(camera, WorkerCounters())
        batches = (self._waiting, *(batch.frames for batch in self._at_work.values()))
        return replace(counted, waiting=sum(camera in frames for frames in batches))

    def _count_each(self, cameras: Iterable[str], outcome: str) -> None:
        for camera in cameras:
            self._count(camera, **{outcome: 1})

    def _count(self, camera: str, **more: int) -> None:
        counted = self._counters.get(camera, WorkerCounters())
        self._counters[camera] = counted + WorkerCounters(**more)

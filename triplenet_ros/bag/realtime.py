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

"""A recording at the speed at which it was made, through the node's latest-frame worker."""

from threading import Lock
import time
from typing import Any, Callable, Mapping, Optional, Sequence

from triplenet_ros.bag.replay import Observer, Predicts, Replay
from triplenet_ros.bag.report import ReplayReport
from triplenet_ros.bag.results import Draw
from triplenet_ros.bag.sink import BagSink
from triplenet_ros.bag.source import Source
from triplenet_ros.bag.stored import StoredMessage
from triplenet_ros.interrupt import deferred_interrupt
from triplenet_ros.worker import LatestFrameWorker

Pace = Callable[[int, Callable[[], bool]], None]

_LOOK_FOR_CTRL_C = 0.1


def replay_realtime(source: Source, predictor: Predicts, sink: BagSink,
                    observers: Sequence[Observer] = (), draw: Optional[Draw] = None,
                    pace: Optional[Pace] = None) -> ReplayReport:
    """
    Play a recording at its own speed and work on the newest frame, as the node does.

    Parameters and errors are those of ``replay``; frames that come while another one is worked
    on replace each other and are counted as dropped. Observers run in the worker's thread.

    :param pace: called with the time of a message and a function that tells whether to give up;
        returns when the message is due; None keeps the recorded times
    """
    pace = pace or RecordedPace()
    stage = Replay(predictor, _SharedSink(sink), observers, draw)

    def work(frames: Mapping[str, Any]) -> None:
        for message in frames.values():
            stage.process(source, message)

    def on_error(error: Exception, _frames: Mapping[str, Any]) -> None:
        stage.tally.failed(type(error).__name__, str(error))

    worker = LatestFrameWorker(work, on_error)
    started = time.perf_counter()
    worker.start()
    try:
        with deferred_interrupt() as interrupt:
            for message in source.messages():
                pace(message.time_ns, lambda: interrupt.seen)
                if interrupt.seen:
                    break
                if stage.take(source, message):
                    worker.submit(message)
            worker.wait_idle()
    finally:
        worker.stop()
    return stage.report(source, time.perf_counter() - started, dropped=worker.counters.dropped,
                        interrupted=interrupt.seen)


class RecordedPace:
    """Waits as long as passed between the messages when they were received."""

    def __init__(self) -> None:
        """Begin with the first message."""
        self._start: Optional[float] = None

    def __call__(self, time_ns: int, give_up: Callable[[], bool]) -> None:
        """Return when the message of this time is due."""
        now = time.monotonic()
        if self._start is None:
            self._start = now - time_ns / 1e9
        while not give_up() and (left := self._start + time_ns / 1e9 - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_FOR_CTRL_C))


class _SharedSink:
    """A sink that two threads write to."""

    def __init__(self, sink: BagSink) -> None:
        self._sink = sink
        self._lock = Lock()

    def write(self, message: StoredMessage) -> None:
        with self._lock:
            self._sink.write(message)

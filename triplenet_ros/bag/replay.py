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

"""A recording through the network: every frame in order, results beside what was recorded."""

import time
from typing import Any, Callable, Optional, Protocol, Sequence

from triplenet_ros.bag import topics
from triplenet_ros.bag.report import ReplayReport, Tally
from triplenet_ros.bag.results import Draw, ResultMessages
from triplenet_ros.bag.sink import BagSink
from triplenet_ros.bag.source import Source
from triplenet_ros.bag.stored import Frame, StoredMessage
from triplenet_ros.errors import InputError
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.interrupt import deferred_interrupt
from triplenet_ros.messages.decode import BadImage

Observer = Callable[[Frame, Prediction], None]


class Predicts(Protocol):
    """The part of the Predictor that a replay needs."""

    network: str
    backend: str
    device: str

    def __call__(self, image: Any) -> Prediction:
        """Return what is in a (H, W, 3) uint8 RGB image."""


def replay(source: Source, predictor: Predicts, sink: BagSink,
           observers: Sequence[Observer] = (), draw: Optional[Draw] = None) -> ReplayReport:
    """
    Send every frame of a recording through the network, in order.

    The sink gets every message of the recording, and after each image its results; two runs
    write the same bytes. A frame that cannot be decoded is counted and skipped. Ctrl-C ends the
    replay after the frame at hand and is reported, so that what is finished can be kept.

    :param observers: called with each frame and its prediction
    :param draw: makes the overlay that the sink gets; None leaves it out
    :raises InputError: if no frame at all could be used
    """
    stage = Replay(predictor, sink, observers, draw)
    started = time.perf_counter()
    interrupted = False
    with deferred_interrupt() as interrupt:
        for message in source.messages():
            if stage.take(source, message):
                stage.process(source, message)
            if interrupt.seen:
                interrupted = True
                break
    return stage.report(source, time.perf_counter() - started, interrupted=interrupted)


class Replay:
    """The steps of a replay, which the plain and the real-time one share."""

    def __init__(self, predictor: Predicts, sink: BagSink, observers: Sequence[Observer],
                 draw: Optional[Draw]) -> None:
        """Begin with nothing counted."""
        self._predictor = predictor
        self._sink = sink
        self._observers = observers
        self._results = ResultMessages(predictor.network, draw)
        self._replaced: set = set()
        self.tally = Tally()

    def take(self, source: Source, message: StoredMessage) -> bool:
        """Pass a message on and tell whether it is one of the images to look at."""
        # Results of an earlier replay would stand beside the new ones and contradict them.
        if message.channel.topic in topics.RESULTS:
            self._replaced.add(message.channel.topic)
        else:
            self._sink.write(message)
        is_frame = message.channel is source.image_channel
        self.tally.frames += is_frame
        return is_frame

    def process(self, source: Source, message: StoredMessage) -> None:
        """Look at one image and write what is in it."""
        began = time.perf_counter()
        try:
            frame = source.decode(message)
        except BadImage as error:
            self.tally.failed(error.cause, str(error))
            return
        decoded = time.perf_counter()
        prediction = self._predictor(frame.image)
        predicted = time.perf_counter()
        for result in self._results.of(frame, prediction):
            self._sink.write(result)
        ended = time.perf_counter()
        self.tally.done(len(prediction.boxes), {
            'decode': decoded - began, **prediction.timings, 'encode': ended - predicted,
            'total': ended - began})
        for observer in self._observers:
            observer(frame, prediction)

    def report(self, source: Source, seconds: float, *, dropped: int = 0,
               interrupted: bool = False) -> ReplayReport:
        """
        Return the figures.

        :raises InputError: if frames came up, and none could be used
        """
        tally = self.tally
        if tally.errors and not tally.processed:
            raise InputError(f'none of the {tally.frames} frames on {source.image_channel.topic} '
                             f'in {source.name} can be used: {tally.first_text}')
        replaced = [f'earlier results on {topic} are left out' for topic in sorted(self._replaced)]
        predictor = self._predictor
        return ReplayReport(
            frames=tally.frames, processed=tally.processed, dropped=dropped, errors=tally.errors,
            detections=tally.detections, seconds=seconds, latency_ms=tally.latency_ms(),
            network=predictor.network, backend=predictor.backend, device=str(predictor.device),
            notes=[*source.notes, *tally.notes(), *replaced], interrupted=interrupted,
            seconds_of=tally.seconds_of())

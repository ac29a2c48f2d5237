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

"""The figures of a replay."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Mapping, Sequence

import numpy as np

STAGES = ('decode', 'preprocess', 'forward', 'postprocess', 'encode', 'total')


@dataclass(frozen=True)
class ReplayReport:
    """
    What came of a replay.

    :param frames: image messages that came up
    :param processed: those with results
    :param dropped: those that a newer one replaced before their turn (real time only)
    :param errors: cause -> number of those that could not be used
    :param detections: boxes in all results
    :param seconds: time from the first to the last message
    :param latency_ms: stage -> {'p50', 'p95', 'p99'}, milliseconds of one frame
    :param network: name of the network
    :param backend: what ran it
    :param device: where it ran
    :param notes: lines about what was left out, for people
    :param interrupted: whether Ctrl-C ended it early
    :param metrics: scores, where somebody knew the truth
    :param seconds_of: stage -> seconds of each processed frame, in their order
    """

    frames: int
    processed: int
    dropped: int
    errors: Mapping[str, int]
    detections: int
    seconds: float
    latency_ms: Mapping[str, Mapping[str, float]]
    network: str
    backend: str
    device: str
    notes: Sequence[str] = ()
    interrupted: bool = False
    metrics: Mapping[str, object] = field(default_factory=dict)
    seconds_of: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def fps(self) -> float:
        """Frames with results in each second."""
        return self.processed / self.seconds if self.seconds > 0 else 0.0

    def figures(self) -> dict:
        """Return everything as one JSON object."""
        return {
            'frames': self.frames, 'processed': self.processed, 'dropped': self.dropped,
            'errors': dict(self.errors), 'detections': self.detections,
            'fps': round(self.fps, 3), 'latency_ms': dict(self.latency_ms),
            'network': self.network, 'backend': self.backend, 'device': self.device,
            'metrics': dict(self.metrics), 'notes': list(self.notes),
            'interrupted': self.interrupted}


class Tally:
    """Counts while a replay goes on."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.frames = 0
        self.processed = 0
        self.detections = 0
        self.errors: Counter = Counter()
        self._first_texts: dict = {}
        self._seconds: dict = {stage: [] for stage in STAGES}

    def done(self, detections: int, stages: Mapping[str, float]) -> None:
        """Count a frame with results; stages in seconds."""
        self.processed += 1
        self.detections += detections
        for stage, seconds in stages.items():
            self._seconds.setdefault(stage, []).append(seconds)

    def failed(self, cause: str, text: str) -> None:
        """Count a frame that could not be used."""
        self.errors[cause] += 1
        self._first_texts.setdefault(cause, text)

    @property
    def first_text(self) -> str:
        """Return what was wrong with the first frame that failed."""
        return next(iter(self._first_texts.values()))

    def notes(self) -> list:
        """Return one line for each cause of failure."""
        return [f'{count} of {self.frames} frames skipped, {cause}; the first: '
                f'{self._first_texts[cause]}' for cause, count in sorted(self.errors.items())]

    def seconds_of(self) -> dict:
        """Return stage -> seconds of each frame with results, of the stages that were seen."""
        return {stage: seconds for stage, seconds in self._seconds.items() if seconds}

    def latency_ms(self) -> dict:
        """Return the percentiles of each stage that was seen, milliseconds."""
        return {stage: _percentiles(seconds)
                for stage, seconds in self._seconds.items() if seconds}


def _percentiles(seconds: Sequence[float]) -> dict:
    values = np.percentile(np.asarray(seconds) * 1e3, (50, 95, 99))
    return {f'p{rank}': round(float(value), 3) for rank, value in zip((50, 95, 99), values)}

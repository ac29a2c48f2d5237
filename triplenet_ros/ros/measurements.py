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

"""What the inference thread measures and the diagnostics tell."""

from collections import Counter, deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Mapping, Optional

import numpy as np

_WINDOW = 300


@dataclass(frozen=True)
class Percentiles:
    """
    Half and almost all of the latest values lie below these.

    :param p50: median
    :param p95: 95th percentile
    """

    p50: float
    p95: float


@dataclass(frozen=True)
class Report:
    """
    The measurements at one moment.

    :param stages: stage -> milliseconds of a batch
    :param ages: camera -> milliseconds between an image's stamp and its results
    :param wrong_images: camera -> cause -> number of images that could not be used
    :param failure: what went wrong with the latest batch; None if nothing did
    """

    stages: Mapping[str, Percentiles] = field(default_factory=dict)
    ages: Mapping[str, Percentiles] = field(default_factory=dict)
    wrong_images: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    failure: Optional[str] = None


class Measurements:
    """Collects measurements in one thread, reports them in another."""

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._lock = Lock()
        self._stages: dict = {}
        self._ages: dict = {}
        self._wrong: dict = {}
        self._failure: Optional[str] = None

    def done(self, stages: Mapping[str, float], ages: Mapping[str, float]) -> None:
        """
        Take in a batch whose results are out.

        :param stages: stage -> seconds
        :param ages: camera -> seconds
        """
        with self._lock:
            self._failure = None
            _append(self._stages, stages)
            _append(self._ages, ages)

    def wrong_image(self, camera: str, cause: str) -> None:
        """Count an image that cannot be used."""
        with self._lock:
            self._wrong.setdefault(camera, Counter())[cause] += 1

    def failed(self, text: str) -> None:
        """Remember that a batch failed, until one succeeds."""
        with self._lock:
            self._failure = text

    @property
    def usual(self) -> float:
        """Seconds of the median batch; 0 before the first."""
        with self._lock:
            return float(np.median(self._stages.get('total', [0.0]))) / 1e3

    def report(self) -> Report:
        """Return everything at this moment."""
        with self._lock:
            return Report(
                stages=_percentiles(self._stages), ages=_percentiles(self._ages),
                wrong_images={camera: dict(causes) for camera, causes in self._wrong.items()},
                failure=self._failure)


def _append(windows: dict, seconds: Mapping[str, float]) -> None:
    for name, value in seconds.items():
        windows.setdefault(name, deque(maxlen=_WINDOW)).append(1e3 * value)


def _percentiles(windows: Mapping[str, deque]) -> dict:
    return {name: Percentiles(*map(float, np.percentile(values, (50, 95))))
            for name, values in windows.items()}

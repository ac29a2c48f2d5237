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
"""How long each stage takes, on the host or on a GPU that is not waited for."""

from contextlib import contextmanager
from time import perf_counter
from typing import Any, Iterator

import torch


class Stopwatch:
    """
    Takes the times of stages.

    :param device: whose time counts: on a GPU a stage begins and ends when the GPU gets there
    """

    def __init__(self, device: torch.device) -> None:
        """Begin with no stages."""
        self._device = device
        self._spans: list[tuple[str, Any, Any]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of a block."""
        begun = self._now()
        yield
        self._spans.append((name, begun, self._now()))

    def wait(self) -> None:
        """Wait for a GPU to end the last stage."""
        if self._device.type == 'cuda':
            self._spans[-1][2].synchronize()

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage, all of which have ended."""
        return {name: begun.elapsed_time(ended) / 1e3 if self._device.type == 'cuda'
                else ended - begun for name, begun, ended in self._spans}

    def _now(self) -> Any:
        if self._device.type != 'cuda':
            return perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self._device))
        return event

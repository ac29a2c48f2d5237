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

"""What a node said of itself on /diagnostics while it was recorded."""

from typing import Any, Mapping, Optional

from triplenet_ros.evaluation.scored_run import Event

_COUNTERS = {'dropped': 'dropped', 'stale': 'stale', 'errors': 'error'}
"""Counter of the node -> kind of event when it grows."""
_STAGE, _RANKS = ' ms', ('p50', 'p95', 'p99')
_ABOUT = ('network', 'backend', 'precision', 'device')


class DiagnosticSeries:
    """
    The counters of a perception node over time, as its diagnostics told them.

    Statuses of other nodes are passed over: ours is the one with the counters ``processed`` and
    ``dropped`` and the name of its network. Where several such nodes ran, the first one counts.
    """

    def __init__(self) -> None:
        """Start with nothing told."""
        self._name: Optional[str] = None
        self._counters: dict[str, int] = {}
        self._values: Mapping[str, str] = {}
        self._events: list[Event] = []

    def take(self, time_ns: int, message: Any) -> None:
        """
        Take in a DiagnosticArray.

        :param time_ns: when it was received; its own stamp may be of another clock
        :param message: of rosbags or of rclpy
        """
        for status in message.status:
            values = {one.key: one.value for one in status.values}
            if {'processed', 'dropped', 'network'} <= set(values) and (
                    self._name in (None, status.name)):
                self._name, self._values = status.name, values
                self._grow(time_ns, values, status.message)

    def _grow(self, time_ns: int, values: Mapping[str, str], text: str) -> None:
        for key in ('received', 'processed', *_COUNTERS):
            count = _whole(values.get(key))
            if count is None:
                continue
            more = count - self._counters.get(key, 0)
            if more > 0 and key in _COUNTERS:
                self._events.append(Event(time_ns, _COUNTERS[key], more, text))
            self._counters[key] = count

    @property
    def counters(self) -> Mapping[str, int]:
        """Last value of received, processed, dropped, stale, errors; empty without a node."""
        return self._counters

    @property
    def events(self) -> tuple[Event, ...]:
        """When the counters of what was lost grew, and by how much."""
        return tuple(self._events)

    @property
    def about(self) -> Mapping[str, str]:
        """Network, backend, precision and device, as far as they were told."""
        return {key: self._values[key] for key in _ABOUT if key in self._values}

    @property
    def latency_ms(self) -> Mapping[str, Mapping[str, float]]:
        """Stage -> percentile -> milliseconds, of the node's last status."""
        stages: dict[str, dict] = {}
        for key, value in self._values.items():
            words = key.removesuffix(_STAGE).split(' ')
            if key.endswith(_STAGE) and words[-1] in _RANKS:
                stages.setdefault(' '.join(words[:-1]), {})[words[-1]] = float(value)
        return stages


def _whole(text: Optional[str]) -> Optional[int]:
    return int(text) if text is not None and text.isdecimal() else None

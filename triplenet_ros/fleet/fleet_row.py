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

"""What came of one recording of many."""

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping, Optional

DONE, FAILED = 'done', 'failed'


@dataclass(frozen=True)
class FleetRow:
    """
    A line of the report over many recordings.

    :param name: of the recording, unique
    :param recording: its path
    :param status: DONE or FAILED
    :param error: why it failed, one line; empty otherwise
    :param replay: figures of the replay; empty where it failed
    :param passed: whether all criteria are met; None without criteria
    :param missed: criteria that are not, with their values
    :param scores: mAP50, F1 and mIoU, of those that there is truth for
    """

    name: str
    recording: str
    status: str
    error: str = ''
    replay: Mapping[str, Any] = field(default_factory=dict)
    passed: Optional[bool] = None
    missed: tuple[str, ...] = ()
    scores: Mapping[str, Optional[float]] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether it was replayed, and scored where it should be."""
        return self.status == DONE

    def figures(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {**asdict(self), 'missed': list(self.missed)}


def row_of_figures(figures: Mapping[str, Any]) -> FleetRow:
    """
    Return the row that figures tell of.

    :raises KeyError: if they are of something else
    """
    return FleetRow(**{**figures, 'missed': tuple(figures['missed'])})

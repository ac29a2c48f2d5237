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

"""What a user says about how a recording is scored."""

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from triplenet_ros.bag.scored_topics import TopicChoice
from triplenet_ros.bag.truth import KEYS
from triplenet_ros.class_mapping import NO_RENAME
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.box_counts import DISTANCES
from triplenet_ros.evaluation.run_scorer import THRESHOLD
from triplenet_ros.evaluation.selection import Selection
from triplenet_ros.inference.names import check_tasks, TASKS


@dataclass(frozen=True)
class ScoreOptions:
    """
    How a recording is scored.

    :param results: which topics of the recording are results
    :param truth: which topics of a bag are truth, and names of labels of a folder
    :param image: topic of the camera's images; None = the one whose stamps the results have
    :param truth_key: how files of truth are found, one of KEYS; None = by what their names are
    :param tolerance: largest difference of stamps that match, seconds
    :param selection: which frames
    :param threshold: operating threshold, 0 .. 1
    :param distances: where one distance class ends and the next begins, metres
    :param rename: names that mean another one, on either side
    :param worst: how many of the worst frames are kept to look at
    :param tasks: what is scored, some of TASKS
    :raises InputError: if a value is not allowed
    """

    results: TopicChoice = TopicChoice()
    truth: TopicChoice = TopicChoice()
    image: Optional[str] = None
    truth_key: Optional[str] = None
    tolerance: float = 0.0
    selection: Selection = Selection()
    threshold: float = THRESHOLD
    distances: tuple[float, ...] = DISTANCES
    rename: Mapping[str, str] = field(default_factory=lambda: NO_RENAME)
    worst: int = 12
    tasks: tuple[str, ...] = TASKS

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if not 0 <= self.tolerance < 1e6:
            raise InputError(f'tolerance {self.tolerance} is out of range, at least 0 seconds')
        if self.truth_key not in (None, *KEYS):
            raise InputError(f'truth key {self.truth_key!r} is none of {", ".join(KEYS)}')
        check_tasks(self.tasks)

    @property
    def tolerance_ns(self) -> int:
        """Largest difference in nanoseconds."""
        return round(self.tolerance * 1e9)

    def figures(self) -> dict[str, Any]:
        """Return what decides about the scores, plain data."""
        chosen = {key: value for key, value in vars(self.selection).items()
                  if value != getattr(Selection, key)}
        return {'threshold': self.threshold, 'tolerance': self.tolerance,
                'distances': list(self.distances), 'rename': dict(self.rename),
                'selection': {{'begin': 'from', 'end': 'to'}.get(key, key): value
                              for key, value in chosen.items()}}

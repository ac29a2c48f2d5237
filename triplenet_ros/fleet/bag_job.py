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

"""What is to be done with one recording of many."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Optional, TYPE_CHECKING

from triplenet_ros.fleet.fleet_row import FAILED, FleetRow
from triplenet_ros.printable import printable

if TYPE_CHECKING:  # processes that only hand jobs on need no torch
    from triplenet_ros.bag.score_options import ScoreOptions


@dataclass(frozen=True)
class BagJob:
    """
    What is to be done with a recording; goes to other processes and machines.

    :param name: unique
    :param recording: bag or video
    :param folder: to be made: the results, the report of the scores, and a row about both
    :param key: of all that goes in; a folder with this key is finished
    :param predictor: arguments of ``Predictor.load``
    :param topic: of the images; None = the only one
    :param overlay: whether the results hold overlays
    :param truth: paths; none = nothing is scored
    :param score: how; None = nothing is scored
    :param criteria: file, or None
    :param command: the command line, for the report
    """

    name: str
    recording: Path
    folder: Path
    key: str
    predictor: Mapping[str, Any]
    topic: Optional[str] = None
    overlay: bool = False
    truth: tuple[Path, ...] = ()
    score: Optional['ScoreOptions'] = None
    criteria: Optional[Path] = None
    command: str = ''


def failed_row(job: BagJob, error: str) -> FleetRow:
    """Return the row of a job that came to nothing."""
    return FleetRow(job.name, str(job.recording), FAILED, printable(error))

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

"""The evaluation node's parameters."""

from dataclasses import dataclass, Field, field, fields
from pathlib import Path
from typing import Any, Optional

from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.node import Node

from triplenet_ros.bag.score_options import ScoreOptions, TASKS
from triplenet_ros.class_mapping import load_rename, NO_RENAME
from triplenet_ros.evaluation.criteria import Criteria, read_criteria
from triplenet_ros.ros.parameters import check_transport


def _setting(default: Any, description: str, high: Optional[float] = None) -> Any:
    return field(default=default, metadata={'description': description, 'high': high})


@dataclass(frozen=True)
class EvaluationSettings:
    """The values of all parameters; the fields are the table of parameters, all read-only."""

    report: str = _setting('', 'Folder that is made at the end, with report.html; empty: none')
    overwrite: bool = _setting(False, 'Whether an existing folder may be replaced')
    criteria: str = _setting('', 'YAML file of what must be reached; empty: none')
    rename: str = _setting('', 'YAML file of class names that mean another one, or the name of a '
                               'shipped one; empty: none')
    threshold: float = _setting(0.3, 'Operating threshold of precision, recall and error kinds',
                                high=1.0)
    tolerance: float = _setting(0.0, 'Largest difference of stamps that match, seconds; 0: to '
                                     'the nanosecond', high=1e5)
    tasks: list = _setting(TASKS, f'What is scored: some of {", ".join(TASKS)}')
    image_transport: str = _setting(
        'raw', 'How the images for the report come: raw or compressed')
    reliable: bool = _setting(True, 'Whether every message is asked for again when it is lost; '
                                    'false where a publisher is best effort')

    @property
    def report_folder(self) -> Optional[Path]:
        """Folder of the report, None without."""
        return Path(self.report).expanduser() if self.report else None

    def options(self) -> ScoreOptions:
        """
        Return what decides about the scores.

        :raises InputError: if a value or file cannot be used
        """
        return ScoreOptions(
            tolerance=self.tolerance, threshold=self.threshold, tasks=tuple(self.tasks),
            rename=load_rename(self.rename) if self.rename else NO_RENAME)

    @property
    def transport(self) -> str:
        """
        How images come.

        :raises InputError: if there is no such way
        """
        check_transport(self.image_transport)
        return self.image_transport

    def read_criteria(self) -> Criteria:
        """
        Return what must be reached.

        :raises InputError: if the file cannot be used
        """
        return read_criteria(Path(self.criteria)) if self.criteria else Criteria()


def declare_settings(node: Node) -> EvaluationSettings:
    """
    Declare the parameters and return their values.

    :param node: that has them
    :raises ParameterException: if one is of another type or out of its range
    """
    return EvaluationSettings(**{one.name: _declare(node, one)
                                 for one in fields(EvaluationSettings)})


def _declare(node: Node, one: Field) -> Any:
    high = one.metadata['high']
    ranges = [] if high is None else [FloatingPointRange(from_value=0.0, to_value=high)]
    default = list(one.default) if isinstance(one.default, tuple) else one.default
    return node.declare_parameter(one.name, default, ParameterDescriptor(
        description=one.metadata['description'], read_only=True,
        floating_point_range=ranges)).value

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

"""The end of a command whose result is not good enough."""

from typing import Any, Iterable

from triplenet_ros.printable import printable


class Missed(Exception):
    """
    All went well and the result is not what was asked for: exit 1, which no error has.

    :param lines: what was missed, and by what values
    """

    def __init__(self, lines: Iterable[str]) -> None:
        """Keep the lines; names in them come from files."""
        super().__init__('\n'.join(f'missed: {printable(line)}' for line in lines))


def missed_criteria(verdicts: Iterable[Any]) -> list[str]:
    """Return a line with the value for each verdict that did not pass."""
    return [f'{one.text}: {_value(one)}' for one in verdicts if not one.passed]


def _value(verdict: Any) -> str:
    if verdict.value is None:
        return 'nothing was measured'
    share = ' of the frames' if 'of the frames' in verdict.text else ''
    return f'{verdict.value:.4g}{f" {verdict.unit}" if verdict.unit else ""}{share}'

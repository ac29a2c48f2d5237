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

"""How long programs were kept from working by others that had the processor."""

import os
from pathlib import Path
from time import monotonic
from typing import Sequence


class Starvation:
    """
    Measures, from its making on, for how long some processes stood in line for a processor.

    Their threads stand behind each other too, which is their own affair: what the processes
    worked meanwhile does not count. Nor does what they wait for at a lock or in a sleep, in no
    line. Who asks must run threads all the while: of those that end it is not known.

    :param pids: of the processes
    """

    def __init__(self, *pids: int) -> None:
        """Begin."""
        self._pids = pids
        self._begun, self._worked = monotonic(), _worked(pids)
        self._waited = _waited(pids)

    def seconds(self) -> float:
        """Return the seconds so far; 0 where the kernel does not tell."""
        waited = sum(seconds - self._waited.get(thread, 0.0)
                     for thread, seconds in _waited(self._pids).items())
        elsewhere = monotonic() - self._begun - (_worked(self._pids) - self._worked)
        return max(0.0, min(waited, elsewhere))


def _worked(pids: Sequence[int]) -> float:
    """Return the seconds of processor that processes have had, with threads that have ended."""
    ticks = 0
    for pid in pids:
        fields = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rpartition(')')[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf('SC_CLK_TCK')


def _waited(pids: Sequence[int]) -> dict[str, float]:
    """Return thread -> seconds that it has stood in line."""
    found = {}
    for pid in pids:
        for schedule in Path(f'/proc/{pid}/task').glob('*/schedstat'):
            try:
                found[schedule.parent.name] = int(schedule.read_text().split()[1]) / 1e9
            except OSError:  # it has ended meanwhile
                continue
    return found

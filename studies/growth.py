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

"""
How a process grows: what it uses, looked at now and then, and judged at the end of a run.

The resident memory alone says little. It holds the libraries' pages, and what malloc keeps of the
freed for later; so beside it there is what is in use: the bytes of malloc, which torch, the
middleware and everything else in C takes, and Python's own small blocks.
"""

import ctypes
import gc
import os
from pathlib import Path
from statistics import median
import sys
from typing import Any, Mapping, NamedTuple, Optional

WARM_UP_SHARE = 0.25
"""Of the samples: what comes first, such as each fault's first time, is not judged."""


class Limit(NamedTuple):
    """
    How much something may grow.

    :param noise: that the samples of a process which keeps nothing come to
    :param an_hour: that is taken for no leak
    """

    noise: float
    an_hour: float


LIMITS = {'in_use_mb': Limit(2.0, 4.0), 'python_blocks': Limit(5000.0, 10_000.0),
          'rss_mb': Limit(20.0, 20.0)}
SHORTEST = 300.0
"""Seconds; of a shorter run all is warm-up, and memory is not judged."""
LOOK_EVERY = 2.0
"""Seconds between two samples at least."""
LEFT_OVER = 2
"""Threads and handles; a pass that hung has its thread until it is released."""


class _Malloc(ctypes.Structure):
    """What glibc's mallinfo2 returns."""

    _fields_ = [(name, ctypes.c_size_t) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks',
        'fordblks', 'keepcost')]


def resources(pid: int) -> dict[str, float]:
    """Return the resident memory in MB, the threads, and the file handles of a process."""
    folder = Path(f'/proc/{pid}')
    pages = int((folder / 'statm').read_text(encoding='ascii').split()[1])
    return {'seconds': 0.0, 'rss_mb': pages * os.sysconf('SC_PAGE_SIZE') / 1e6,
            'threads': float(len(os.listdir(folder / 'task'))),
            'handles': float(len(os.listdir(folder / 'fd')))}


def memory_in_use() -> dict[str, float]:
    """Return what this process itself knows of: MB of malloc, if it is glibc's, and blocks."""
    gc.collect()  # what waits to be collected is no leak
    in_use = {'python_blocks': float(sys.getallocatedblocks())}
    look = getattr(ctypes.CDLL(None), 'mallinfo2', None)
    if look is not None:
        look.restype = _Malloc
        found = look()
        in_use['in_use_mb'] = (found.uordblks + found.hblkhd) / 1e6
    return in_use


def judge_growth(samples: list, known: Optional[Mapping[str, float]] = None
                 ) -> tuple[dict[str, Any], list]:
    """
    Return how a process has grown after its warm-up, and what is wrong with that.

    :param samples: its resources, each with the seconds since the begin
    :param known: name -> growth over the whole run that is known to be others'
    """
    settled = samples[int(WARM_UP_SHARE * len(samples)):]
    hours = (settled[-1]['seconds'] - settled[0]['seconds']) / 3600
    per_hour = {name: 3600 * slope([one['seconds'] for one in settled],
                                   [one[name] for one in settled])
                for name in settled[0] if name != 'seconds'}
    wrong = []
    for name, limit in LIMITS.items():
        grown = per_hour.get(name, 0.0) * hours
        others = (known or {}).get(name, 0.0) * len(settled) / len(samples)
        if samples[-1]['seconds'] >= SHORTEST and (
                grown - others > limit.noise + limit.an_hour * hours):
            wrong.append(f'{name} has grown by {grown:.1f} in {60 * hours:.1f} minutes, of which '
                         f'others take {others:.1f}')
    for name in ('threads', 'handles'):
        if settled[-1][name] > settled[0][name] + LEFT_OVER:
            wrong.append(f'{name} are left: {settled[0][name]:.0f}, then {settled[-1][name]:.0f}')
    growth = {name: [settled[0][name], settled[-1][name]] for name in per_hour}
    return {'growth': growth, 'per_hour': per_hour}, wrong


def slope(times: list, values: list) -> float:
    """Return by how much values grow in a second: the median over all pairs."""
    pairs = [(later - earlier) / (times[j] - times[i])
             for i, earlier in enumerate(values) for j, later in enumerate(values)
             if times[j] > times[i]]
    return median(pairs or [0.0])


def print_growth(figures: Mapping[str, Any]) -> None:
    """Print how the process has grown."""
    for name, (first, last) in figures['growth'].items():
        print(f'{name}: {first:.1f} -> {last:.1f}, {figures["per_hour"][name]:+.2f} an hour')

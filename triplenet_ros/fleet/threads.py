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

"""How many recordings a machine takes side by side, and how many cores each may use."""

from dataclasses import dataclass
import os
from typing import Optional

_MEMORY = 2_000_000_000
"""Bytes that a worker is given room for; a replay of HD video has been seen to take one."""


@dataclass(frozen=True)
class Share:
    """
    What each recording gets of a machine.

    :param workers: recordings side by side
    :param cores: of the CPU for each, at least 1
    :param gpus: of the machine, 0 = the CPU alone is used; then each worker has one of its own
    """

    workers: int
    cores: int
    gpus: int = 0


def share_of_machine(count: int, workers: Optional[int], cores: Optional[int],
                     gpus: int) -> Share:
    """
    Return how to divide this machine.

    On a CPU a core for each recording does more than all cores for one, because decoding,
    drawing and writing go on beside the network; on GPUs each takes one.

    :param count: of recordings
    :param workers: as the user wants it, None = as many as fit
    :param cores: for each, as the user wants it, None = what there is by the number of workers
    :param gpus: how many may be used
    """
    there = usable_cores()
    if workers is None:
        fit = gpus or max(1, min(there // (cores or 1), _memory_left() // _MEMORY))
        workers = max(1, min(fit, count))
    return Share(workers, cores or max(1, there // workers), gpus)


def usable_cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_gpus(device: str) -> int:
    """Return how many GPUs a device means: ``auto`` and ``cuda`` are all of the machine."""
    import torch

    if device in ('auto', 'cuda'):
        return torch.cuda.device_count()
    return 0 if device == 'cpu' else 1


def _memory_left() -> int:
    """Return bytes of memory that are free; plenty where the system does not say."""
    try:
        with open('/proc/meminfo', encoding='ascii') as file:
            lines = dict(line.split(':', 1) for line in file)
        return int(lines['MemAvailable'].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 1 << 62


def limit_threads(cores: int) -> None:
    """
    Keep this process to so many threads at a time; engines follow torch's number.

    :param cores: at least 1
    """
    import cv2
    import torch

    torch.set_num_threads(cores)
    cv2.setNumThreads(cores)

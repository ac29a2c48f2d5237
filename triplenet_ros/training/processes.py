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

"""What the processes of one training must agree on; with one process nothing changes."""

from typing import Any

import torch
from torch import Tensor


def process_count() -> int:
    """Return how many processes train together."""
    return torch.distributed.get_world_size() if _together() else 1


def process_rank() -> int:
    """Return which of them this one is, from 0."""
    return torch.distributed.get_rank() if _together() else 0


def sum_of_processes(value: Tensor) -> Tensor:
    """
    Add up what each process has; no gradient flows through.

    :param value: of the same shape in every process
    """
    value = value.detach().clone()
    if _together():
        torch.distributed.all_reduce(value)
    return value


def mean_per_process(count: Tensor) -> Tensor:
    """
    Return what a sum over this process's images must be divided by.

    Gradients are averaged over the processes. A loss that each of them divides by its own count
    would weigh an object more where there are few; divided by the mean of the counts, the average
    is the gradient of one process with all the images.

    :param count: scalar, this process's
    :return: float32 scalar, the same in every process; where there is nothing to count, not 0
    """
    total = sum_of_processes(count.float())
    return total.where(total > 0, 1.0) / process_count()


def gather_from_processes(values: Tensor) -> Tensor:
    """
    Stack what each process has, by rank; no gradient flows through.

    :param values: of the same shape in every process
    :return: (processes, ...)
    """
    values = values.detach()
    if not _together():
        return values[None]
    gathered = [torch.empty_like(values) for _ in range(process_count())]
    torch.distributed.all_gather(gathered, values.contiguous())
    return torch.stack(gathered)


def gather_objects(item: Any) -> list[Any]:
    """Return what each process has, by rank; anything that can be pickled."""
    if not _together():
        return [item]
    items = [None] * process_count()
    torch.distributed.all_gather_object(items, item)
    return items


def _together() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()

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
"""Pixels to a GPU and results back, through page-locked memory: the host waits for neither."""

import numpy as np
import torch
from torch import Tensor


def to_device(image: np.ndarray, device: torch.device) -> Tensor:
    """
    Return a uint8 image on a device; on a GPU it may still be under way.

    PyTorch keeps page-locked memory that is free again and gives it to the next of the size, so
    that frame after frame none is allocated. On a CPU the pixels stay where they are, if that is
    memory that PyTorch can look at.
    """
    on_gpu = device.type == 'cuda'
    if not on_gpu and image.flags.writeable and min(image.strides) > 0:
        return torch.from_numpy(image)
    host = torch.empty(image.shape, dtype=torch.uint8, pin_memory=on_gpu)
    host.numpy()[...] = image
    return host.to(device, non_blocking=True)


def to_host(tensor: Tensor) -> Tensor:
    """Return a tensor on the host; from a GPU it comes once that has done all it was given."""
    if tensor.device.type != 'cuda':
        return tensor
    host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return host.copy_(tensor, non_blocking=True)

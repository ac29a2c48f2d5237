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

"""In which numbers a training computes, and what is kept out of short ones."""

from typing import Any, Callable, Mapping, Optional, Sequence

import torch
from torch.overrides import TorchFunctionMode


class DepthwiseInFloat32(TorchFunctionMode):
    """
    Computes depthwise convolutions in float32, whatever autocast says.

    oneDNN's gradient of one in bfloat16 takes two to five times as long as in float32, while that
    of other convolutions takes half to a third. Measured on a CPU with AVX-512 BF16.
    """

    def __torch_function__(self, func: Callable, types: Sequence[type], args: Sequence[Any] = (),
                           kwargs: Optional[Mapping[str, Any]] = None) -> Any:
        """Run a function of torch."""
        if func is torch.conv2d and _groups(args, kwargs or {}) > 1:
            features, *others = args
            with torch.autocast(features.device.type, enabled=False):
                return func(features.float(), *others, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def _groups(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
    # conv2d(input, weight, bias, stride, padding, dilation, groups)
    return args[6] if len(args) > 6 else kwargs.get('groups', 1)


def find_precision(precision: str, accelerator: str) -> str:
    """
    Return lightning's name of a recipe's precision.

    :param precision: lightning's, or ``auto``: bfloat16 where there are units for it; where there
        are none it would be several times slower than float32
    :param accelerator: lightning's, that the training runs on
    """
    if precision != 'auto':
        return precision
    return 'bf16-mixed' if _has_bfloat16_units(accelerator) else '32-true'


def _has_bfloat16_units(accelerator: str) -> bool:
    if accelerator in ('auto', 'gpu', 'cuda') and torch.cuda.is_available():
        # Not is_bf16_supported: some versions of PyTorch count what is emulated.
        return bool(torch.version.hip) or torch.cuda.get_device_capability()[0] >= 8
    asked = getattr(torch.cpu, '_is_avx512_bf16_supported', None)
    return accelerator in ('auto', 'cpu') and bool(asked and asked())

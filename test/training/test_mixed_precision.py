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

"""Depthwise convolutions keep their precision in a training in bfloat16."""

import pytest
import torch
from torch import nn

from triplenet_ros.training.mixed_precision import DepthwiseInFloat32, find_precision


def test_depthwise_convolutions_alone_are_computed_in_float32():
    plain = outputs_in(torch.autocast('cpu', torch.bfloat16))
    assert {output.dtype for outputs in plain for output in outputs} == {torch.bfloat16}
    with DepthwiseInFloat32():
        for dense, depthwise in outputs_in(torch.autocast('cpu', torch.bfloat16)):
            assert (dense.dtype, depthwise.dtype) == (torch.bfloat16, torch.float32)


def test_without_autocast_nothing_changes():
    expected = outputs_in(torch.autocast('cpu', enabled=False))[0]
    with DepthwiseInFloat32():
        found = outputs_in(torch.autocast('cpu', enabled=False))[0]
    assert all(torch.equal(*pair) for pair in zip(expected, found))


HOPPER, TURING = (9, 0), (7, 5)


@pytest.mark.parametrize('accelerator, gpu, cpu, expected', [
    ('auto', HOPPER, False, 'bf16-mixed'), ('auto', TURING, True, '32-true'),
    ('gpu', HOPPER, False, 'bf16-mixed'), ('cuda', TURING, True, '32-true'),
    ('cpu', HOPPER, False, '32-true'), ('cpu', TURING, True, 'bf16-mixed'),
    ('auto', None, True, 'bf16-mixed'), ('auto', None, False, '32-true'),
    ('gpu', None, True, '32-true'), ('mps', None, True, '32-true')])
def test_auto_is_bfloat16_only_where_what_trains_has_units_for_it(monkeypatch, accelerator, gpu,
                                                                  cpu, expected):
    monkeypatch.setattr(torch.version, 'hip', None)
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: gpu is not None)
    monkeypatch.setattr(torch.cuda, 'get_device_capability', lambda: gpu)
    # What is emulated is supported, say those of PyTorch's versions that know no better.
    monkeypatch.setattr(torch.cuda, 'is_bf16_supported', lambda *_, **__: True)
    monkeypatch.setattr(torch.cpu, '_is_avx512_bf16_supported', lambda: cpu, raising=False)
    assert find_precision('auto', accelerator) == expected
    assert find_precision('16-mixed', accelerator) == '16-mixed'


def test_a_version_of_pytorch_that_does_not_know_its_cpu_trains_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, '_is_avx512_bf16_supported', raising=False)
    assert find_precision('auto', 'cpu') == '32-true'


def outputs_in(autocast):
    """Return those of a dense and a depthwise layer, of float32 and of bfloat16 features."""
    torch.manual_seed(0)
    layers = nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3, groups=8)
    features = torch.randn(1, 8, 9, 9)
    with autocast:
        kinds = [features, features.bfloat16()] if torch.is_autocast_enabled('cpu') else [features]
        return [[layer(kind) for layer in layers] for kind in kinds]

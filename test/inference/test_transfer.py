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

"""Pixels go to a device as they are."""

import numpy as np
import pytest
import torch

from triplenet_ros.inference.transfer import to_device, to_host

DEVICES = [torch.device('cpu'), pytest.param(torch.device('cuda'), marks=pytest.mark.skipif(
    not torch.cuda.is_available(), reason='needs a GPU'))]


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('device', DEVICES, ids=str)
def test_views_that_cannot_be_written_go_there_and_back(device):
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    pixels.flags.writeable = False
    tensor = to_device(pixels[:, ::-1, ::-1], device)
    assert tensor.device.type == device.type
    back = to_host(tensor)
    if device.type == 'cuda':
        torch.cuda.synchronize()
    np.testing.assert_array_equal(back.numpy(), pixels[:, ::-1, ::-1])

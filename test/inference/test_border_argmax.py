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

"""Labels computed along borders alone are those computed everywhere."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from triplenet_ros.inference.border_argmax import argmax_resized

NOISE = torch.randn(11, 13, 17, generator=torch.Generator().manual_seed(0)) * 3
SMOOTH = F.interpolate(NOISE[None], (52, 68), mode='bicubic')[0]


@pytest.mark.parametrize('logits', [NOISE, SMOOTH, NOISE[:2, :1], NOISE[:, :, :1], NOISE[:1]],
                         ids=lambda logits: 'x'.join(map(str, logits.shape)))
@pytest.mark.parametrize('size', [(208, 272), (301, 517), (52, 68), (7, 5), (1, 1), (3, 600)])
def test_labels_are_those_of_the_resized_logits(logits, size):
    resized = F.interpolate(logits[None], size, mode='bilinear', align_corners=False)[0]
    labels = argmax_resized(logits, size)
    assert labels.shape == size and labels.dtype == np.uint8
    differing = torch.from_numpy(labels.astype(int)) != resized.argmax(dim=0)
    # Only where two classes are equally good but for rounding.
    best = resized.topk(min(2, len(resized)), dim=0).values
    assert ((best[0] - best[-1])[differing] < 1e-4).all()
    assert differing.float().mean() < 1e-3


def test_first_of_equally_good_classes_wins():
    logits = torch.zeros(5, 4, 4)
    logits[0, :, :2] = -1.0
    logits[4, :, :2] = 1.0
    assert set(np.unique(argmax_resized(logits, (64, 64)))) == {0, 4}


def test_logits_that_are_no_numbers_give_a_class_all_the_same():
    logits = torch.full((3, 4, 4), float('nan'))
    logits[0, 0, 0] = 1.0
    assert argmax_resized(logits, (40, 40)).max() < 3

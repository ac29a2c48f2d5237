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
"""The comparison finds what differs, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from triplenet_ros.evaluation.agreement import Agreement
from triplenet_ros.export import comparison
from triplenet_ros.export.comparison import compare, count_steps, Differences
from triplenet_ros.inference.exported import read_exported

ALIKE = Agreement(images=1, boxes=100, strays=0, ap50=1.0, overlap=1.0, labels=1.0)


@pytest.mark.parametrize('difference, problems', [(0.009, 0), (0.011, 1), (float('nan'), 1)])
def test_raw_outputs_are_judged_by_their_own_size(difference, problems):
    found = Differences({'segmentation': difference}, {'segmentation': 10.0}, ALIKE)
    assert len(found.problems(same_numbers=True)) == problems


def test_of_shorter_numbers_results_alone_are_judged():
    found = Differences({'segmentation': 5.0}, {'segmentation': 10.0}, ALIKE)
    assert found.problems(same_numbers=False) == []
    other = replace(found, agreement=replace(ALIKE, labels=0.9))
    assert other.problems(same_numbers=False) == ['share of equal labels is 0.900']
    assert len(other.problems(same_numbers=True)) == 2


def test_a_number_that_is_none_is_not_forgotten():
    assert np.isnan(comparison._larger(comparison._larger(1.0, float('nan')), 2.0))


@pytest.mark.parametrize('images', [1, 2, 5])
def test_every_step_is_counted(exported, tiny_network, noise, images):
    steps = []
    some = [noise[index % 2] for index in range(images)]
    found = compare(tiny_network, read_exported(exported), iter(some), lambda: steps.append(1))
    assert len(steps) == count_steps(images) and found.agreement.images == images
    assert set(found.outputs) == {'class_logits', 'box_codes', 'segmentation'}
    assert found.problems(same_numbers=True) == [] and 0 < max(found.outputs.values()) < 1e-3
    assert found.agreement.boxes >= 100 and found.agreement.labels > 0.999
    assert set(found.figures()) == {'batch_sizes', 'largest_difference', 'largest_value', 'images',
                                    'boxes', 'strays', 'ap50', 'overlap', 'labels'}

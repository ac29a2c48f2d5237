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

"""What is calibrated is what there was truth of."""

import numpy as np
import pytest

pytest.importorskip('lightning')

from triplenet_ros.evaluation.calibration import Reliability  # noqa: E402
from triplenet_ros.evaluation.finish import find_temperatures  # noqa: E402


@pytest.mark.parametrize('name, task', [('boxes', 'detection'), ('labels', 'segmentation')])
def test_a_task_without_truth_gets_no_temperature_of_the_other(name, task):
    said = Reliability()
    said.add(np.array([0.9, 0.9, 0.2]), np.array([True, False, False]))
    assert find_temperatures({name: said}) == {task: said.temperature()}

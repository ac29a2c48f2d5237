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

"""What the README says of the networks is what they are."""

from pathlib import Path

import pytest
from triplenet_ros.network.costs import measure_costs
from triplenet_ros.network.registry import NETWORKS

README = (Path(__file__).parents[1] / 'README.md').read_text(encoding='utf-8')


@pytest.mark.parametrize('name', NETWORKS)
def test_the_table_has_the_costs_of_every_network(name):
    costs = measure_costs(NETWORKS[name])
    assert (f'| `{name}` | {costs.parameters / 1e6:.1f} M | {costs.macs / 1e9:.1f} G '
            f'| {costs.anchors:,} |') in README

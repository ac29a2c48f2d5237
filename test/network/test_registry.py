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

"""The named networks are the papers' rows."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from triplenet_ros.errors import InputError
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.costs import measure_costs
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import named_config, NETWORKS

CONTRACT = (
    'triplenet300-r50 triplenet300-r50-s4 triplenet512-r50 triplenet512-r101 '
    'triplenet300-ss-r50 pairnet300-r50 pairnet512-r50 blitznet300-r50-s4 blitznet300-r50-s8 '
    'blitznet512-r50-s8 ssd300-r50 ssd512-r50 ablation-a ablation-b ablation-c ablation-d '
    'ablation-e ablation-f ablation-g ablation-h fusion-hourglass fusion-refine '
    'fusion-resskip-nores triplenet-drive').split()


class Operations(TorchDispatchMode):
    """Records every operation with the shapes it reads."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        shapes = [tuple(value.shape) for value in tree_leaves((args, kwargs))
                  if isinstance(value, torch.Tensor)]
        self.seen.append((str(function), shapes))
        return function(*args, **(kwargs or {}))


def operations(config):
    with torch.device('meta'):
        network = JointNetwork(config).eval()
        image = torch.empty(1, 3, config.input_height, config.input_width)
    with torch.no_grad(), Operations() as recorded:
        network(image)
    return recorded.seen


def test_every_name_of_the_contract_is_there():
    assert set(CONTRACT) <= set(NETWORKS)


def test_a_configuration_is_registered_under_its_own_name():
    assert all(config.name == name for name, config in NETWORKS.items())


@pytest.mark.parametrize('name, anchors', [
    ('triplenet300-r50-s4', 45390), ('triplenet300-r50', 11640), ('triplenet512-r50', 32766)])
def test_anchor_counts_are_the_published_ones(name, anchors):
    assert measure_costs(NETWORKS[name]).anchors == anchors


@pytest.mark.parametrize('name, giga_macs', [
    ('triplenet300-r50', 16), ('triplenet512-r50', 42), ('triplenet512-r101', 62),
    ('blitznet300-r50-s8', 11), ('blitznet512-r50-s8', 30)])
def test_multiply_adds_stay_within_the_papers_speeds(name, giga_macs):
    assert measure_costs(NETWORKS[name]).macs <= giga_macs * 1e9


def test_class_agnostic_supervision_costs_nothing_at_test_time():
    assert (measure_costs(NETWORKS['ablation-f']).macs
            == measure_costs(NETWORKS['ablation-g']).macs)


def test_class_agnostic_supervision_changes_no_operation_at_test_time():
    assert operations(NETWORKS['ablation-f']) == operations(NETWORKS['ablation-g'])


def test_triplenet_costs_little_more_than_pairnet_with_its_fused_head():
    pairnet = NETWORKS['pairnet300-r50'].evolve(segmentation_head='fused_3x3')
    assert measure_costs(NETWORKS['triplenet300-r50']).macs <= 1.1 * measure_costs(pairnet).macs


def test_the_last_row_of_the_ablation_is_triplenet():
    assert NETWORKS['ablation-h'].evolve(name='triplenet300-r50') == NETWORKS['triplenet300-r50']


def test_pairnet_differs_from_triplenet_by_exactly_the_four_modules():
    pairnet, triplenet = (NETWORKS[name].to_dict()
                          for name in ('pairnet300-r50', 'triplenet300-r50'))
    assert {key for key in pairnet if pairnet[key] != triplenet[key]} == {
        'name', 'segmentation_head', 'inner_connected', 'class_agnostic_supervision', 'fusion'}


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(InputError, match='did you mean triplenet300-r50'):
        named_config('tripelnet300-r50')


@pytest.mark.parametrize('name', NETWORKS)
def test_a_configuration_survives_its_plain_form(name):
    assert NetworkConfig.from_dict(NETWORKS[name].to_dict()) == NETWORKS[name]


def test_an_unknown_field_is_refused():
    data = NETWORKS['triplenet-drive'].to_dict()
    with pytest.raises(ValueError, match='colour'):
        NetworkConfig.from_dict({**data, 'colour': 1})

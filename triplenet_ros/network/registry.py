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

"""The named networks: rows of the papers' tables, and the ones for driving."""

from triplenet_ros.classes import CITYSCAPES, VOC
from triplenet_ros.errors import did_you_mean, InputError
from triplenet_ros.network.config import NetworkConfig

_TRIPLENET300 = NetworkConfig(name='triplenet300-r50', classes=VOC)
_TRIPLENET512 = _TRIPLENET300.evolve(
    name='triplenet512-r50', input_height=512, input_width=512, extra_blocks=4,
    smallest_scale=0.04, min_scale=0.10)
_FINEST_4 = {'finest_stride': 4, 'smallest_scale': 0.04, 'min_scale': 0.10}

_WITHOUT_TRIPLE_SUPERVISION = {
    'fusion': 'residual', 'inner_connected': False, 'segmentation_head': 'last',
    'class_agnostic_supervision': False}
_PAIRNET300 = _TRIPLENET300.evolve(name='pairnet300-r50', **_WITHOUT_TRIPLE_SUPERVISION)

_BLITZNET = {
    'fusion': 'resskip', 'detection_head': 'plain', 'inner_connected': False,
    'segmentation_head': 'fused_1x1', 'class_aware_supervision': False,
    'class_agnostic_supervision': False}
_BLITZNET300 = _TRIPLENET300.evolve(
    name='blitznet300-r50-s8', supervision_stride=8, **_BLITZNET)
_SSD = {'fusion': 'none', 'segmentation_head': 'none'}
_DETECTION_ONLY = {
    'segmentation_head': 'none', 'class_aware_supervision': False,
    'class_agnostic_supervision': False}

_MFS = {'segmentation_head': 'fused_3x3'}
_IC = {**_MFS, 'inner_connected': True}
_CAS = {**_IC, 'class_agnostic_supervision': True}
_ASF = {**_CAS, 'fusion': 'attention'}

_DRIVE = NetworkConfig(
    name='triplenet-drive', classes=CITYSCAPES, input_height=384, input_width=640,
    keep_aspect=True, mean=(127.5,) * 3, std=(127.5,) * 3, backbone='timm/tf_efficientnet_lite0',
    extra_width=128, decoder_width=128, head_width=128, supervision_stride=4, smallest_scale=0.03,
    min_scale=0.08, merge_iou=0.5)

_CONFIGS = (
    _TRIPLENET300,
    _TRIPLENET300.evolve(name='triplenet300-r50-s4', **_FINEST_4),
    _TRIPLENET512,
    _TRIPLENET512.evolve(name='triplenet512-r101', backbone='resnet101'),
    _TRIPLENET300.evolve(name='triplenet300-ss-r50', scale_specific_supervision=True),
    _PAIRNET300,
    _TRIPLENET512.evolve(name='pairnet512-r50', **_WITHOUT_TRIPLE_SUPERVISION),
    _BLITZNET300,
    _BLITZNET300.evolve(name='blitznet300-r50-s4', **_FINEST_4, supervision_stride=4),
    _TRIPLENET512.evolve(name='blitznet512-r50-s8', supervision_stride=8, **_BLITZNET),
    _BLITZNET300.evolve(name='ssd300-r50', **_SSD),
    _TRIPLENET512.evolve(name='ssd512-r50', **{**_BLITZNET, **_SSD}),
    _PAIRNET300.evolve(name='ablation-a', **_DETECTION_ONLY),
    _PAIRNET300.evolve(name='ablation-b', detection_head='none', class_aware_supervision=False),
    _PAIRNET300.evolve(name='ablation-c', detection_head='none'),
    _PAIRNET300.evolve(name='ablation-d'),
    _PAIRNET300.evolve(name='ablation-e', **_MFS),
    _PAIRNET300.evolve(name='ablation-f', **_IC),
    _PAIRNET300.evolve(name='ablation-g', **_CAS),
    _PAIRNET300.evolve(name='ablation-h', **_ASF),
    _BLITZNET300.evolve(name='fusion-hourglass', fusion='hourglass'),
    _BLITZNET300.evolve(name='fusion-refine', fusion='refine'),
    _BLITZNET300.evolve(name='fusion-resskip-nores', fusion='resskip_nores'),
    _DRIVE,
)

NETWORKS = {config.name: config for config in _CONFIGS}
"""Every named configuration; adding a network is adding one here."""


def named_config(name: str) -> NetworkConfig:
    """
    Return a configuration by its name.

    :raises InputError: if there is none of that name; the nearest one is suggested
    """
    if name not in NETWORKS:
        raise InputError(f'no network is named {name!r}{did_you_mean(name, NETWORKS)}, there are '
                         f'{", ".join(NETWORKS)}')
    return NETWORKS[name]

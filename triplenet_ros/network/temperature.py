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

"""Temperatures: logits divided so that a score of 0.8 is right in 80 of 100 cases."""

import torch
from torch import nn

from triplenet_ros.network.joint import JointNetwork


def divide_logits(network: JointNetwork, detection: float, segmentation: float) -> tuple[str, ...]:
    """
    Divide the logits of boxes and of labels by a temperature each, in the weights themselves.

    So every backend and every exported file is calibrated without knowing of it.

    :param network: changed in place
    :param detection: of the boxes' classes, above 0
    :param segmentation: of the labels; the layers' own logits, which the detection heads may read,
        stay as they are
    :return: the tasks whose logits were divided: labels that are a layer's own are not
    """
    divided = []
    for head in network.detection or ():
        _divide(head.class_conv, detection)
        divided.append('detection')
    if network.fused is not None:
        _divide(network.fused.logits, segmentation)
        divided.append('segmentation')
    return tuple(dict.fromkeys(divided))


@torch.no_grad()
def _divide(layer: nn.Conv2d, temperature: float) -> None:
    layer.weight /= temperature
    layer.bias /= temperature

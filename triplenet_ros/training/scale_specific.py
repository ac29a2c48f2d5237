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

"""Scale-specific supervision (TripleNet-SS): a layer learns to label the objects of its scale."""

import torch
from torch import Tensor

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.network.anchors import detection_layers, layer_sizes
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.training.batch import Batch


def labels_of_each_layer(config: NetworkConfig, batch: Batch, matches: Tensor,
                         labels: Tensor) -> list[Tensor]:
    """
    Hide from each layer the pixels of objects that none of its anchors is matched to.

    An object's pixels are those of object classes inside its box, because images have no instance
    masks. A pixel inside boxes of several scales teaches all of those layers. Layers without
    anchors and images whose boxes are not known keep all labels.

    :param config: the network
    :param batch: N images with up to T objects
    :param matches: (N, A) index of the object of each anchor, -1 = background
    :param labels: (N, h, w) the batch's labels, perhaps subsampled
    :return: per layer, finest first, (N, h, w) labels with the hidden pixels 255
    """
    is_object = torch.isin(labels, labels.new_tensor(config.classes.object_labels))
    inside = _inside_boxes(batch, labels)
    layers = [labels] * len(layer_sizes(config, *batch.images.shape[-2:]))
    for layer, matched in zip(detection_layers(config), _matched_objects(config, batch, matches)):
        seen = torch.einsum('nthw,nt->nhw', inside.float(), matched.float()) > 0
        hidden = is_object & ~seen & batch.has_boxes[:, None, None]
        layers[layer] = labels.masked_fill(hidden, UNLABELLED)
    return layers


def _inside_boxes(batch: Batch, labels: Tensor) -> Tensor:
    """(N, T, h, w) bool: whether the centre of a pixel of the labels lies in a box."""
    (height, width), (rows, columns) = batch.images.shape[-2:], labels.shape[-2:]
    y = ((torch.arange(rows, device=labels.device) + 0.5) * height / rows)[:, None]
    x = (torch.arange(columns, device=labels.device) + 0.5) * width / columns
    x1, y1, x2, y2 = batch.boxes[..., None, None].unbind(dim=2)
    return (x >= x1) & (x < x2) & (y >= y1) & (y < y2)


def _matched_objects(config: NetworkConfig, batch: Batch, matches: Tensor) -> list[Tensor]:
    """Per detection layer (N, T) bool: whether an anchor of the layer is matched to the object."""
    sizes = layer_sizes(config, *batch.images.shape[-2:])
    counts = [sizes[layer][0] * sizes[layer][1] * config.anchors_per_cell
              for layer in detection_layers(config)]
    objects = batch.boxes.shape[1]
    found = []
    for layer_matches in matches.split(counts, dim=1):
        hits = torch.zeros(len(matches), objects + 1, dtype=torch.bool, device=matches.device)
        hits.scatter_(1, layer_matches.where(layer_matches >= 0, objects), True)
        found.append(hits[:, :objects])
    return found

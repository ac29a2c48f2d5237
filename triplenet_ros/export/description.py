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

"""What an exported file says of itself: all that boxes and labels need beside the graph."""

import json
from typing import Any

from triplenet_ros.inference.weights import card_metadata, WeightsCard
from triplenet_ros.network.anchors import (
    anchor_shapes, BOX_VARIANCES, detection_layers, layer_sizes)
from triplenet_ros.network.config import NetworkConfig

HOW_TO_READ = """\
images: (N, H, W, 3) uint8 RGB, resized to H x W. Normalisation is inside.
class_logits: (N, A, 1 + classes); softmax over the last axis, index 0 is background.
box_codes: (N, A, 4); with an anchor (x, y, w, h) and v of the metadata "anchors":
centre = (x + v0 c0 w, y + v1 c1 h), size = (w exp(v2 c2), h exp(v3 c3)), in input pixels.
segmentation: (N, labels, h, w); resize to the image, then argmax over the labels.
Boxes still need a score threshold and non-maximum suppression by class.
Names and colours of the classes are in the metadata "card"."""


def describe(card: WeightsCard) -> dict[str, str]:
    """
    Return the metadata of an exported file.

    :return: ``format`` and ``card`` as in a weights file, ``anchors`` as JSON of
        describe_anchors, and ``outputs``, words on what to do with the outputs
    """
    return {**card_metadata(card), 'anchors': json.dumps(describe_anchors(card.config)),
            'outputs': HOW_TO_READ}


def describe_anchors(config: NetworkConfig) -> dict[str, Any]:
    """
    Return what the anchors can be laid out from, in the order of the outputs.

    For every layer, row, column and shape (width, height in input pixels), in this order, there
    is an anchor with its centre in the middle of the cell: x = (column + 0.5) W / columns.

    :return: plain data: ``variances`` (4) and ``layers``, each ``rows``, ``columns``, ``shapes``
    """
    if not config.detects:
        return {'variances': list(BOX_VARIANCES), 'layers': []}
    sizes = layer_sizes(config, config.input_height, config.input_width)
    return {'variances': list(BOX_VARIANCES), 'layers': [
        {'rows': sizes[layer][0], 'columns': sizes[layer][1], 'shapes': [*map(list, shapes)]}
        for layer, shapes in zip(detection_layers(config), anchor_shapes(config))]}

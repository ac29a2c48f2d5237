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

"""Labels that are wanted, out of those that the network tells apart."""

from dataclasses import replace
from typing import Collection

import cv2
import numpy as np

from triplenet_ros.classes import UNLABELLED
from triplenet_ros.inference.prediction import Prediction


def keep_labels(prediction: Prediction, labels: Collection[int]) -> Prediction:
    """
    Return a prediction whose pixels of all other labels are unlabelled.

    :param prediction: with or without a label map
    :param labels: index into ``segmentation_classes``
    """
    if prediction.label_map is None:
        return prediction
    table = np.full(256, UNLABELLED, np.uint8)
    table[list(labels)] = list(labels)
    return replace(prediction, label_map=cv2.LUT(prediction.label_map, table))

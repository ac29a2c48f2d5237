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

"""Overlays of frames, for the bag, a video and a contact sheet alike."""

from typing import Optional

import numpy as np

from triplenet_ros.bag.stored import Frame
from triplenet_ros.drawing.overlay import draw_overlay
from triplenet_ros.inference.prediction import Prediction


class Overlays:
    """
    Draws overlays, each once, however many ask for it.

    :param opacity: of the labels' colours, 0..1
    """

    def __init__(self, opacity: float = 0.5) -> None:
        """Begin with nothing drawn."""
        self._opacity = opacity
        self._prediction: Optional[Prediction] = None
        self._picture: Optional[np.ndarray] = None

    def __call__(self, frame: Frame, prediction: Prediction) -> np.ndarray:
        """Return (H, W, 3) uint8 RGB; treat it as read-only."""
        if self._prediction is not prediction:
            self._picture = draw_overlay(frame.image, prediction, self._opacity)
            self._prediction = prediction
        return self._picture

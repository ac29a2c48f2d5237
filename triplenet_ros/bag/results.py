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

"""What the network saw, as the messages of the node, into a bag."""

from typing import Any, Callable, Iterator, Optional

import numpy as np

from triplenet_ros.bag import topics
from triplenet_ros.bag.images import made_channel, stored
from triplenet_ros.bag.stored import Frame, StoredMessage
from triplenet_ros.classes import ClassSet
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.message_types import full_name, rosbags_types

Draw = Callable[[Frame, Prediction], np.ndarray]


class ResultMessages:
    """
    Turns predictions into the messages that the node would publish.

    :param network: name of the network, for detection_info
    :param draw: makes the overlay, (H, W, 3) uint8 RGB; None leaves that topic out
    """

    def __init__(self, network: str, draw: Optional[Draw]) -> None:
        """Set the channels."""
        self._network = network
        self._draw = draw
        self._types = rosbags_types()
        self._announced: Optional[ClassSet] = None
        image, latched = full_name('Image'), topics.LATCHED_QOS
        self._detections = made_channel(topics.DETECTIONS, full_name('Detection2DArray'))
        self._labels = made_channel(topics.LABEL_IMAGE, image)
        self._confidence = made_channel(topics.CONFIDENCE, image)
        self._overlay = made_channel(topics.OVERLAY, full_name('CompressedImage'))
        self._label_info = made_channel(topics.LABEL_INFO, full_name('LabelInfo'), latched)
        self._detection_info = made_channel(
            topics.DETECTION_INFO, full_name('VisionInfo'), latched)

    def of(self, frame: Frame, prediction: Prediction) -> Iterator[StoredMessage]:
        """Yield the messages of one frame, received when its image was."""
        for channel, message in self._messages(frame, prediction):
            yield stored(channel, frame.time_ns, message)

    def _messages(self, frame: Frame, prediction: Prediction) -> Iterator[tuple]:
        header, types = frame.header, self._types
        if self._announced != prediction.classes:
            self._announced = prediction.classes
            yield from self._info(header, prediction)
        yield self._detections, encode.detections(prediction, header, types)
        if prediction.label_map is not None:
            yield self._labels, encode.mono_image(prediction.label_map, header, types)
        if prediction.confidence is not None:
            yield self._confidence, encode.mono_image(prediction.confidence, header, types)
        if self._draw is not None:
            overlay = self._draw(frame, prediction)
            yield self._overlay, encode.compressed_image(overlay, header, types)

    def _info(self, header: Any, prediction: Prediction) -> Iterator[tuple]:
        classes = prediction.classes
        yield self._label_info, encode.label_info(classes, header, self._types)
        yield self._detection_info, encode.detection_info(
            classes, self._network, header, self._types)

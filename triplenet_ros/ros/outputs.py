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

"""The topics with the results of one camera."""

from typing import Any, Callable, Sequence

import numpy as np
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from triplenet_ros.drawing.overlay import color_labels, draw_overlay
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages import encode
from triplenet_ros.messages.annotations import image_annotations
from triplenet_ros.ros.message_types import foxglove_messages, rclpy_types

_RESULTS = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
_LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                      durability=DurabilityPolicy.TRANSIENT_LOCAL)
_TOPICS = {
    'detection': {'detections': 'Detection2DArray', 'detection_info': 'VisionInfo'},
    'segmentation': {'label_image': 'Image', 'label_color': 'Image', 'label_info': 'LabelInfo',
                     'confidence': 'Image'},
}


class Outputs:
    """
    Publishes what was found in the images of one camera.

    :param node: that publishes
    :param camera: its name, part of the topics' names; empty where there is one camera
    :param tasks: detection, segmentation or both; the topics of the other are not there
    :param network: name of the network
    """

    def __init__(self, node: LifecycleNode, camera: str, tasks: Sequence[str],
                 network: str) -> None:
        """Create the publishers; they are silent until the node is activated."""
        self._node = node
        self._network = network
        self._types = rclpy_types()
        self._announced = False
        self._foxglove = foxglove_messages()
        topics = {name: getattr(self._types, kind)
                  for task in tasks for name, kind in _TOPICS[task].items()}
        topics['overlay'] = self._types.Image
        if 'detection' in tasks and self._foxglove is not None:
            topics['image_annotations'] = self._foxglove.ImageAnnotations
        prefix = f'~/{camera}/' if camera else '~/'
        self._publishers = {
            name: node.create_lifecycle_publisher(
                kind, prefix + name, _LATCHED if name.endswith('_info') else _RESULTS)
            for name, kind in topics.items()}

    @property
    def wants_confidence(self) -> bool:
        """Whether someone subscribes to the confidence image."""
        return self._is_wanted('confidence')

    def publish(self, image: np.ndarray, header: Any, prediction: Prediction) -> None:
        """
        Publish everything that was found in one image, under its header.

        :param image: (H, W, 3) uint8 RGB
        :param header: of the image message
        :param prediction: of the image
        """
        if not self._announced:
            self._announce(header, prediction)
        if 'detections' in self._publishers:
            self._send('detections', encode.detections(prediction, header, self._types))
        if prediction.label_map is not None:
            self._send('label_image', encode.mono_image(
                prediction.label_map, header, self._types))
            self._send_picture('label_color', header, lambda: color_labels(
                prediction.label_map, prediction.classes))
        if prediction.confidence is not None and self.wants_confidence:
            self._send('confidence', encode.mono_image(
                prediction.confidence, header, self._types))
        if self._is_wanted('image_annotations'):
            self._send('image_annotations', image_annotations(
                prediction, image.shape[1], header, self._foxglove))
        self._send_picture('overlay', header, lambda: draw_overlay(image, prediction))

    def destroy(self) -> None:
        """Take the topics away."""
        for publisher in self._publishers.values():
            self._node.destroy_lifecycle_publisher(publisher)
        self._publishers = {}

    def _announce(self, header: Any, prediction: Prediction) -> None:
        """Publish the names of classes, once: whoever subscribes later gets them too."""
        self._announced = True
        classes = prediction.classes
        if 'label_info' in self._publishers:
            self._send('label_info', encode.label_info(classes, header, self._types))
        if 'detection_info' in self._publishers:
            self._send('detection_info', encode.detection_info(
                classes, self._network, header, self._types))

    def _send_picture(self, name: str, header: Any, draw: Callable[[], np.ndarray]) -> None:
        """Draw and publish a picture, if someone subscribes to it."""
        if self._is_wanted(name):
            self._send(name, encode.rgb_image(draw(), header, self._types))

    def _is_wanted(self, name: str) -> bool:
        publisher = self._publishers.get(name)
        return publisher is not None and publisher.get_subscription_count() > 0

    def _send(self, name: str, message: Any) -> None:
        self._publishers[name].publish(message)

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

"""One camera: where its images come from, and when the last one came."""

import re
import time
from typing import Any, Callable, Optional

from rclpy.node import Node
from rclpy.qos import (
    qos_check_compatible, QoSCompatibility, QoSProfile, ReliabilityPolicy)
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CompressedImage, Image


class Camera:
    """
    Subscribes to the images of one camera.

    :param node: that subscribes
    :param name: of the camera; empty where there is one
    :param transport: ``raw`` or ``compressed``
    """

    def __init__(self, node: Node, name: str, transport: str) -> None:
        """Find the topic; nothing is subscribed yet."""
        self._node = node
        self.name = name
        self.topic = node.resolve_topic_name(f'{name}/image' if name else 'image')
        self._type = Image
        if transport == 'compressed':
            # image_transport appends the transport to the name that remapping gave.
            self.topic += '/compressed'
            self._type = CompressedImage
        self._subscription: Optional[Any] = None
        self.last_image = 0.0
        """When the last image came, or the subscription was made, by ``time.monotonic``."""

    @property
    def is_rectified(self) -> bool:
        """Whether the topic has one of the names that CameraInfo keeps for rectified images."""
        return re.search('/image_rect[^/]*(/compressed)?$', self.topic) is not None

    @property
    def silence(self) -> float:
        """Seconds since the last image, or since the subscription was made."""
        return time.monotonic() - self.last_image

    def subscribe(self, on_image: Callable[['Camera', Any], None], depth: int = 1) -> None:
        """
        Let every image come to a function.

        :param on_image: gets this camera and the message
        :param depth: images that may wait for it
        """
        self.last_image = time.monotonic()

        def receive(message: Any) -> None:
            self.last_image = time.monotonic()
            on_image(self, message)

        # Best effort matches every publisher; where the newest counts a queue would only make it
        # wait. Made anew each time: rclpy writes the overrides into it.
        newest = QoSProfile(depth=depth, reliability=ReliabilityPolicy.BEST_EFFORT)
        self._subscription = self._node.create_subscription(
            self._type, self.topic, receive, newest,
            qos_overriding_options=QoSOverridingOptions.with_default_policies())

    def unsubscribe(self) -> None:
        """Let no more images come."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def describe_publishers(self) -> str:
        """Return who publishes on the topic, of what type and with which QoS, in words."""
        found = self._node.get_publishers_info_by_topic(self.topic)
        return '; '.join(self._describe(publisher) for publisher in found) or 'no publisher'

    def _describe(self, publisher: Any) -> str:
        qos = publisher.qos_profile
        text = (f'{publisher.node_namespace.rstrip("/")}/{publisher.node_name} '
                f'({qos.reliability.name.lower()}, {qos.durability.name.lower()})')
        wanted = f'sensor_msgs/msg/{self._type.__name__}'
        if publisher.topic_type != wanted:
            return f'{text} publishes {publisher.topic_type}, not {wanted}'
        if self._subscription is None:
            return text
        match, reason = qos_check_compatible(qos, self._subscription.qos_profile)
        return f'{text} does not match: {reason}' if match == QoSCompatibility.ERROR else text

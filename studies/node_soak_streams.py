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

"""The images that are shown to a node, and whether what comes back are their results."""

from collections import Counter
import random
import sys
from threading import Event, Lock
from time import sleep
from typing import Any, Sequence

import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from soak import make_image
from triplenet_ros.messages.message_types import byte_array

SECOND = 1_700_000_000
NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


class Heard:
    """Knows which images of a camera there were, and what came of them on one topic."""

    def __init__(self, camera: str) -> None:
        """Know of nothing yet."""
        self._camera = camera
        self._lock = Lock()
        self._begun = self._published = self._last = 0
        self._sizes: dict[int, tuple[int, int]] = {}
        self._quiet = [(0, 0)]
        self.wrong: list = []
        self.count = 0

    def announce(self, stamp: int, height: int, width: int) -> None:
        """Take note of an image that is about to be published."""
        with self._lock:
            self._begun = stamp
            self._sizes[stamp] = height, width
            self._sizes.pop(stamp - 100_000, None)

    def published(self, stamp: int) -> None:
        """Take note of an image that has been published."""
        with self._lock:
            self._published = stamp

    def fall_quiet(self) -> None:
        """From now on the node is inactive."""
        with self._lock:
            self._quiet.append((self._begun, sys.maxsize))

    def speak(self) -> None:
        """From now on the node may be active."""
        with self._lock:
            self._quiet[-1] = self._quiet[-1][0], self._published

    def take(self, message: Any) -> None:
        """Take note of a result."""
        with self._lock:
            self.count += 1
            stamp, last, self._last = message.header.stamp.nanosec, self._last, max(
                self._last, message.header.stamp.nanosec)
            problem = self._problem(message, stamp, last)
            if problem:
                self.wrong.append(f'{self._camera}: result of {stamp} {problem}')

    def _problem(self, message: Any, stamp: int, last: int) -> str:
        if stamp not in self._sizes or message.header.stamp.sec != SECOND or (
                message.header.frame_id != frame_id(self._camera, stamp)):
            return f'has the header of no image: {message.header}'
        if stamp <= last:
            return f'came after that of {last}'
        if any(begin < stamp <= end for begin, end in self._quiet[-2:]):
            return 'is of a time when the node was inactive'
        if hasattr(message, 'height') and (message.height, message.width) != self._sizes[stamp]:
            return f'is {message.height}x{message.width}, the image {self._sizes[stamp]}'
        return ''


def frame_id(camera: str, stamp: int) -> str:
    """Return the frame of an image, which changes from one to the next."""
    return f'{camera}_{stamp % 7}'


class Camera:
    """
    Publishes images faster than anybody could work on them.

    :param node: that publishes
    :param name: of the camera
    :param chance: of the faults in them
    :param heard: know what comes of them, one for each topic of results
    """

    def __init__(self, node: Node, name: str, chance: random.Random, heard: Sequence[Heard]
                 ) -> None:
        """Publish nothing yet."""
        self._node, self._name, self._chance, self._heard = node, name, chance, heard
        self.away = False
        """Whether it is gone, its publisher too."""
        self.published = 0
        self.injected: Counter = Counter()

    def run(self, over: Event) -> None:
        """Publish until it is over."""
        while not over.is_set():
            publisher = self._node.create_publisher(Image, f'{self._name}/image', NEWEST)
            while not self.away and not over.is_set():
                self._publish_to(publisher)
                sleep(self._chance.choice((0, 0, 0.0005, 0.002)))
            self._node.destroy_publisher(publisher)
            while self.away and not over.wait(0.01):
                pass

    def _publish_to(self, publisher: Any) -> None:
        self.published += 1
        message, fault = image_message(self._chance, self._name, self.published)
        self.injected.update([fault] if fault else [])
        for heard in self._heard:
            heard.announce(self.published, message.height, message.width)
        publisher.publish(message)
        for heard in self._heard:
            heard.published(self.published)


def image_message(chance: random.Random, camera: str, stamp: int) -> tuple[Image, str]:
    """Return an image, and what is wrong with it."""
    made, fault = make_image(chance, stamp)
    message = Image(height=made.height, width=made.width, encoding=made.encoding, step=made.step,
                    data=byte_array(np.asarray(made.data)))
    message.header.frame_id = frame_id(camera, stamp)
    message.header.stamp.sec, message.header.stamp.nanosec = SECOND, stamp
    return message, fault

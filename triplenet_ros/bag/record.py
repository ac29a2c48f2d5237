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

"""A video or a folder of images as the bag that a camera would have left."""

from typing import Callable, Optional, Protocol

import numpy as np

from triplenet_ros.bag.images import FIRST_STAMP_NS, stamp_ns
from triplenet_ros.bag.pictures import Pictures
from triplenet_ros.bag.sink import BagSink
from triplenet_ros.bag.stored import StoredMessage
from triplenet_ros.interrupt import deferred_interrupt


class MakesMessages(Protocol):
    """RawImages or CompressedImages."""

    def message(self, picture: np.ndarray, time_ns: int) -> StoredMessage:
        """Return the message of a (H, W, 3) uint8 RGB picture."""


def record(pictures: Pictures, images: MakesMessages, sink: BagSink, *,
           frame_rate: Optional[float] = None,
           on_frame: Callable[[], None] = lambda: None) -> tuple[int, bool]:
    """
    Write one message for each picture, stamped by its own time or by a rate.

    :param frame_rate: pictures per second, by which they are stamped; None: by their own times
    :param on_frame: called after each
    :returns: how many were written, and whether Ctrl-C ended it early
    """
    count = 0
    with deferred_interrupt() as interrupt:
        for time_ns, picture in pictures.frames():
            stamp = stamp_ns(count, frame_rate) if frame_rate else FIRST_STAMP_NS + time_ns
            sink.write(images.message(picture, stamp))
            count += 1
            on_frame()
            if interrupt.seen:
                break
    return count, interrupt.seen

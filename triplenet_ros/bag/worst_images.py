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

"""Camera images for the frames that are worth a look."""

from dataclasses import replace
from pathlib import Path
from typing import Optional, Sequence

from triplenet_ros.bag.bag_index import stamp_in
from triplenet_ros.bag.source import open_source
from triplenet_ros.evaluation.worst import WorstFrame
from triplenet_ros.messages.decode import BadImage


def with_images(worst: Sequence[WorstFrame], path: Path,
                topic: Optional[str]) -> list[WorstFrame]:
    """
    Return the frames with the images of their stamps, as far as the recording has them.

    :param worst: frames without images
    :param path: of the recording, which is read once more
    :param topic: of the images; None = there is none
    """
    if topic is None or not worst:
        return list(worst)
    wanted = {one.frame.stamp_ns for one in worst}
    images = {}
    with open_source(path, topic) as source:
        for message in source.messages():
            if message.channel is not source.image_channel or stamp_in(message) not in wanted:
                continue
            try:
                images.setdefault(stamp_in(message), source.decode(message).image)
            except BadImage:
                continue
            if len(images) == len(wanted):
                break
    return [replace(one, image=images.get(one.frame.stamp_ns)) for one in worst]

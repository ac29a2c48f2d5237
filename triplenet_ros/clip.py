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
"""The real drive that the package brings: a clip of a dash camera on a highway."""

from pathlib import Path
from typing import Iterator

import cv2
import numpy as np

from triplenet_ros.errors import InputError

CLIP = Path(__file__).parent / 'clips' / 'highway.mp4'
"""221 frames, 960x540, 25 a second; Udacity's, MIT licence, whose text is beside it."""


def clip_frames(count: int) -> Iterator[np.ndarray]:
    """
    Read some frames of the clip, spread evenly over it.

    :param count: how many, at least 1; no more than there are
    :return: each (540, 960, 3) uint8 RGB
    :raises InputError: if this OpenCV cannot read the clip
    """
    video = cv2.VideoCapture(str(CLIP))
    try:
        total = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
        wanted = {index * total // count for index in range(count)}
        for index in range(max(total, 1)):
            # Each builds on the one before: all are decoded, and few turned into pictures.
            if not video.grab():
                raise InputError(f'{CLIP} cannot be read: this OpenCV has no decoder for H.264')
            if index in wanted:
                yield cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2RGB)
    finally:
        video.release()

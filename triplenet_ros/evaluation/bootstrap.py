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

"""Choices of frames by chance, in blocks: neighbours of a drive are not independent."""

import numpy as np


def block_length(stamps: np.ndarray, seconds: float) -> int:
    """
    Return how many frames a block has.

    :param stamps: (N,) int64 nanoseconds, rising
    :param seconds: that a block lasts; it is shorter where fewer than ten would fit
    """
    if len(stamps) < 2:
        return 1
    step = float(np.median(np.diff(stamps))) / 1e9
    return int(np.clip(round(seconds / step) if step > 0 else 1, 1, max(1, len(stamps) // 10)))


def block_weights(count: int, length: int, choices: int, seed: int = 0) -> np.ndarray:
    """
    Choose blocks of consecutive frames with replacement until there are as many as before.

    Blocks go round the end, so that every frame is as likely as any other.

    :param count: N frames
    :param length: of a block
    :param choices: C, how many
    :param seed: of the chance
    :returns: (C, N) uint16, how often each frame was chosen
    """
    random = np.random.default_rng(seed)
    weights = np.zeros((choices, count), np.uint16)
    blocks = -(-count // length)
    for row in weights:
        starts = random.integers(0, count, blocks)
        frames = ((starts[:, None] + np.arange(length)) % count).ravel()[:count]
        row += np.bincount(frames, minlength=count).astype(np.uint16)
    return weights

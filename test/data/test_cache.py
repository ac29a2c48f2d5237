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

"""Decoded samples are kept as long as they fit."""

import numpy as np

from triplenet_ros.data.cache import InMemory
from triplenet_ros.sample import Sample


class Counting:
    """Ten samples of 300 bytes, and how often each was decoded."""

    classes = None

    def __init__(self):
        self.decoded = [0] * 10

    def __len__(self):
        return 10

    def __getitem__(self, index):
        self.decoded[index] += 1
        return Sample(str(index), np.zeros((10, 10, 3), np.uint8))


def test_a_sample_is_decoded_once():
    dataset = Counting()
    memory = InMemory(dataset)
    assert [memory[index].name for index in (*range(10), *range(10))] == list('0123456789') * 2
    assert dataset.decoded == [1] * 10


def test_what_does_not_fit_is_decoded_every_time():
    dataset = Counting()
    memory = InMemory(dataset, limit=700)
    for index in (*range(10), *range(10)):
        assert memory[index].name == str(index)
    assert dataset.decoded == [1, 1] + [2] * 8

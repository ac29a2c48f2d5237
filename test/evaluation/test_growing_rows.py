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

"""Rows that come a few at a time keep their order, and cost no more than they hold."""

import tracemalloc

import numpy as np

from triplenet_ros.evaluation.growing_rows import GrowingRows

ROW = np.dtype([('number', np.int32), ('score', np.float32)])


def some(first, count):
    rows = np.zeros(count, ROW)
    rows['number'] = np.arange(first, first + count)
    return rows


def test_rows_come_out_in_their_order_however_often_they_are_looked_at():
    growing, count = GrowingRows(ROW), 0
    assert len(growing.joined()) == 0 and growing.joined().dtype == ROW
    for part in range(3000):
        growing.append(some(count, part % 3))
        count += part % 3
        if part % 700 == 0:
            assert growing.joined()['number'].tolist() == list(range(count))
    assert growing.joined()['number'].tolist() == list(range(count))


def test_many_small_parts_cost_what_they_hold():
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        growing = GrowingRows(ROW)
        for part in range(20_480):
            growing.append(some(2 * part, 2))
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept < 1.2 * growing.joined().nbytes

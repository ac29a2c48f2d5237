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

"""The time of each stage."""

import torch

from triplenet_ros.inference import stopwatch
from triplenet_ros.inference.stopwatch import Stopwatch


def test_stages_take_the_time_between_their_ends(monkeypatch):
    clock = iter([10.0, 10.5, 20.0, 22.0])
    monkeypatch.setattr(stopwatch, 'perf_counter', lambda: next(clock))
    watch = Stopwatch(torch.device('cpu'))
    for name in ('first', 'second'):
        with watch.stage(name):
            pass
    watch.wait()
    assert watch.seconds() == {'first': 0.5, 'second': 2.0}

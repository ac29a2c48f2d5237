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

"""Subjects of known speed."""

from types import SimpleNamespace

import numpy as np
import pytest

from triplenet_ros.benchmark.measure import measure
from triplenet_ros.benchmark.measure import Subject
from triplenet_ros.benchmark.rows import make_rows

IMAGES = [np.full((4, 6, 3), index, np.uint8) for index in range(5)]


class Bench:
    """A clock, and subjects that move it on; ``calls`` lists who ran on which images."""

    def __init__(self):
        self.now = 0.0
        self.calls = []

    def clock(self):
        return self.now

    def subject(self, forward, *, preprocess=0.001, postprocess=0.002, **fields):
        """Return a subject whose n-th call takes forward(n) seconds, or always the same."""
        calls = []

        def run(images):
            taken = forward(len(calls)) if callable(forward) else forward
            calls.append(taken)
            self.calls.append((subject, [int(image[0, 0, 0]) for image in images]))
            self.now += preprocess + taken + postprocess
            return {'preprocess': preprocess, 'forward': taken, 'postprocess': postprocess}

        subject = Subject(**{
            'network': 'net', 'weights': None, 'input_size': (4, 6), 'classes': (3, 11),
            'backend': 'torch', 'device': 'cpu', 'precision': 'float32',
            'reason': 'why not', 'asked': (fields.get('backend', 'torch'), 'auto'), 'batch': 1,
            'images': IMAGES, 'run': run, **fields})
        return subject

    def rows(self, subjects, runs=6):
        """Measure, and return the figures."""
        return make_rows(subjects, measure(subjects, runs, clock=self.clock))


@pytest.fixture
def bench():
    """Return a new one."""
    return Bench()


@pytest.fixture
def shoot_out(bench):
    """Return rows of two networks of ours, each eager and chosen, beside torchvision's."""
    subjects = [
        bench.subject(0.100, backend='eager'),
        bench.subject(0.020, backend='openvino', asked=('auto', 'auto')),
        bench.subject(0.300, backend='eager', batch=2),
        bench.subject(0.050, backend='torch', network='other', classes=(20, 21)),
        bench.subject(0.010, backend='torch', network='boxes only', classes=(3, 0)),
        *(bench.subject(seconds, backend='torchvision', network=name, classes=classes,
                        batch=batch, asked=('torchvision', 'float32'))
          for name, seconds, classes, batch in (
              ('retinanet', 0.200, (3, 0), 1), ('ssd', 0.100, (3, 0), 1),
              ('retinanet', 0.400, (3, 0), 2), ('fcn', 0.300, (0, 11), 1),
              ('fcn', 0.600, (0, 11), 2)))]
    rows = bench.rows(subjects)
    return SimpleNamespace(bench=bench, subjects=subjects, rows=rows)

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

"""What the tests of commands share."""

import os
from signal import SIGINT

import pytest


class Interrupted:
    """A predictor during each of whose images the process is asked to end."""

    network, backend, device = 'tiny', 'none', 'cpu'

    def __init__(self, predictor, number):
        self._predict, self._number = predictor, number
        self.classes = predictor.classes

    def __call__(self, image):
        os.kill(os.getpid(), self._number)
        return self._predict(image)


@pytest.fixture
def interrupt(monkeypatch, tiny_predictor):
    """Return a function: from now on these commands are asked to end while they predict."""
    def at_work(*commands, number=SIGINT):
        for command in commands:
            monkeypatch.setattr(command, 'load_predictor',
                                lambda *_, **__: Interrupted(tiny_predictor, number))

    return at_work

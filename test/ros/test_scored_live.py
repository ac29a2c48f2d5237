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

"""What is played, recorded and scored live scores as the images do that the bag was made of."""

from importlib.util import find_spec
import json
from pathlib import Path
import sys

import pytest

STUDY = Path(__file__).resolve().parents[2] / 'studies' / 'live_score.py'
WAIT = 600


@pytest.mark.skipif(find_spec('ros2bag') is None, reason='needs ros2 bag')
def test_recording_and_evaluation_node_score_as_the_images_do(start, tiny_weights, tmp_path):
    options = {'data': 'scenes', 'weights': tiny_weights, 'backend': 'torch',
               'precision': 'float32', 'rate': 0.5, 'out': tmp_path / 'run',
               'json': tmp_path / 'figures.json'}
    study = start(sys.executable, str(STUDY),
                  *(str(word) for name, value in options.items() for word in (f'--{name}', value)),
                  *(word for option in ('count=30', 'height=48', 'width=80')
                    for word in ('--data-option', option)))
    assert study.wait(WAIT) == 0, (tmp_path / 'output').read_text()
    figures = json.loads((tmp_path / 'figures.json').read_text())
    for scored in (figures['recording'], figures['evaluation_node']):
        assert scored['scored'] > 0 and scored['mIoU'] > 0 and scored['compared'] > 30
        assert scored['largest_difference'] <= 1e-6

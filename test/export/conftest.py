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

"""What the tests of exported files share."""

from pathlib import Path

import numpy as np
import pytest

from triplenet_ros.export.write import export
from triplenet_ros.inference.weights import WeightsCard

ENDINGS = {'onnx': '.onnx', 'openvino': '.xml'}


@pytest.fixture(scope='session')
def card(tiny_config):
    """Return a card with something in every field; OpenVINO keeps it in XML."""
    return WeightsCard(tiny_config, 'noise & <snow>', 'triplenet train "noise"', {'noise': 0.5})


@pytest.fixture(scope='session')
def noise():
    """Return images of two sizes."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((50, 90), (64, 96))]


@pytest.fixture(scope='session', params=ENDINGS)
def exported(request, tmp_path_factory, tiny_network, card, noise) -> Path:
    """Return the tiny network as a file of each format; not to be changed."""
    pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime' if request.param == 'onnx' else request.param)
    path = tmp_path_factory.mktemp('exported') / f'tiny{ENDINGS[request.param]}'
    export(tiny_network, card, request.param, path, noise)
    return path

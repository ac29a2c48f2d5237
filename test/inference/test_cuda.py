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

"""On a GPU: the same answers, nothing waited for on the way, no memory that grows."""

import numpy as np
import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.inference.backends import PyTorchBackend

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')


@pytest.fixture
def predictor(tiny_network):
    """Return one on the GPU."""
    return Predictor(tiny_network, device='cuda', backend='torch', precision='float32',
                     score_threshold=0.2, confidence=True)


def pictures(count):
    """Return images of several sizes."""
    random = np.random.default_rng(count)
    return [random.integers(0, 256, (90 + 40 * (index % 3), 160, 3), np.uint8)
            for index in range(count)]


def test_answers_are_those_of_a_cpu(predictor, tiny_network):
    cpu = Predictor(tiny_network, device='cpu', backend='torch', score_threshold=0.2,
                    confidence=True)
    for image, given in zip(pictures(6), predictor.stream(pictures(6))):
        expected = cpu(image)
        assert (given.label_map == expected.label_map).mean() > 0.99
        assert abs(len(given.boxes) - len(expected.boxes)) <= 2
        assert abs(given.scores[:10] - expected.scores[:10]).max() < 1e-2
        assert set(given.timings) == {'preprocess', 'forward', 'postprocess'}
        assert min(given.timings.values()) > 0


def test_streamed_answers_are_those_of_single_calls(predictor):
    images = pictures(7)
    for image, streamed in zip(images, predictor.stream(images)):
        single = predictor(image)
        np.testing.assert_array_equal(streamed.label_map, single.label_map)
        np.testing.assert_array_equal(streamed.boxes, single.boxes)


@pytest.mark.parametrize('batch', [1, 3])
def test_a_recorded_graph_answers_as_the_network(tiny_network, batch):
    images = torch.randint(0, 256, (batch, 64, 96, 3), dtype=torch.uint8, device='cuda')
    backend = PyTorchBackend(tiny_network, 'cuda', 'float32')
    first = backend(images, True, True)
    backend(255 - images, True, True)
    network = backend._network
    with torch.inference_mode():
        expected = network(images.permute(0, 3, 1, 2))
    for name in ('class_logits', 'box_codes', 'segmentation'):
        torch.testing.assert_close(getattr(first, name), getattr(expected, name))


def test_nothing_is_waited_for_before_the_end(predictor):
    images = pictures(3)
    predictor.batch(images)
    torch.cuda.set_sync_debug_mode('error')
    try:
        batch = predictor._begin(images)
    finally:
        torch.cuda.set_sync_debug_mode('default')
    assert len(predictor._finish(batch)) == 3


def test_no_memory_is_allocated_frame_after_frame(predictor):
    images = pictures(3)
    for _ in range(5):
        predictor.batch(images)
    reserved = torch.cuda.memory_reserved()
    for _ in range(50):
        predictor.batch(images)
    assert torch.cuda.memory_reserved() == reserved

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

"""The predictor answers in the pixels of the image it was given."""

import numpy as np
import pytest
import torch

from triplenet_ros import Predictor
from triplenet_ros.errors import InputError
from triplenet_ros.inference import runner
from triplenet_ros.inference.postprocess import select_boxes
from triplenet_ros.inference.suppression import suppress_exactly
from triplenet_ros.inference.weights import save_weights, WeightsCard

SIZES = [(540, 960), (375, 1242), (301, 517), (1, 1), (64, 96)]


def noise(height, width, seed=0):
    """Return a random image."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize('height, width', SIZES)
def test_boxes_and_labels_are_in_the_images_pixels(tiny_predictor, height, width):
    prediction = tiny_predictor(noise(height, width))
    assert prediction.label_map.shape == (height, width)
    assert prediction.label_map.dtype == np.uint8 and prediction.label_map.max() < 11
    assert prediction.boxes.dtype == np.float32 and prediction.boxes.shape[1] == 4
    assert (prediction.boxes >= 0).all()
    assert (prediction.boxes <= [width, height, width, height]).all()
    assert (np.diff(prediction.scores) <= 0).all() and len(prediction.scores)
    assert set(prediction.timings) == {'preprocess', 'forward', 'postprocess'}


def test_a_batch_of_different_sizes_is_the_images_one_by_one(tiny_predictor):
    images = [noise(*size, seed) for seed, size in enumerate(SIZES)]
    for together, alone in zip(tiny_predictor.batch(images), map(tiny_predictor, images)):
        np.testing.assert_allclose(together.scores, alone.scores, atol=1e-4)
        np.testing.assert_allclose(together.boxes, alone.boxes, atol=1e-2)
        assert (together.label_map == alone.label_map).mean() > 0.999


def test_an_empty_batch_is_no_predictions(tiny_predictor):
    assert tiny_predictor.batch([]) == []


def test_streamed_images_are_predicted_in_their_order(tiny_predictor):
    images = [noise(90, 160, seed) for seed in range(4)]
    streamed = list(tiny_predictor.stream(iter(images)))
    for image, given in zip(images, streamed):
        expected = tiny_predictor(image)
        np.testing.assert_array_equal(given.boxes, expected.boxes)
        np.testing.assert_array_equal(given.label_map, expected.label_map)
    assert len(streamed) == 4 and list(tiny_predictor.stream([])) == []


def test_an_image_is_begun_before_the_last_one_is_waited_for(tiny_predictor, monkeypatch):
    events = []
    for step in ('_begin', '_finish'):
        def traced(argument, step=step, run=getattr(tiny_predictor, step)):
            events.append(step)
            return run(argument)
        monkeypatch.setattr(tiny_predictor, step, traced)
    list(tiny_predictor.stream([noise(64, 96)] * 3))
    assert events == ['_begin', '_begin', '_finish', '_begin', '_finish', '_finish']


def test_boxes_that_are_not_final_are_selected_again(tiny_predictor, monkeypatch):
    image = noise(64, 96)
    expected = tiny_predictor(image)
    assert len(expected.boxes) > 1

    def not_final(*case):
        return select_boxes(*case)._replace(final=torch.tensor(suppress_exactly in case))

    monkeypatch.setattr(runner, 'select_boxes', not_final)
    monkeypatch.setattr(runner, 'to_host', lambda tensor: (  # what must not be used
        torch.zeros_like(tensor) if tensor.ndim else tensor))
    np.testing.assert_array_equal(tiny_predictor(image).boxes, expected.boxes)


def test_two_runs_give_the_same_bytes(tiny_predictor):
    first, second = (tiny_predictor(noise(120, 200)) for _ in range(2))
    assert first.boxes.tobytes() == second.boxes.tobytes()
    assert first.label_map.tobytes() == second.label_map.tobytes()


def test_only_the_wanted_tasks_are_answered(tiny_network):
    detector, segmenter = (
        Predictor(tiny_network, device='cpu', backend='torch', tasks=[task])(noise(50, 60))
        for task in ('detection', 'segmentation'))
    assert detector.label_map is None and segmenter.boxes.shape == (0, 4)
    assert segmenter.label_map.shape == (50, 60)


def test_confidence_is_given_when_asked_for(tiny_network, tiny_predictor):
    assert tiny_predictor(noise(50, 60)).confidence is None
    predictor = Predictor(tiny_network, device='cpu', backend='torch', confidence=True)
    confidence = predictor(noise(50, 60)).confidence
    assert confidence.shape == (50, 60) and confidence.dtype == np.uint8 and confidence.min() > 0


def test_weights_bring_the_score_that_boxes_are_reported_from(tiny_network, tmp_path):
    path, own = tmp_path / 'own.safetensors', tmp_path / 'none.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_network.config, score_threshold=0.21))
    save_weights(own, tiny_network, WeightsCard(tiny_network.config))
    options = {'device': 'cpu', 'backend': 'torch'}
    assert Predictor.load(path, **options).thresholds.score == 0.21
    assert Predictor.load(path, score_threshold=0.5, **options).thresholds.score == 0.5
    assert Predictor.load(own, **options).thresholds.score == 0.3


def test_a_larger_input_is_the_image_seen_in_more_pixels(tiny_network, tmp_path):
    path, image = tmp_path / 'tiny.safetensors', noise(128, 192)
    save_weights(path, tiny_network, WeightsCard(tiny_network.config), torch.float32)
    options = {'device': 'cpu', 'backend': 'torch', 'score_threshold': 0.2}
    predictor = Predictor.load(path, input_size='128x192', **options)
    given, usual = predictor(image), Predictor.load(path, **options)(image)
    assert (predictor.config.input_height, predictor.config.input_width) == (128, 192)
    with torch.no_grad():
        logits = tiny_network(torch.from_numpy(image).permute(2, 0, 1)[None]).segmentation
    labels = torch.nn.functional.interpolate(logits, (128, 192), mode='bilinear').argmax(1)[0]
    assert (given.label_map == labels.numpy()).mean() > 0.999 > (
        usual.label_map == labels.numpy()).mean()
    assert len(given.boxes) and (given.boxes <= [192, 128, 192, 128]).all()


@pytest.mark.parametrize('size', ['', '544', '544x', 'x960', '540x960', '32x64', '544x8192',
                                  '544x960x3', '-544x960', '544.0x960', 'Auto'])
def test_an_input_size_that_no_network_sees_is_refused_before_weights_are_read(size):
    with pytest.raises(InputError, match=f'input_size is {size!r}, must be auto or HxW'):
        Predictor.load('missing', input_size=size)


@pytest.mark.parametrize('image', [
    np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32),
    np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_image_is_refused(tiny_predictor, image):
    with pytest.raises(InputError, match='image is'):
        tiny_predictor(image)


@pytest.mark.parametrize('options, message', [
    ({'score_threshold': 1.5}, 'score_threshold is 1.5, must be in -1..1'),
    ({'max_detections': 0}, 'max_detections is 0'),
    ({'tasks': []}, 'tasks is'), ({'tasks': ['depth']}, "'depth'"),
    ({'device': 'tpu9'}, "device is 'tpu9'"), ({'device': 'cuda:99'}, 'GPUs'),
    ({'backend': 'tensorflow'}, "backend is 'tensorflow'"),
    ({'precision': 'int4'}, "precision is 'int4'")])
def test_a_bad_option_is_refused_with_what_is_allowed(tiny_network, options, message):
    with pytest.raises(InputError, match=message):
        Predictor(tiny_network, **{'device': 'cpu', **options})


@pytest.mark.parametrize('part', ['class_logits', 'box_codes', 'segmentation'])
@pytest.mark.parametrize('value', [float('nan'), float('inf'), float('-inf')])
def test_nan_and_infinity_out_of_the_network_are_an_error_not_boxes_and_labels(
        tiny_network, monkeypatch, part, value):
    predictor = Predictor(tiny_network, device='cpu', backend='torch', confidence=True)
    backend = predictor._backend

    def spoilt(*arguments):
        output = backend(*arguments)
        changed = getattr(output, part).clone()
        changed[(-1,) * changed.ndim] = value
        return output._replace(**{part: changed})

    spoilt.device, spoilt.precision = backend.device, backend.precision
    monkeypatch.setattr(predictor, '_backend', spoilt)
    with pytest.raises(InputError, match='tiny gave NaN or infinity in float32'):
        predictor(noise(64, 96))
    monkeypatch.setattr(predictor, '_backend', backend)
    assert len(predictor(noise(64, 96)).label_map)

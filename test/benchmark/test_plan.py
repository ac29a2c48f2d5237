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

"""What is asked for becomes rows; what cannot be is told."""

from functools import partial

import pytest
import torch

from triplenet_ros.benchmark import engine as engine_module
from triplenet_ros.benchmark.engine import Built, Engine
from triplenet_ros.benchmark.networks import RandomNetwork, TrainedNetwork
from triplenet_ros.benchmark.plan import Plan
from triplenet_ros.benchmark.plan import prepare
from triplenet_ros.inference.runner import DEFAULT_SCORE
from triplenet_ros.inference.weights import save_weights, WeightsCard
from triplenet_ros.network.registry import NETWORKS


def engine(name, build, size=(16, 16)):
    """Return an engine that is built by a function."""
    return Engine(name, None, size, (3, 11), ('torch', 'auto'), (16, 16), build)


def built(run=lambda images: {'preprocess': 0, 'forward': 0, 'postprocess': 0}):
    """Return an engine's outcome."""
    return Built(run, 'torch', 'cpu', 'float32', 'why not')


def asked(plan):
    """Return what each engine of a plan is."""
    return [(each.network, *each.asked, each.image_size) for each in plan.engines()]


def test_every_combination_is_asked_for_once(tiny_config):
    plan = Plan([RandomNetwork(tiny_config)], ('eager', 'torch', 'torch'),
                ('float32', 'bfloat16'), (1, 2), image_size=(30, 40))
    assert asked(plan) == [('tiny', 'eager', 'float32', (30, 40)),
                           ('tiny', 'torch', 'float32', (30, 40)),
                           ('tiny', 'torch', 'bfloat16', (30, 40))]


def test_rivals_run_on_images_of_our_input_size_with_our_classes():
    names = ('triplenet300-r50', 'pairnet300-r50', 'triplenet-drive', 'ssd512-r50')
    plan = Plan([RandomNetwork(NETWORKS[name]) for name in names], ('torch',), image_size=None,
                rivals=['torchvision'])
    rivals = [each for each in plan.engines() if each.asked[0] == 'torchvision']
    assert all(each.image_size == each.input_size for each in plan.engines())
    assert [(each.network, each.input_size, each.classes) for each in rivals] == [
        ('ssd300_vgg16', (300, 300), (20, 0)),
        ('retinanet_resnet50_fpn', (300, 300), (20, 0)),
        ('fasterrcnn_resnet50_fpn', (300, 300), (20, 0)),
        ('fcn_resnet50', (300, 300), (0, 21)),
        ('deeplabv3_resnet50', (300, 300), (0, 21)),
        ('lraspp_mobilenet_v3_large', (300, 300), (0, 21)),
        ('retinanet_resnet50_fpn', (384, 640), (7, 0)),
        ('fasterrcnn_resnet50_fpn', (384, 640), (7, 0)),
        ('fcn_resnet50', (384, 640), (0, 19)),
        ('deeplabv3_resnet50', (384, 640), (0, 19)),
        ('lraspp_mobilenet_v3_large', (384, 640), (0, 19)),
        ('retinanet_resnet50_fpn', (512, 512), (20, 0)),
        ('fasterrcnn_resnet50_fpn', (512, 512), (20, 0))]


def test_boxes_of_all_are_selected_from_the_score_of_the_weights_on(
        tiny_config, tiny_network, tmp_path, monkeypatch):
    path = tmp_path / 'tiny.safetensors'
    save_weights(path, tiny_network, WeightsCard(tiny_config, score_threshold=0.43))
    scores = []

    def rival(name, *arguments):
        scores.append((name, arguments[-1]))
        return built().run

    def building(network, *way):
        predictor = network.predictor(*way)
        scores.append(('ours', predictor.thresholds.score))
        return built()

    monkeypatch.setattr(engine_module, '_build_predictor', building)
    monkeypatch.setattr(engine_module, 'make_labels_run', lambda *_: built().run)
    for name in ('make_boxes_run', 'make_yolo_run'):
        monkeypatch.setattr(engine_module, name, partial(rival, name))
    plan = Plan([RandomNetwork(tiny_config), TrainedNetwork(str(path))], ('eager', 'torch'),
                ('float32',), image_size=None, rivals=['torchvision', 'ultralytics'])
    for each in plan.engines():
        each.build()
    assert plan.score_threshold == 0.43
    assert set(scores) == {(name, 0.43) for name in ('ours', 'make_boxes_run', 'make_yolo_run')}
    assert [name for name, _ in scores].count('ours') == 4


def test_without_weights_boxes_are_selected_from_the_usual_score_on(tiny_config):
    assert Plan([RandomNetwork(tiny_config)]).score_threshold == DEFAULT_SCORE


def test_rows_of_one_network_and_batch_stand_together():
    engines = [engine(name, built, size) for size in ((16, 16), (16, 32)) for name in 'ab']
    subjects, skipped = prepare([engines[0], engines[2], engines[1], engines[0]], (2, 1))
    assert [(subject.network, subject.input_size[1], subject.batch) for subject in subjects] == [
        ('a', 16, 2), ('a', 16, 2), ('a', 16, 1), ('a', 16, 1), ('a', 32, 2), ('a', 32, 1),
        ('b', 16, 2), ('b', 16, 1)]
    assert skipped == []


def test_an_engine_that_cannot_be_built_costs_its_own_rows_alone():
    def refuse():
        raise ValueError('precision is int8,\nmust be float32')

    subjects, skipped = prepare([engine('bad', refuse), engine('good', built)], (1, 2))
    assert [subject.batch for subject in subjects] == [1, 2]
    assert skipped == [('bad 16x16, torch, auto', 'precision is int8, must be float32')]


def test_a_batch_that_does_not_fit_costs_its_own_row_alone():
    def run(images):
        if len(images) > 2:
            raise torch.cuda.OutOfMemoryError('out of memory')
        return {'preprocess': 0, 'forward': 0, 'postprocess': 0}

    subjects, skipped = prepare([engine('big', lambda: built(run))], (1, 4, 2))
    assert [subject.batch for subject in subjects] == [1, 2]
    assert skipped == [('big 16x16, torch, auto, batch 4', 'OutOfMemoryError: out of memory')]


def test_ctrl_c_while_building_is_no_failure_of_the_engine():
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare([engine('slow', interrupt)], (1,))


def test_predictors_are_built_and_warm(tiny_config):
    plan = Plan([RandomNetwork(tiny_config)], ('eager', 'torch'), batches=(1, 2),
                image_size=(30, 40))
    advanced = []
    subjects, skipped = prepare(plan.engines(), plan.batches, lambda: advanced.append(1))
    assert [(subject.backend, subject.batch) for subject in subjects] == [
        ('eager', 1), ('torch', 1), ('eager', 2), ('torch', 2)]
    assert subjects[0].reason == 'eager was asked for'
    assert subjects[1].reason.startswith('torch was asked for; ')
    assert skipped == [] and len(advanced) == 2
    assert subjects[2].images[0].shape == (30, 40, 3)
    assert len({image.tobytes() for image in subjects[2].images}) > 1
    assert min(subjects[2].call(0).values()) > 0

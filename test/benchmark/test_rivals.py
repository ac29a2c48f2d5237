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

"""torchvision's networks run at the size, and on the task, that they are compared at."""

import numpy as np
import pytest
import torch

from triplenet_ros.benchmark import rivals
from triplenet_ros.benchmark.measure import STAGES

CPU = torch.device('cpu')
STRIPES = np.repeat(np.arange(0, 250, 5, np.uint8), 2)[None, :, None].repeat(60, 0).repeat(3, 2)
"""(60, 100, 3)."""


def spied(monkeypatch, names, name):
    """Return the list of models that will be built under a name."""
    models, build = [], names[name]
    monkeypatch.setitem(names, name, lambda **kwargs: models.append(build(**kwargs)) or models[-1])
    return models


def shapes_at_the_backbone(model, run, images):
    """Run, and return the shapes that the backbone was given."""
    shapes = []
    model.backbone.register_forward_pre_hook(
        lambda _, inputs: shapes.append(tuple(inputs[0].shape)))
    stages = run(images)
    assert set(stages) == set(STAGES) and min(stages.values()) >= 0
    return shapes


@pytest.mark.parametrize('name', rivals.BOXES)
def test_boxes_are_selected_from_the_claimed_score_on(name, monkeypatch):
    models = spied(monkeypatch, rivals.BOXES, name)
    monkeypatch.setattr(rivals, '_check_size', lambda *_: None)
    rivals.make_boxes_run(name, 3, (300, 300), CPU, 0.43)
    [model] = models
    assert getattr(model, 'roi_heads', model).score_thresh == 0.43


# Neither is a multiple of 32, to which torchvision pads unless it is told not to.
@pytest.mark.parametrize('name', ['retinanet_resnet50_fpn'])
def test_boxes_are_of_images_of_the_claimed_size(name, monkeypatch):
    models = spied(monkeypatch, rivals.BOXES, name)
    run = rivals.make_boxes_run(name, 3, (60, 100), CPU)
    [model] = models
    assert shapes_at_the_backbone(model, run, [STRIPES] * 2) == [(2, 3, 60, 100)]
    assert not model.training
    assert model.head.classification_head.num_classes == 4


@pytest.mark.parametrize('name', ['lraspp_mobilenet_v3_large'])
def test_labels_are_of_images_of_the_claimed_size(name, monkeypatch):
    models = spied(monkeypatch, rivals.LABELS, name)
    run = rivals.make_labels_run(name, 11, (60, 100), CPU)
    [model] = models
    assert shapes_at_the_backbone(model, run, [STRIPES] * 2) == [(2, 3, 60, 100)]
    assert model(torch.zeros(1, 3, 60, 100))['out'].shape == (1, 11, 60, 100)


def test_a_model_that_resizes_its_images_is_no_rival(monkeypatch):
    build = rivals.BOXES['retinanet_resnet50_fpn']
    monkeypatch.setitem(rivals.BOXES, 'retinanet_resnet50_fpn', lambda **kwargs: build(
        **{**kwargs, 'size_divisible': 32}))
    with pytest.raises(RuntimeError, match=r'ran at \[\(64, 128\)\], asked for \(60, 100\)'):
        rivals.make_boxes_run('retinanet_resnet50_fpn', 3, (60, 100), CPU)


def test_ssd300_is_a_rival_at_300_alone():
    assert 'ssd300_vgg16' in rivals.box_names((300, 300))
    assert rivals.box_names((512, 512)) == ['retinanet_resnet50_fpn', 'fasterrcnn_resnet50_fpn']

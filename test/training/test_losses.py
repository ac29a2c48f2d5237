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

"""The losses are the papers'."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from triplenet_ros.errors import InputError
from triplenet_ros.network.anchors import decode_boxes, encode_boxes, make_anchors
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.training.batch import Batch
from triplenet_ros.training.losses import (
    BOX_LOSSES, CLASS_LOSSES, detection_loss, focal, giou, hardest, JointLoss, segmentation_loss,
    subsample)
from triplenet_ros.training.matching import IouThresholds
from triplenet_ros.training.recipe import Recipe
from triplenet_ros.training.scale_specific import labels_of_each_layer
from triplenet_ros.training.task import TrainingTask


def make_batch(images=2, boxes=True, labels=True):
    """Return random images, each with a car on the left half of the road."""
    truth = torch.full((images, 64, 96), 255)
    if labels:
        truth[:] = 3
        truth[:, 20:40, 10:40] = 8
    return Batch(
        images=torch.randint(0, 256, (images, 3, 64, 96), dtype=torch.uint8),
        boxes=torch.tensor([[[10.0, 20, 40, 40]]]).repeat(images, 1, 1),
        class_ids=torch.zeros(images, 1, dtype=torch.int64),
        has_boxes=torch.full((images,), boxes), labels=truth,
        names=tuple(f'image {index}' for index in range(images)))


@pytest.fixture(scope='module')
def network(tiny_config):
    """Return a tiny network in training mode."""
    torch.manual_seed(0)
    return JointNetwork(tiny_config).train()


def terms_of(network, batch):
    return JointLoss(network.config)(network(batch.images), batch)


def test_every_term_is_there_and_positive(network):
    terms = terms_of(network, make_batch())
    assert set(terms) == {'classification', 'localisation', 'segmentation', 'class_aware',
                          'class_agnostic'}
    assert all(value > 0 for value in terms.values())


def test_a_batch_without_labels_has_exactly_no_segmentation_loss(network):
    terms = terms_of(network, make_batch(labels=False))
    assert [terms[name].item() for name in ('segmentation', 'class_aware', 'class_agnostic')] == [
        0, 0, 0]
    assert terms['classification'] > 0


def test_a_batch_without_boxes_has_exactly_no_detection_loss(network):
    terms = terms_of(network, make_batch(boxes=False))
    assert (terms['classification'].item(), terms['localisation'].item()) == (0, 0)
    assert terms['segmentation'] > 0


def test_an_image_without_boxes_changes_nothing_for_its_neighbour(network):
    anchors = make_anchors(network.config, 64, 96)
    batch = replace(make_batch(), has_boxes=torch.tensor([True, False]))
    logits = torch.randn(2, len(anchors), 4)
    codes = torch.randn(2, len(anchors), 4)
    matches = torch.full((2, len(anchors)), -1)
    matches[:, 5] = 0
    both = detection_loss(logits, codes, matches, anchors, batch)
    alone = detection_loss(logits[:1], codes[:1], matches[:1], anchors, make_batch(1))
    torch.testing.assert_close(both, alone)


def test_negatives_are_the_three_hardest_per_positive(network):
    anchors = make_anchors(network.config, 64, 96)[:20]
    matches = torch.full((1, 20), -1)
    matches[0, 7] = 0
    logits = torch.zeros(1, 20, 4)
    logits[0, :, 1] = torch.arange(20.0) / 10  # wrongly a car, more and more
    codes = encode_boxes(torch.tensor([10.0, 20, 40, 40]), anchors)[None]
    classification, localisation = detection_loss(logits, codes, matches, anchors, make_batch(1))
    background = F.cross_entropy(logits[0], torch.zeros(20, dtype=torch.int64), reduction='none')
    positive = F.cross_entropy(logits[0, 7:8], torch.tensor([1]))
    torch.testing.assert_close(classification, positive + background[17:].sum())
    assert localisation.item() == pytest.approx(0, abs=1e-10)


def test_giou_is_that_of_the_decoded_boxes():
    anchors = torch.tensor([[10.0, 10, 20, 20], [10.0, 10, 20, 20], [50.0, 10, 20, 20]])
    truth = torch.tensor([[0.0, 0, 20, 20], [0.0, 0, 10, 20], [0.0, 0, 20, 20]])
    # As they are; half of it, which is 1/2; two squares 20 apart, a third of their hull empty.
    expected = 2 * (0 + 1 / 2 + 1 + 1 / 3)
    assert giou(torch.zeros(3, 4), truth, anchors).item() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize('name', BOX_LOSSES)
def test_a_box_loss_brings_boxes_to_the_truth(name):
    anchors = torch.tensor([[30.0, 30, 20, 20]])
    truth = torch.tensor([[10.0, 22, 40, 44]])
    codes = torch.zeros(1, 4, requires_grad=True)
    optimizer = torch.optim.Adam([codes], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        BOX_LOSSES[name](codes, truth, anchors).backward()
        optimizer.step()
    torch.testing.assert_close(decode_boxes(codes, anchors), truth, atol=0.5, rtol=0)


def test_a_recipe_chooses_the_box_loss(tiny_config):
    network = JointNetwork(tiny_config)
    for name, loss in BOX_LOSSES.items():
        recipe = Recipe(network='tiny', data={'scenes': {}}, box_loss=name)
        assert TrainingTask(network, recipe).loss.box_loss is loss
    with pytest.raises(InputError, match="box_loss is 'l3', must be one of smooth_l1, giou"):
        Recipe(network='tiny', data={'scenes': {}}, box_loss='l3')


def test_a_recipe_chooses_the_anchors_that_learn(tiny_config):
    recipe = Recipe(network='tiny', data={'scenes': {}}, positive_iou=0.45, negative_iou=0.4,
                    anchor_share=0.8)
    loss = TrainingTask(JointNetwork(tiny_config), recipe).loss
    assert loss.thresholds == IouThresholds(0.45, 0.4, 0.8)
    with pytest.raises(InputError, match='anchor_share is 1.5, must be 0 .. 1'):
        Recipe(network='tiny', data={'scenes': {}}, anchor_share=1.5)


def test_focal_loss_is_its_papers():
    probability = torch.tensor([[0.5, 0.9, 0.8, 0.1]])
    positive, negative = torch.tensor([[True, False, False, False], [False, True, True, False]])
    loss = focal(-probability.log(), positive[None], negative[None])
    expected = -(0.25 * 0.5 ** 2 * np.log(0.5) + 0.75 * 0.1 ** 2 * np.log(0.9)
                 + 0.75 * 0.2 ** 2 * np.log(0.8))
    assert loss.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize('name', CLASS_LOSSES)
def test_a_recipe_chooses_the_class_loss(tiny_config, network, name):
    recipe = Recipe(network='tiny', data={'scenes': {}}, class_loss=name)
    loss = TrainingTask(network, recipe).loss
    assert loss.class_loss is CLASS_LOSSES[name]
    terms = loss(network(make_batch().images), make_batch())
    assert terms['classification'] > 0
    with pytest.raises(InputError, match="'l3', must be one of hard_negatives, focal"):
        Recipe(network='tiny', data={'scenes': {}}, class_loss='l3')


def test_hardest_takes_candidates_only_and_all_where_there_are_few():
    losses = torch.tensor([5.0, 1.0, 3.0])
    candidates = torch.tensor([False, True, True])
    assert hardest(losses, candidates, 1).tolist() == [False, False, True]
    assert hardest(losses, candidates, 9).tolist() == [False, True, True]


def test_unlabelled_pixels_do_not_count():
    logits = torch.randn(1, 3, 4, 4)
    labels = torch.full((1, 4, 4), 255)
    labels[0, 0, 0] = 2
    expected = F.cross_entropy(logits[:, :, 0, 0], torch.tensor([2]))
    torch.testing.assert_close(segmentation_loss(logits, labels), expected)


def test_missing_supervision_still_reaches_every_parameter(network):
    network.zero_grad()
    sum(terms_of(network, make_batch(boxes=False, labels=False)).values()).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_subsampling_takes_the_middle_of_each_block():
    labels = torch.arange(36).reshape(1, 6, 6)
    assert subsample(labels, 3).tolist() == [[[7, 10], [25, 28]]]
    assert torch.equal(subsample(labels, 1), labels)


def test_the_class_agnostic_truth_is_object_or_not(tiny_config):
    loss = JointLoss(tiny_config)
    assert loss.is_object[[3, 8, 9, 10, 255]].tolist() == [0, 1, 1, 1, 255]


def test_scale_specific_supervision_hides_objects_of_other_scales(tiny_config):
    batch = make_batch(1)
    anchors = len(make_anchors(tiny_config, 64, 96))
    matches = torch.full((1, anchors), -1)
    matches[0, 0] = 0  # an anchor of the finest layer with anchors: layer 1
    layers = labels_of_each_layer(tiny_config, batch, matches, batch.labels)
    cars = [(labels == 8).sum().item() for labels in layers]
    roads = {(labels == 3).sum().item() for labels in layers}
    assert cars == [600, 600, 0, 0, 0] and len(roads) == 1


def test_classes_that_nobody_looked_for_are_not_taught_as_background(network):
    """A pedestrian whose box nobody drew: the score of that class may be anything."""
    anchors = make_anchors(network.config, 64, 96)
    matches = torch.full((2, len(anchors)), -1)
    matches[:, 7] = 0
    batch = replace(make_batch(), unknown=torch.tensor([[0, 1], [1, 1]]))
    logits = torch.randn(2, len(anchors), 4, requires_grad=True)
    codes = torch.zeros(2, len(anchors), 4)
    loss = detection_loss(logits, codes, matches, anchors, batch)[0]
    loss.backward()
    assert logits.grad[..., 2].abs().sum() == 0
    assert logits.grad[..., [0, 1, 3]].abs().sum() > 0
    with torch.no_grad():
        logits[..., 2] += 9
        torch.testing.assert_close(
            detection_loss(logits, codes, matches, anchors, batch)[0], loss)


def test_anchors_on_ignored_boxes_are_no_negatives(network):
    anchors = make_anchors(network.config, 64, 96)[:20]
    matches = torch.full((1, 20), -1)
    matches[0, 7] = 0
    matches[0, 15:] = -2
    logits = torch.zeros(1, 20, 4)
    logits[0, 15:, 1] = 9  # would be the hardest
    codes = encode_boxes(torch.tensor([10.0, 20, 40, 40]), anchors)[None]
    loss, _ = detection_loss(logits, codes, matches, anchors, make_batch(1))
    torch.testing.assert_close(loss, 4 * torch.tensor(4.0).log())

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

"""The joint network computes what its configuration says, and no more."""

import pytest
import torch

from triplenet_ros.network.anchors import layer_sizes, make_anchors
from triplenet_ros.network.fusion import AttentionFusion
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS

IMAGES = torch.randint(0, 256, (2, 3, 64, 96), dtype=torch.uint8,
                       generator=torch.Generator().manual_seed(0))


def small(name):
    """Return a registered configuration with a small backbone, decoder and input."""
    return NETWORKS[name].evolve(backbone='resnet18', extra_width=16, decoder_width=32,
                                 head_width=16, input_height=64, input_width=96)


@pytest.mark.parametrize('name', NETWORKS)
def test_every_network_gives_what_it_is_configured_for(name):
    config = small(name)
    with torch.no_grad():
        output = JointNetwork(config).eval()(IMAGES)
    assert (output.class_logits is not None) == config.detects
    assert (output.segmentation is not None) == config.segments
    if config.detects:
        anchors = len(make_anchors(config, 64, 96))
        assert output.class_logits.shape == (2, anchors, 1 + len(config.classes.detection))
        assert output.box_codes.shape == (2, anchors, 4)
    if config.segments:
        rows, columns = layer_sizes(config, 64, 96)[0]
        assert output.segmentation.shape == (2, len(config.classes.segmentation), rows, columns)


@pytest.mark.parametrize('name', NETWORKS)
def test_every_parameter_is_trained(name):
    network = JointNetwork(small(name)).train()
    output = network(IMAGES)
    parts = [part for part in output[:3] if part is not None]
    sum(part.float().square().sum()
        for part in [*parts, *output.layer_segmentation, *output.layer_objectness]).backward()
    untrained = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert untrained == []


@pytest.mark.parametrize('height, width', [(64, 96), (65, 97), (33, 200)])
def test_any_height_and_width_run(tiny_network, tiny_config, height, width):
    with torch.no_grad():
        output = tiny_network(torch.zeros(1, 3, height, width))
    assert output.class_logits.shape[1] == len(make_anchors(tiny_config, height, width))


def test_supervision_is_computed_in_training_only(tiny_config):
    network = JointNetwork(tiny_config)
    assert len(network.train()(IMAGES).layer_objectness) == 5
    assert len(network(IMAGES).layer_segmentation) == 5
    assert network.eval()(IMAGES)[3:] == ((), ())


def calls(network, part, **tasks):
    """Count how often a part runs in one forward pass."""
    count = []
    handle = part.register_forward_hook(lambda *_: count.append(1))
    with torch.no_grad():
        network(IMAGES, **tasks)
    handle.remove()
    return len(count)


def test_detection_alone_runs_no_segmentation_head_but_the_logits_it_reads(tiny_network):
    assert calls(tiny_network, tiny_network.fused, segmentation=False) == 0
    assert calls(tiny_network, tiny_network.layer_logits['1'], segmentation=False) == 1


def test_segmentation_alone_runs_no_detection_head(tiny_network):
    assert calls(tiny_network, tiny_network.detection[0], detection=False) == 0
    assert calls(tiny_network, tiny_network.layer_logits['1'], detection=False) == 0


def test_detection_alone_gives_the_same_boxes(tiny_network):
    with torch.no_grad():
        both, alone = tiny_network(IMAGES), tiny_network(IMAGES, segmentation=False)
    torch.testing.assert_close(alone.box_codes, both.box_codes)
    assert alone.segmentation is None


def test_the_inner_connection_lets_labels_change_boxes(tiny_config):
    network = JointNetwork(tiny_config).eval()
    with torch.no_grad():
        before = network(IMAGES).class_logits
        network.layer_logits['1'].weight.zero_()
        assert not torch.equal(network(IMAGES).class_logits, before)


def test_the_attention_gate_reads_the_decoder_and_scales_the_encoder():
    fusion = AttentionFusion(skip_channels=8, width=16).eval()
    seen = {}
    fusion.gate.register_forward_hook(lambda _, inputs, output: seen.update(
        input=inputs[0], gate=output))
    fusion.unit.register_forward_hook(lambda _, inputs, output: seen.update(joined=inputs[0]))
    upsampled, skip = torch.randn(1, 16, 4, 4), torch.randn(1, 8, 4, 4)
    with torch.no_grad():
        fusion(upsampled, skip)
    assert seen['input'] is upsampled
    assert seen['gate'].shape == (1, 8, 1, 1) and 0 < seen['gate'].min() < seen['gate'].max() < 1
    torch.testing.assert_close(seen['joined'], torch.cat([upsampled, skip * seen['gate']], dim=1))


def test_a_batch_is_the_images_one_by_one(tiny_network):
    with torch.no_grad():
        both = tiny_network(IMAGES)
        single = [tiny_network(image[None]) for image in IMAGES]
    for field in ('class_logits', 'box_codes', 'segmentation'):
        torch.testing.assert_close(
            getattr(both, field), torch.cat([getattr(output, field) for output in single]),
            rtol=1e-4, atol=1e-4)


def test_an_impossible_configuration_is_refused(tiny_config):
    with pytest.raises(ValueError, match="backbone is 'vgg'.*resnet18"):
        tiny_config.evolve(backbone='vgg')
    with pytest.raises(ValueError, match='detection_stride is 6, must be one of 4, 8, 16'):
        tiny_config.evolve(detection_stride=6)
    with pytest.raises(ValueError, match='needs both boxes and labels'):
        tiny_config.evolve(scale_specific_supervision=True, segmentation_head='none')
    with pytest.raises(ValueError, match='neither detects nor segments'):
        tiny_config.evolve(detection_head='none', segmentation_head='none')

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

"""The graph computes what the network computes, whichever of the family it is."""

import numpy as np
import pytest
import torch

from triplenet_ros.inference.graph import output_shapes, select_outputs, to_onnx
from triplenet_ros.network.anchors import make_anchors
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS

onnx = pytest.importorskip('onnx')
onnxruntime = pytest.importorskip('onnxruntime')


def runner(model):
    """Return a function from (N, H, W, 3) images to the outputs of a graph by name."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider'])
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(names, {'images': images})))


def small(name):
    """Return a network of the family, seeded, with the shape of the named one."""
    torch.manual_seed(0)
    return JointNetwork(NETWORKS[name].evolve(
        backbone='resnet18', extra_width=16, decoder_width=16, head_width=16, input_height=64,
        input_width=96)).eval()


@pytest.mark.parametrize('name', NETWORKS)
def test_every_network_is_exported_for_any_batch(name):
    network = small(name)
    model = to_onnx(network)
    onnx.checker.check_model(model, full_check=True)
    run = runner(model)
    for count in (1, 3):
        images = np.random.default_rng(count).integers(0, 256, (count, 64, 96, 3), np.uint8)
        with torch.no_grad():
            expected = network(torch.from_numpy(images).permute(0, 3, 1, 2))
        given = run(images)
        assert set(given) == {field for field in ('class_logits', 'box_codes', 'segmentation')
                              if getattr(expected, field) is not None}
        for field, value in given.items():
            reference = getattr(expected, field).numpy()
            assert value.shape == reference.shape and value.dtype == np.float32
            np.testing.assert_allclose(value, reference, rtol=0,
                                       atol=1e-4 * np.abs(reference).max())


def test_the_graph_says_its_shapes(tiny_network):
    graph = to_onnx(tiny_network).graph
    shapes = {value.name: [dimension.dim_param or dimension.dim_value
                           for dimension in value.type.tensor_type.shape.dim]
              for value in (*graph.input, *graph.output)}
    anchors = len(make_anchors(tiny_network.config, 64, 96))
    assert shapes == {'images': ['N', 64, 96, 3], 'class_logits': ['N', anchors, 4],
                      'box_codes': ['N', anchors, 4], 'segmentation': ['N', 11, 16, 24]}


def test_batch_norm_is_folded(tiny_network):
    assert not any(node.op_type == 'BatchNormalization'
                   for node in to_onnx(tiny_network).graph.node)


def test_the_network_itself_is_left_alone(tiny_network):
    before = {name: tensor.clone() for name, tensor in tiny_network.state_dict().items()}
    to_onnx(tiny_network)
    after = tiny_network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(parameter.requires_grad for parameter in tiny_network.parameters())


def test_a_network_in_training_mode_is_exported_in_evaluation_mode(tiny_config):
    network = JointNetwork(tiny_config).train()
    assert {output.name for output in to_onnx(network).graph.output} == set(
        output_shapes(tiny_config))
    assert network.training


@pytest.mark.parametrize('names', [('class_logits', 'box_codes'), ('segmentation',)])
def test_a_part_of_the_outputs_needs_a_part_of_the_graph(tiny_network, names):
    whole = to_onnx(tiny_network)
    part = select_outputs(whole, names)
    convolutions = [sum(node.op_type == 'Conv' for node in model.graph.node)
                    for model in (whole, part)]
    assert convolutions[1] < convolutions[0]
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), np.uint8)
    expected, given = runner(whole)(images), runner(part)(images)
    assert set(given) == set(names)
    for name in names:
        np.testing.assert_allclose(given[name], expected[name], rtol=1e-4, atol=1e-4)

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

"""The network as an ONNX graph: from uint8 images to raw outputs, for any batch size."""

from copy import deepcopy
from inspect import signature
from io import BytesIO
from typing import Any, Sequence
import warnings

import torch
from torch import nn, Tensor

from triplenet_ros.inference.runtimes import import_runtime
from triplenet_ros.network.anchors import layer_sizes, make_anchors
from triplenet_ros.network.config import NetworkConfig, TIMM
from triplenet_ros.network.joint import JointNetwork

INPUT = 'images'
BATCH = 'N'
# Known to every runtime of the last years, and to both ends of the PyTorch versions.
OPSET = 17


class ExportGraph(nn.Module):
    """
    What is exported: a copy in evaluation mode, normalisation inside, every padding a number.

    :param network: the weights
    """

    def __init__(self, network: JointNetwork) -> None:
        super().__init__()
        self.network = deepcopy(network).to('cpu', torch.float32).eval().requires_grad_(False)
        if network.config.backbone.startswith(TIMM):
            _fix_padding(self.network)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """
        Compute the raw outputs that output_shapes names, in its order.

        :param images: (N, H, W, 3) uint8 RGB of the network's input size
        """
        output = self.network(images.permute(0, 3, 1, 2))
        return tuple(part for part in output[:3] if part is not None)


def output_shapes(config: NetworkConfig, detection: bool = True,
                  segmentation: bool = True) -> dict[str, tuple[int, ...]]:
    """
    Name a network's raw outputs, with their shapes but for the batch.

    They are the fields of NetworkOutput; those of a task the network lacks are absent.

    :param detection: whether boxes are wanted
    :param segmentation: whether labels are wanted
    """
    height, width = config.input_height, config.input_width
    shapes: dict[str, tuple[int, ...]] = {}
    if detection and config.detects:
        anchors = len(make_anchors(config, height, width))
        shapes['class_logits'] = (anchors, 1 + len(config.classes.detection))
        shapes['box_codes'] = (anchors, 4)
    if segmentation and config.segments:
        shapes['segmentation'] = (len(config.classes.segmentation),
                                  *layer_sizes(config, height, width)[0])
    return shapes


def to_onnx(network: JointNetwork) -> Any:
    """
    Trace a network; batch norm is folded into the convolutions before it on the way.

    :return: an ``onnx.ModelProto``: ``images`` (N, H, W, 3) uint8 RGB, N any number, to the
        outputs of output_shapes, float32
    :raises InputError: if onnx is not installed
    """
    onnx = import_runtime('onnx')
    config = network.config
    shapes = output_shapes(config)
    names = [INPUT, *shapes]
    example = torch.zeros(1, config.input_height, config.input_width, 3, dtype=torch.uint8)
    file = BytesIO()
    # The newer exporter gives the same graph in ten times the time, needs another package, and
    # is not there before PyTorch 2.5; the older one warns of its age.
    older = {'dynamo': False} if 'dynamo' in signature(torch.onnx.export).parameters else {}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        torch.onnx.export(
            ExportGraph(network), (example,), file, input_names=[INPUT],
            output_names=list(shapes), opset_version=OPSET,
            dynamic_axes={name: {0: BATCH} for name in names}, **older)
    model = onnx.load_model_from_string(file.getvalue())
    for output in model.graph.output:
        _set_shape(output, shapes[output.name])
    return model


def select_outputs(model: Any, names: Sequence[str]) -> Any:
    """
    Return an ``onnx.ModelProto`` that computes some of the outputs, and only what they need.

    :param model: another, unchanged
    :param names: its outputs that are wanted
    """
    if [output.name for output in model.graph.output] == list(names):
        return model
    return import_runtime('onnx').utils.Extractor(model).extract_model([INPUT], list(names))


def _fix_padding(network: JointNetwork) -> None:
    """
    Put padding in front of the convolutions that find out at run time how much they need.

    Those are of encoders that come from TensorFlow: more at the far sides than at the near ones,
    by the size of what they are given, which here is always the same.
    """
    from timm.layers import Conv2dSame

    seen: dict[nn.Module, torch.Size] = {}
    hooks = [module.register_forward_pre_hook(
        lambda module, inputs: seen.update({module: inputs[0].shape}))
        for module in network.modules() if isinstance(module, Conv2dSame)]
    with torch.inference_mode():
        network(torch.zeros(1, 3, network.config.input_height, network.config.input_width))
    for hook in hooks:
        hook.remove()
    for parent in list(network.modules()):
        for name, module in parent.named_children():
            if module in seen:
                setattr(parent, name, _with_padding(module, *seen[module][2:]))


def _with_padding(convolution: nn.Conv2d, height: int, width: int) -> nn.Sequential:
    """Return a convolution of inputs of that size, the padding before it."""
    from timm.layers import get_same_padding

    totals = [get_same_padding(length, *values) for length, *values in zip(
        (height, width), convolution.kernel_size, convolution.stride, convolution.dilation)]
    (top, bottom), (left, right) = ((total // 2, total - total // 2) for total in totals)
    plain = nn.Conv2d(
        convolution.in_channels, convolution.out_channels, convolution.kernel_size,
        convolution.stride, 0, convolution.dilation, convolution.groups,
        convolution.bias is not None)
    plain.load_state_dict(convolution.state_dict())
    return nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), plain.requires_grad_(False))


def _set_shape(output: Any, shape: Sequence[int]) -> None:
    """Say how large an output is, which the tracer does not always find out."""
    dimensions = output.type.tensor_type.shape.dim
    for dimension, length in zip(dimensions[1:], shape):
        dimension.dim_value = length

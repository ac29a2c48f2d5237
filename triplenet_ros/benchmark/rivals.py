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

"""torchvision's detectors and segmenters, run as its documentation runs them."""

from functools import partial
from time import perf_counter
from typing import Any, Callable, Mapping, Sequence

import numpy as np
import torch
from torch import nn, Tensor
from torchvision.models import detection, segmentation
from torchvision.transforms.functional import normalize

from triplenet_ros.benchmark.measure import Run
from triplenet_ros.inference.runner import DEFAULT_SCORE

BOXES: dict[str, Callable[..., nn.Module]] = {
    'ssd300_vgg16': detection.ssd300_vgg16,
    'retinanet_resnet50_fpn': detection.retinanet_resnet50_fpn,
    'fasterrcnn_resnet50_fpn': detection.fasterrcnn_resnet50_fpn}
LABELS: dict[str, Callable[..., nn.Module]] = {
    'fcn_resnet50': segmentation.fcn_resnet50,
    'deeplabv3_resnet50': segmentation.deeplabv3_resnet50,
    'lraspp_mobilenet_v3_large': segmentation.lraspp_mobilenet_v3_large}

_SSD300 = 'ssd300_vgg16'
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def box_names(input_size: tuple[int, int]) -> list[str]:
    """Return the detectors that run at this input size; SSD300 has but one."""
    return [name for name in BOXES if name != _SSD300 or input_size == (300, 300)]


def make_boxes_run(name: str, classes: int, input_size: tuple[int, int],
                   device: torch.device, score_threshold: float = DEFAULT_SCORE) -> Run:
    """
    Build a detector with random weights.

    Its forward is all that the model does after its own transform: boxes are selected in it.

    :param name: one of BOXES
    :param classes: without background
    :param input_size: rows and columns that reach its backbone, and of the images that it runs on
    :param device: where it runs
    :param score_threshold: its boxes below it are dropped
    :raises RuntimeError: if the backbone were given another size
    """
    # Images of that size are neither resized nor, as they would be by default, padded to 32.
    size = {} if name == _SSD300 else {
        'min_size': min(input_size), 'max_size': max(input_size), 'size_divisible': 1}
    score = 'box_score_thresh' if name.startswith('fasterrcnn') else 'score_thresh'
    model = _prepared(BOXES[name](weights=None, weights_backbone=None, num_classes=1 + classes,
                                  **size, **{score: score_threshold}), device)
    run = partial(_run_boxes, model, device)
    _check_size(model, run, input_size)
    return run


def make_labels_run(name: str, classes: int, input_size: tuple[int, int],
                    device: torch.device) -> Run:
    """
    Build a segmenter with random weights.

    :param name: one of LABELS
    :param classes: of the labels
    :param input_size: rows and columns of the images that it runs on
    :param device: where it runs
    :raises RuntimeError: if the backbone were given another size
    """
    model = _prepared(LABELS[name](weights=None, weights_backbone=None, num_classes=classes),
                      device)
    run = partial(_run_labels, model, device)
    _check_size(model, run, input_size)
    return run


def _prepared(model: nn.Module, device: torch.device) -> nn.Module:
    return model.eval().requires_grad_(False).to(device)


def _check_size(model: nn.Module, run: Run, input_size: tuple[int, int]) -> None:
    """Run it once, and look at what the backbone is given."""
    seen: list[tuple[int, int]] = []
    hook = model.backbone.register_forward_pre_hook(
        lambda _, inputs: seen.append(tuple(inputs[0].shape[-2:])))
    run([np.zeros((*input_size, 3), np.uint8)])
    hook.remove()
    if seen != [input_size]:
        raise RuntimeError(f'{type(model).__name__} ran at {seen}, asked for {input_size}')


@torch.inference_mode()
def _run_boxes(model: Any, device: torch.device,
               images: Sequence[np.ndarray]) -> Mapping[str, float]:
    start = perf_counter()
    prepared: list[float] = []
    hook = model.transform.register_forward_hook(
        lambda *_: prepared.append(_now(device)))
    results = model([_to_tensor(image, device) for image in images])
    forwarded = _now(device)
    hook.remove()
    for result in results:
        for values in result.values():
            values.cpu().numpy()
    return _stages(start, prepared[0], forwarded)


@torch.inference_mode()
def _run_labels(model: nn.Module, device: torch.device,
                images: Sequence[np.ndarray]) -> Mapping[str, float]:
    start = perf_counter()
    batch = torch.stack([normalize(_to_tensor(image, device), _MEAN, _STD) for image in images])
    prepared = _now(device)
    logits = model(batch)['out']
    forwarded = _now(device)
    logits.argmax(dim=1).to(torch.uint8).cpu().numpy()
    return _stages(start, prepared, forwarded)


def _to_tensor(image: np.ndarray, device: torch.device) -> Tensor:
    """Return what torchvision's models want: (3, H, W) float32, 0..1."""
    return torch.from_numpy(image).to(device).permute(2, 0, 1).contiguous().float() / 255


def _now(device: torch.device) -> float:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
    return perf_counter()


def _stages(start: float, prepared: float, forwarded: float) -> Mapping[str, float]:
    return {'preprocess': prepared - start, 'forward': forwarded - prepared,
            'postprocess': perf_counter() - forwarded}

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

"""
Tell whether selecting boxes could ever hold the network up.

``python studies/worst_case.py`` takes ``triplenet512-r50``: 32,766 anchors, here with 80
classes, every score of every anchor above the threshold and no box overlapping another enough to
go, so that nothing is spared. Beside it the network's own time, and non-maximum suppression on
everything, without the 400 best of each class being taken first.
"""

import argparse
from statistics import median
from time import perf_counter
from typing import Any, Callable

import torch
from torch import Tensor
from torchvision.ops import batched_nms

from triplenet_ros.export.choice import choose
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.postprocess import select_boxes, Thresholds
from triplenet_ros.network.anchors import decode_boxes, make_anchors
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS

NETWORK = 'triplenet512-r50'
EVERYTHING = Thresholds(score=1e-6, nms=0.45)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--classes', type=int, default=80, metavar='N')
    parser.add_argument('--backend', default='auto')
    parser.add_argument('--device', default='auto')
    parser.add_argument('--runs', type=int, default=15, metavar='N')
    parser.add_argument('--suppress-everything', action='store_true',
                        help='also without the 400 best: takes minutes')
    args = parser.parse_args()
    torch.manual_seed(0)
    config = NETWORKS[NETWORK]
    built = JointNetwork(config).eval()
    choice = choose(args.backend, built, args.device, 'auto')
    backend = BACKENDS[choice.backend](built, args.device, choice.precision)
    image = torch.zeros(1, config.input_height, config.input_width, 3, dtype=torch.uint8)
    image = image.to(backend.device)
    network = seconds(lambda: backend(image, True, True), args.runs, backend.device)
    anchors = make_anchors(config, config.input_height, config.input_width).to(backend.device)
    case = *worst_case(anchors, args.classes), anchors
    selecting = seconds(lambda: select_boxes(*case, EVERYTHING), args.runs, backend.device)
    print(f'{NETWORK}, {backend.name} on {backend.device}: network {1e3 * network:.1f} ms')
    print(f'{len(anchors):,} anchors x {args.classes} classes, all above the threshold: '
          f'{1e3 * selecting:.1f} ms, {selecting / network:.2f} of the network')
    if args.suppress_everything:
        naive = seconds(lambda: suppress_everything(*case), 1, backend.device)
        print(f'suppression on everything: {naive:.1f} s, {naive / selecting:,.0f} times as long')


def worst_case(anchors: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Return logits (1, A, 1 + classes) all alike but for noise, and codes of small boxes."""
    logits = torch.randn(1, len(anchors), 1 + classes, device=anchors.device) / 10
    codes = torch.randn(1, len(anchors), 4, device=anchors.device)
    codes[:, :, 2:] -= 15  # e^-3 of the anchor's size: too small to overlap
    return logits, codes


def suppress_everything(logits: Tensor, codes: Tensor, anchors: Tensor) -> Tensor:
    """Suppress all boxes of all classes against each other."""
    scores = logits[0].softmax(dim=1)[:, 1:].T  # (classes, A)
    boxes = decode_boxes(codes[0], anchors).repeat(len(scores), 1)
    group = torch.arange(len(scores), device=boxes.device).repeat_interleave(len(anchors))
    return batched_nms(boxes, scores.flatten(), group, EVERYTHING.nms)


def seconds(run: Callable[[], Any], runs: int, device: torch.device) -> float:
    """Return the median of some runs after the first ones."""
    times = []
    with torch.inference_mode():
        for _ in range(runs + min(runs - 1, 2)):
            begun = perf_counter()
            run()
            if device.type == 'cuda':
                torch.cuda.synchronize(device)
            times.append(perf_counter() - begun)
    return median(times[-runs:])


if __name__ == '__main__':
    main()

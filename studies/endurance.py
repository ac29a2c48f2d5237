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
Tell whether frames become slower, or memory larger, the longer a Predictor runs.

``python studies/endurance.py`` sends 5,000 frames of 1080p through one Predictor and prints,
for each 500, the median frame time and the resident memory. Growth is the slope of these over
the frames (the median of the slopes between all pairs of them, so that one disturbed stretch
counts for nothing), times the number of frames: more than 5 % of the frame time or 1 % of the
memory is called growth, and the exit code is then 1. What comes before the first 500 is warm-up.
"""

import argparse
from itertools import combinations
import json
import os
from pathlib import Path
from statistics import median
import sys
from time import perf_counter
from typing import Any, Optional, Sequence

import numpy as np
import torch
from triplenet_ros import Predictor
from triplenet_ros.benchmark.engine import camera_images
from triplenet_ros.benchmark.machine import describe_machine, machine_line
from triplenet_ros.benchmark.networks import RandomNetwork
from triplenet_ros.network.registry import NETWORKS

TIME_LIMIT, MEMORY_LIMIT = 0.05, 0.01


def main() -> int:
    """Run, print, and write the figures if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--weights', default='drive', metavar='W',
                        help='drive (default), a file, or tiny: random ones, for trying this out')
    parser.add_argument('--backend', default='auto', help='as of the commands')
    parser.add_argument('--precision', default='auto', help='as of the commands')
    parser.add_argument('--device', default='auto', help='as of the commands')
    parser.add_argument('--frames', type=int, default=5000, help='measured (default: 5000)')
    parser.add_argument('--block', type=int, default=500,
                        help='frames of one line of the table (default: 500)')
    parser.add_argument('--warm-up', type=int, default=100, help='frames before (default: 100)')
    parser.add_argument('--image-size', type=int, nargs=2, default=(1080, 1920),
                        metavar=('ROWS', 'COLUMNS'), help='of the frames (default: 1080 1920)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures too')
    args = parser.parse_args()
    figures = measure(make_predictor(args), camera_images(*args.image_size), args)
    print_figures(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return int(any(figures['grows'].values()))


def make_predictor(args: argparse.Namespace) -> Predictor:
    """Return the Predictor that the options describe."""
    if args.weights != 'tiny':
        return Predictor.load(args.weights, device=args.device, backend=args.backend,
                              precision=args.precision)
    config = NETWORKS['triplenet-drive'].evolve(
        name='tiny', input_height=64, input_width=96, extra_blocks=1, extra_width=16,
        decoder_width=16, head_width=16)
    return RandomNetwork(config).predictor(args.backend, args.device, args.precision)


def measure(predictor: Predictor, images: Sequence[np.ndarray],
            args: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of each block of frames, and whether they grow."""
    run_block(predictor, images, args.warm_up)
    warm = memory()
    blocks = []
    for first in range(0, args.frames, args.block):
        last = min(first + args.block, args.frames)
        frame_ms = run_block(predictor, images, last - first)
        blocks.append({'frames': last, 'frame_ms': frame_ms, **memory()})
        print_block(blocks[-1])
    figures = {'network': predictor.network, 'backend': predictor.backend,
               'device': predictor.device, 'precision': predictor.precision,
               'image_size': list(args.image_size), 'frames': args.frames,
               'machine': describe_machine(), 'after_warm_up': warm, 'blocks': blocks}
    growth = {name: growth_of([block[name] for block in blocks])
              for name in ('frame_ms', *warm)}
    return {**figures, 'growth': growth,
            'grows': {name: share > (TIME_LIMIT if name == 'frame_ms' else MEMORY_LIMIT)
                      for name, share in growth.items()}}


def run_block(predictor: Predictor, images: Sequence[np.ndarray], count: int) -> float:
    """Return the median milliseconds of some frames, of which nothing is kept."""
    seconds = []
    for number in range(count):
        start = perf_counter()
        predictor(images[number % len(images)])
        seconds.append(perf_counter() - start)
    return 1e3 * median(seconds)


def memory() -> dict[str, float]:
    """Return the resident memory in MB, and that taken on the GPU where one is used."""
    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[1])
    taken = {'rss_mb': pages * os.sysconf('SC_PAGE_SIZE') / 1e6}
    if torch.cuda.is_initialized():
        taken['gpu_mb'] = torch.cuda.memory_reserved() / 1e6
    return taken


def growth_of(values: Sequence[float]) -> float:
    """Return by which share of the first one values grow from the first to the last."""
    slopes = [(later - earlier) / (j - i)
              for (i, earlier), (j, later) in combinations(enumerate(values), 2)]
    return median(slopes or [0.0]) * (len(values) - 1) / (values[0] or 1.0)


def print_block(block: dict[str, Any]) -> None:
    """Print one line of the table as soon as it is known."""
    gpu: Optional[float] = block.get('gpu_mb')
    print(f'{block["frames"]:>7} frames  {block["frame_ms"]:8.2f} ms  {block["rss_mb"]:9.1f} MB'
          + ('' if gpu is None else f'  {gpu:9.1f} MB on the GPU'), flush=True)


def print_figures(figures: dict[str, Any]) -> None:
    """Print what the blocks come to."""
    print(machine_line(figures['machine']))
    print(f'{figures["network"]}, {figures["backend"]} {figures["precision"]} on '
          f'{figures["device"]}, frames of {"x".join(map(str, figures["image_size"]))}; '
          f'{figures["after_warm_up"]["rss_mb"]:.1f} MB after the warm-up, '
          f'{figures["blocks"][-1]["rss_mb"]:.1f} MB at the end')
    for name, share in figures['growth'].items():
        print(f'{name:<9}{share:+8.2%} over the run: '
              f'{"GROWS" if figures["grows"][name] else "no growth"}')


if __name__ == '__main__':
    sys.exit(main())

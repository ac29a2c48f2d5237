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
What scoring keeps of each frame, and how long it takes, on boxes that are made up.

    python studies/score_memory.py --frames 108000
"""

import argparse
import resource
import sys
import time
import tracemalloc

import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.evaluation.run_scorer import MatchedFrame, RunScorer
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

NAMES = ('person', 'rider', 'car', 'truck', 'bus', 'motorcycle', 'bicycle')
CLASSES = ClassSet(NAMES, (), (), ())
STEP_NS = 33_333_333


def frame_of(random: np.random.Generator, number: int) -> tuple[Prediction, Sample]:
    """Return 7 truths and 10 boxes: most lie on a truth, some on nothing."""
    corners = random.uniform(0, 1000, (7, 2))
    true = np.concatenate([corners, corners + random.uniform(10, 200, (7, 2))], axis=1)
    ids, picked = random.integers(0, len(NAMES), 7), random.integers(0, 7, 10)
    found = true[picked] + random.normal(0, 6, (10, 4))
    found[8:] = found[8:] + 300
    scores = -np.sort(-random.random(10))
    nothing = np.zeros((0, 0, 3), np.uint8)
    return (Prediction(found.astype(np.float32), scores.astype(np.float32), ids[picked], None,
                       None, CLASSES),
            Sample(f'1700000000.{number:09d}', nothing, true.astype(np.float32), ids))


def scored(count: int) -> RunScorer:
    """Score so many frames."""
    random, scorer = np.random.default_rng(0), RunScorer(CLASSES, CLASSES)
    for number in range(count):
        scorer.score(MatchedFrame(number, number * STEP_NS), *frame_of(random, number))
    return scorer


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--frames', type=int, default=108_000)
    parser.add_argument('--trace', action='store_true', help='count what stays, which is slow')
    args = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if args.trace:
        tracemalloc.start()
    start = time.monotonic()
    scorer = scored(args.frames)
    if args.trace:
        kept = tracemalloc.get_traced_memory()[0]
        print(f'kept: {kept / args.frames:.0f} bytes a frame')
    fed, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures = scorer.compute()['detection']
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f'{args.frames} frames: {fed - start:.1f} s, then {time.monotonic() - fed:.1f} s for '
          f'the scores (mAP50 {figures["mAP50"]:.4f}, AP {figures["AP"]:.4f})')
    print(f'peak of the process: {before / 1024:.0f} MiB before, {used / 1024:.0f} MiB when all '
          f'were fed, {peak / 1024:.0f} MiB at the end')


if __name__ == '__main__':
    sys.exit(main())

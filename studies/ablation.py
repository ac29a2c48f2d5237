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
Train and score rows of TripleNet's Table 1 in miniature, and print them as a table.

Every row gets the same recipe, the same encoder to start from and the same number of steps; only
its network differs. ``python studies/ablation.py CAMVID`` makes docs/ablation.md's table. Runs
that are finished are not repeated, so that it may be stopped and started again.
"""

import argparse
from pathlib import Path
from statistics import mean
from typing import Sequence

from kept_runs import line, score, train

ENCODER = 'camvid-ablation-encoder'
RECIPE = 'camvid-ablation'
FIGURES = {'AP50': ('detection', 'mAP50'), 'AP': ('detection', 'AP'),
           'mIoU': ('segmentation', 'mIoU'), 'pixel accuracy': ('segmentation', 'pixel_accuracy')}


def main() -> None:
    """Train what is missing, then print the table."""
    args = parse_arguments()
    encoder = train(ENCODER, args.out / 'encoder', [])
    lines = [line('row', FIGURES)] + [line('---', ['---'] * len(FIGURES))]
    for row in args.rows:
        found = [scores(train(RECIPE, args.out / f'{row}-{seed}', [
            f'network=ablation-{row}', f'seed={seed}', f'initial_weights={encoder}',
            f'data.camvid.root={args.camvid}', f'validation.camvid.root={args.camvid}',
            *args.changes]), args.camvid) for seed in args.seeds]
        lines.append(line(row, [cell([figures[name] for figures in found]) for name in FIGURES]))
        print('\n'.join(lines), flush=True)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('camvid', type=Path, metavar='CAMVID', help='folder with train/ and val/')
    parser.add_argument('--rows', nargs='+', default=['a', 'b', 'd', 'h'], metavar='ROW')
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1], metavar='SEED')
    parser.add_argument('--out', type=Path, default=Path('runs/ablation'), metavar='FOLDER')
    parser.add_argument('--set', action='append', default=[], metavar='KEY=VALUE', dest='changes',
                        help='change a key of the recipe for all rows')
    return parser.parse_args()


def scores(weights: Path, camvid: Path) -> dict[str, float]:
    """Score weights on the validation split; a task they lack is None."""
    figures = score(weights, weights.with_name('scores.json'), '--data', 'camvid', '--root',
                    str(camvid))
    return {name: (figures[task] or {}).get(key) for name, (task, key) in FIGURES.items()}


def cell(values: Sequence[float]) -> str:
    """Give the mean over the seeds and half of their range, in percent."""
    if None in values:
        return ''
    return f'{100 * mean(values):.1f} ± {50 * (max(values) - min(values)):.1f}'


if __name__ == '__main__':
    main()

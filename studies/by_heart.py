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
See whether small networks of the family can learn 20 images by heart.

``python studies/by_heart.py COCO`` trains a small TripleNet, PairNet and BlitzNet on the first
20 images with objects and scores them on those same images. It shows that targets, losses,
anchors, decoding and scores fit together; it says nothing of accuracy on other images.
"""

import argparse
import json
from pathlib import Path
import subprocess
import sys

RECIPE = 'coco-by-heart'
NETWORKS = ['triplenet300-r50-s4', 'pairnet300-r50', 'blitznet300-r50-s4']


def main() -> None:
    """Train and score one network after the other."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('coco', type=Path, metavar='COCO', help="folder in COCO's layout")
    parser.add_argument('--annotations', default='instances.json', metavar='JSON')
    parser.add_argument('--images', type=int, default=20, metavar='N')
    parser.add_argument('--networks', nargs='+', default=NETWORKS, metavar='NETWORK')
    parser.add_argument('--out', type=Path, default=Path('runs/by-heart'), metavar='FOLDER')
    args = parser.parse_args()
    ids = write_ids(args.coco / args.annotations, args.images, args.out / 'ids.txt')
    for network in args.networks:
        figures = learn(network, args.coco, ids, args.out / network)
        print(f'{network:<22} AP50 {figures["detection"]["mAP50"]:.3f}   '
              f'mIoU {figures["segmentation"]["mIoU"]:.3f}', flush=True)


def write_ids(annotations: Path, count: int, target: Path) -> Path:
    """Write the first ids of the images with an object that is no crowd."""
    objects = json.loads(annotations.read_text(encoding='utf-8'))['annotations']
    ids = sorted({item['image_id'] for item in objects if not item['iscrowd']})[:count]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(''.join(f'{number}\n' for number in ids), encoding='utf-8')
    return target.resolve()


def learn(network: str, coco: Path, ids: Path, folder: Path) -> dict:
    """Train one network and score it on what it was trained on."""
    run('train', RECIPE, '--set', f'network={network}', '--set', f'data.coco.root={coco}',
        '--set', f'data.coco.ids={ids}', '--out', str(folder))
    scores = folder / 'scores.json'
    run('evaluate', '--weights', str(folder / 'weights.safetensors'), '--data', 'coco',
        '--root', str(coco), '--data-option', f'ids={ids}', '--json', str(scores))
    return json.loads(scores.read_text(encoding='utf-8'))


def run(*arguments: str) -> None:
    """Run one command of triplenet; stop if it fails."""
    subprocess.run([sys.executable, '-m', 'triplenet_ros', *arguments], check=True,
                   stdout=sys.stderr)


if __name__ == '__main__':
    main()

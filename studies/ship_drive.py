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
Score weights as those of a road camera are scored, and put them where they are shipped.

``python studies/ship_drive.py WEIGHTS CITYSCAPES BDD CAMVID`` takes what ``triplenet train
drive-again`` left, with its temperatures, scores it in float32 on the three validation splits,
and writes ``triplenet_ros/weights/drive.safetensors`` and the tables of ``drive.md``; what else
the card and README say of them is written by hand, and tests compare it.
"""

import argparse
from dataclasses import replace
from pathlib import Path
import re
from typing import Any

from triplenet_ros.class_mapping import load_rename, NO_RENAME
from triplenet_ros.data.sources import open_dataset
from triplenet_ros.evaluation.run import score_images, SCORE_THRESHOLD
from triplenet_ros.evaluation.table import table
from triplenet_ros.inference.weights import load_weights, save_weights
from triplenet_ros.outputs import replacing
from triplenet_ros.predictor import Predictor

SHIPPED = Path(__file__).parents[1] / 'triplenet_ros' / 'weights' / 'drive.safetensors'
TRAINED_ON = ('Cityscapes train (1,994 frames: labels and boxes), BDD100K train (3,400 frames: '
              'boxes, and of the pixels what the network itself was sure of)')
STEPS = ('drive', 'drive-finish', 'drive-polish', 'drive-last', 'drive-longer', 'drive-again')
"""Recipes; docs/training.md has what comes between them."""
DATA = {'cityscapes': ('folder', NO_RENAME), 'bdd': ('folder', NO_RENAME),
        'camvid': ('camvid', load_rename('cityscapes_to_camvid'))}
"""What data each set is read as, and how its classes are mapped."""
_TABLE = re.compile(r'(?<=\n```\n)\d+ images\n.*?(?=\n```\n)', re.DOTALL)


def main() -> None:
    """Score, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('weights', type=Path, help='of triplenet train, calibrated')
    for name in DATA:
        parser.add_argument(name, type=Path, help='folder of the data set')
    args = parser.parse_args()
    network, card = load_weights(args.weights)
    if not card.temperatures:
        parser.error(f'{args.weights} has no temperatures: train with validation and calibrate')
    predictor = Predictor(network, precision='float32', score_threshold=SCORE_THRESHOLD,
                          confidence=True)
    scores, tables = {}, []
    for name in DATA:
        scores[name], text = score(predictor, name, getattr(args, name))
        tables.append(text)
        print(text, flush=True)
    found = scores['cityscapes']['detection']['best_threshold']['score']
    command = ' && '.join(f'triplenet train {step}' for step in STEPS)
    save_weights(SHIPPED, network, replace(
        card, trained_on=TRAINED_ON, command=command, scores=scores, score_threshold=found),
        overwrite=True)
    write_tables(SHIPPED.with_suffix('.md'), tables)


def score(predictor: Predictor, name: str, root: Path) -> tuple[dict[str, Any], str]:
    """Return the figures on a data set's validation split, and their table."""
    kind, rename = DATA[name]
    data = open_dataset(kind, root, 'val')
    figures = score_images(predictor, data, rename=rename).compute()
    return figures, table(figures, boxes=getattr(data, 'truth_of_boxes', 'boxes'))


def write_tables(card: Path, tables: list[str]) -> None:
    """Replace the tables of a model card, in their order."""
    text, left = card.read_text(encoding='utf-8'), iter(tables)
    with replacing(card, overwrite=True) as temporary:
        temporary.write_text(_TABLE.sub(lambda _: next(left), text), encoding='utf-8')


if __name__ == '__main__':
    main()

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
Tell whether the data of a recipe come as fast as its network learns.

``python studies/data_rate.py RECIPE --set ...`` prints the images per second of the loader
alone (reading, augmenting, stacking, by the recipe's workers), then those of training, with the
share of the time in which the network waited for data. Where the first is not well above the
second, more ``workers`` help, or more ``cache``. Checkpoints go into a temporary folder.
"""

import argparse
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.training.configuration import network_config
from triplenet_ros.training.data_rate import DataRate
from triplenet_ros.training.fit import fit
from triplenet_ros.training.recipe import load_recipe, Recipe
from triplenet_ros.training.training_data import TrainingData


def main() -> None:
    """Measure one recipe."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('recipe', metavar='RECIPE', help='name of a shipped recipe, or a file')
    parser.add_argument('--set', metavar='KEY=VALUE', action='append', default=[], dest='changes')
    parser.add_argument('--steps', type=int, default=50, metavar='N',
                        help='measured, after 10 to warm up')
    args = parser.parse_args()
    recipe = load_recipe(args.recipe, args.changes)
    warmup = min(args.steps, 10)
    # Random weights learn at the speed of pretrained ones.
    recipe = replace(recipe, iterations=warmup + args.steps, validation={}, pretrained='',
                     initial_weights='', initial_parts=(), validate_every=10 ** 9)
    config = network_config(recipe)
    print(f'loader    {loader_rate(recipe, config, warmup):.1f} images/s, '
          f'{recipe.workers} workers', flush=True)
    rate = DataRate()
    with TemporaryDirectory() as folder:
        fit(recipe, JointNetwork(config), Path(folder) / 'run', [rate])
    print(f'training  {rate}')


def loader_rate(recipe: Recipe, config: Any, warmup: int) -> float:
    """Return images per second of the loader alone, once its workers run."""
    batches = iter(TrainingData(recipe, config).loader_from(0))
    for _ in islice(batches, warmup):
        pass
    start = perf_counter()
    images = sum(len(batch.images) for batch in batches)
    return images / (perf_counter() - start)


if __name__ == '__main__':
    main()

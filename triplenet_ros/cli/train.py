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

"""``triplenet train``: train a network by a recipe."""

import argparse
from dataclasses import replace
from pathlib import Path
import shlex
import sys
from typing import Any

from triplenet_ros.classes import voc_palette
from triplenet_ros.cli.inputs import recipe_inputs, weights_inputs
from triplenet_ros.errors import InputError
from triplenet_ros.missing import needs_extra
from triplenet_ros.outputs import check_outputs
from triplenet_ros.overlap import Input, Output
from triplenet_ros.printable import printable

NAME = 'train'
HELP = 'train a network by a recipe'
WRITTEN = ('recipe.yaml', 'last.ckpt', 'best.ckpt', 'weights.safetensors')
"""Files of a training's folder that going on replaces."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('recipe', metavar='RECIPE', help='name of a shipped recipe, or a file')
    parser.add_argument('--set', metavar='KEY=VALUE', action='append', default=[], dest='changes',
                        help='change a key of the recipe, dots reach inside: '
                             'data.camvid.root=/data/camvid; may be repeated')
    parser.add_argument('--out', metavar='FOLDER', type=Path,
                        help='checkpoints, TensorBoard events and weights go there; '
                             'default runs/RECIPE')
    parser.add_argument('--resume', action='store_true', help='go on from the last checkpoint')


def run(args: argparse.Namespace) -> None:
    """Train, then write the best weights beside the checkpoints."""
    with needs_extra('training', 'train'):
        import lightning  # noqa: F401
    from lightning.pytorch.utilities import rank_zero_only

    from triplenet_ros.cli.predicted_pictures import PredictedPictures
    from triplenet_ros.evaluation.kept_weights import describe_data, keep_weights
    from triplenet_ros.evaluation.scoring import ScoreValidation
    from triplenet_ros.inference.weights import WeightsCard
    from triplenet_ros.training.data_rate import DataRate
    from triplenet_ros.training.fit import fit
    from triplenet_ros.training.recipe import load_recipe
    recipe = load_recipe(args.recipe, args.changes)
    folder = args.out or Path('runs') / Path(args.recipe).stem
    # Several processes run this command alike; the first has begun to fill the folder.
    is_first = rank_zero_only.rank == 0
    if is_first:
        _check_folder(args, recipe, folder)
    rate = DataRate()
    callbacks = [ScoreValidation(), PredictedPictures()] if recipe.validation else []
    network = _starting_network(recipe)
    # Looked up now: what a long training began with may be gone at its end.
    card = WeightsCard(network.config, describe_data(recipe), _command())
    fit(recipe, network, folder, [*callbacks, rate], args.resume)
    if is_first:
        weights = keep_weights(network, recipe, folder, card)
        print(rate)
        print(printable(f'weights {weights}'))


def _check_folder(args: argparse.Namespace, recipe: Any, folder: Path) -> None:
    """Refuse a folder whose filling would lose something."""
    read: list[Input] = weights_inputs(recipe.initial_weights) if recipe.initial_weights else []
    if args.resume:
        written = [Output(folder / name, overwrite=True) for name in WRITTEN]
        if Path(args.recipe).resolve() != (folder / 'recipe.yaml').resolve():
            read += recipe_inputs(args.recipe, [])
    else:
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(f'{folder} is not empty: choose another --out, or --resume it')
        written = [Output(folder, overwrite=True, folder=True)]
        options = [*(options for _, options in recipe.data_sets), *recipe.validation.values()]
        read += recipe_inputs(args.recipe, options)
    check_outputs(read, written)


def _starting_network(recipe: Any) -> Any:
    """Build the network of a recipe, with the weights that its training begins with."""
    import torch

    from triplenet_ros.inference.weights import load_parts, load_weights
    from triplenet_ros.inference.weights_file import find_weights
    from triplenet_ros.network.joint import JointNetwork
    from triplenet_ros.training.configuration import network_config
    config = network_config(recipe)
    torch.manual_seed(recipe.seed)  # of random weights too
    if recipe.initial_weights and not recipe.initial_parts:
        network, _ = load_weights(find_weights(recipe.initial_weights))
        if _learned(network.config) != _learned(config):
            raise InputError(f'initial_weights {recipe.initial_weights} are of another network '
                             f'({network.config.name}) than the recipe trains: set initial_parts '
                             'to the modules to take')
        network.config = config
        return network
    network = JointNetwork(config, pretrained=recipe.pretrained or None)
    if recipe.initial_weights:
        load_parts(find_weights(recipe.initial_weights), network, recipe.initial_parts)
    return network


def _learned(config: Any) -> Any:
    """Return what weights know of: not how boxes are merged, nor what classes are drawn in."""
    palette = voc_palette(len(config.classes.palette))
    return config.evolve(merge_iou=1.0, classes=replace(config.classes, palette=palette))


def _command() -> str:
    """Return the command for the card: resumed or not makes no difference to what is learned."""
    return shlex.join(['triplenet', *(part for part in sys.argv[1:] if part != '--resume')])

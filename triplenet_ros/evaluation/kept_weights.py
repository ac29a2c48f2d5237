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

"""What a training leaves: its best weights, finished, in a file that says where they come from."""

from dataclasses import replace
from pathlib import Path

import torch

from triplenet_ros.evaluation.finish import finish
from triplenet_ros.inference.weights import load_weights, read_card, save_weights, WeightsCard
from triplenet_ros.inference.weights_file import find_weights
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.training.mean_weights import mix_in
from triplenet_ros.training.recipe import Recipe


def keep_weights(network: JointNetwork, recipe: Recipe, folder: Path, card: WeightsCard) -> Path:
    """
    Finish a trained network and write it beside its checkpoints.

    :param network: changed in place: filled with the best checkpoint where the recipe validates,
        else with the last one, mixed with the initial ones, calibrated, as far as the recipe says
    :param recipe: of its training
    :param folder: of its training
    :param card: what was known of the weights before they were trained
    :return: the file, weights.safetensors in the folder
    """
    _take_checkpoint(network, _checkpoint(folder, recipe))
    if recipe.initial_share:
        initial, _ = load_weights(find_weights(recipe.initial_weights))
        mix_in(network, initial, recipe.initial_share)
    finished = finish(network, recipe)
    path = folder / 'weights.safetensors'
    save_weights(path, network, replace(
        card, scores={name: finished.figures for name in recipe.validation},
        temperatures=finished.temperatures, score_threshold=finished.score_threshold),
        overwrite=True)
    return path


def describe_data(recipe: Recipe) -> str:
    """
    Say what weights of a recipe have learned from, the data of their initial weights included.

    Terms of data bind what was trained on it, and what was trained on from there.

    :return: ``'folder my_road train; before that, drive: ...'``
    """
    sets = ', '.join(' '.join(part for part in (name, Path(options.get('root') or '').name,
                                                options.get('split', 'train')) if part)
                     for name, options in recipe.data_sets)
    if not recipe.initial_weights:
        return sets
    before = read_card(find_weights(recipe.initial_weights)).trained_on or 'not known'
    return f'{sets}; before that, {recipe.initial_weights}: {before}'


def _checkpoint(folder: Path, recipe: Recipe) -> Path:
    best = folder / 'best.ckpt'
    return best if recipe.validation and best.is_file() else folder / 'last.ckpt'


def _take_checkpoint(network: JointNetwork, path: Path) -> None:
    """
    Fill the network with a checkpoint's weights: the moving average, where there is one.

    The network itself holds the last step's where a training was resumed that had no step left.
    """
    # Read as data, as what --resume goes on from: nothing in it is run.
    checkpoint = torch.load(path, map_location='cpu', weights_only=True)
    prefix = 'network.'
    network.load_state_dict({
        name[len(prefix):]: value for name, value in checkpoint['state_dict'].items()
        if name.startswith(prefix)})

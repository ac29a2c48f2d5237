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

"""The network that a recipe asks for."""

from triplenet_ros.data.sources import open_dataset
from triplenet_ros.errors import InputError
from triplenet_ros.network.config import NetworkConfig
from triplenet_ros.network.registry import named_config
from triplenet_ros.training.recipe import Recipe


def network_config(recipe: Recipe) -> NetworkConfig:
    """
    Return the recipe's configuration, with its changes and its classes.

    :raises InputError: for an unknown name, an unknown field, or a value no network can have
    """
    config = named_config(recipe.network)
    if recipe.classes == 'data':
        name, options = recipe.data_sets[0]
        options.pop('repeat', None)
        config = config.evolve(classes=open_dataset(name, **options).classes)
    try:
        return NetworkConfig.from_dict({**config.to_dict(), **recipe.network_changes})
    except ValueError as error:
        raise InputError(f'recipe: network_changes: {error}') from error

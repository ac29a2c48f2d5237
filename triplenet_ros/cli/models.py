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

"""``triplenet models``: the registry as a table."""

import argparse
from typing import Any

from triplenet_ros.cli.figures import add_json_argument, text_stream, write_figures

NAME = 'models'
HELP = 'list the networks: input, parameters, multiply-adds, anchors, levels'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """Measure and print every network."""
    from triplenet_ros.network.registry import NETWORKS
    figures = [_figures(config) for config in NETWORKS.values()]
    stream = text_stream(args.json)
    print(f'{"network":24}{"input":>10}{"parameters":>12}{"multiply-adds":>15}{"anchors":>9}  '
          'levels', file=stream)
    for row in figures:
        height, width = row['input_size']
        levels = ' '.join(f'{rows}x{columns}' for rows, columns in row['levels'])
        print(f'{row["name"]:24}{f"{height}x{width}":>10}{row["parameters"] / 1e6:>10.1f} M'
              f'{row["macs"] / 1e9:>13.1f} G{row["anchors"]:>9,}  {levels}', file=stream)
    write_figures(figures, args.json)


def _figures(config: Any) -> dict[str, Any]:
    from triplenet_ros.network.costs import measure_costs
    costs = measure_costs(config)
    return {'name': config.name, 'input_size': [config.input_height, config.input_width],
            'parameters': costs.parameters, 'macs': costs.macs, 'anchors': costs.anchors,
            'levels': [list(layer) for layer in costs.layers]}

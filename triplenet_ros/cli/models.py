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
from typing import Any, Sequence

from triplenet_ros.cli.figures import (
    add_json_argument, json_outputs, text_stream, write_figures)
from triplenet_ros.outputs import check_outputs

NAME = 'models'
HELP = 'list the networks: size, cost, anchors, levels, and what each switches on'

_HEADINGS = ('network', 'input', 'params', 'mult-adds', 'anchors', 'backbone', 'decoder', 'boxes',
             'labels', 'supervision', 'levels')
_WIDTHS = (10, 14, 13, 8, 23)
"""Of the columns of words, the last one left open."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_json_argument(parser)


def run(args: argparse.Namespace) -> None:
    """Measure and print every network."""
    from triplenet_ros.network.registry import NETWORKS
    check_outputs([], json_outputs(args.json))
    figures = [_figures(config) for config in NETWORKS.values()]
    write_figures(figures, args.json)
    stream = text_stream(args.json)
    print(_line(_HEADINGS), file=stream)
    for row in figures:
        print(_line(_cells(row)), file=stream)


def _line(cells: Sequence[str]) -> str:
    name, *numbers = cells[:5]
    words = cells[5:]
    return (f'{name:<21}' + ''.join(f'{number:>10}' for number in numbers) + '  '
            + ''.join(f'{word:<{width}}' for word, width in zip(words, _WIDTHS)) + words[-1])


def _cells(row: dict[str, Any]) -> list[str]:
    height, width = row['input_size']
    parts = row['parts']
    return [row['name'], f'{height}x{width}', f'{row["parameters"] / 1e6:.1f} M',
            f'{row["macs"] / 1e9:.1f} G', f'{row["anchors"]:,}', *parts.values(),
            ' '.join(_size(*level) for level in row['levels'])]


def _size(rows: int, columns: int) -> str:
    return f'{rows}' if rows == columns else f'{rows}x{columns}'


def _figures(config: Any) -> dict[str, Any]:
    from triplenet_ros.network.costs import measure_costs
    costs = measure_costs(config)
    return {'name': config.name, 'input_size': [config.input_height, config.input_width],
            'parameters': costs.parameters, 'macs': costs.macs, 'anchors': costs.anchors,
            'parts': _parts(config), 'levels': [list(layer) for layer in costs.layers]}


def _parts(config: Any) -> dict[str, str]:
    """Name what the configuration switches on, as the papers do."""
    supervision = [name for name, on in (
        ('class-aware', config.class_aware_supervision),
        ('CAS', config.class_agnostic_supervision),
        ('SS', config.scale_specific_supervision)) if on]
    return {'backbone': config.backbone,
            'decoder': config.fusion,
            'boxes': config.detection_head + (' + IC' if config.inner_connected else ''),
            'labels': {'fused_3x3': 'MFS', 'fused_1x1': 'fused'}.get(
                config.segmentation_head, config.segmentation_head),
            'supervision': ' + '.join(supervision) or 'none'}

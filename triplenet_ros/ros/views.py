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

"""What RViz can show of a node, as the file with the node's parameters says."""

from pathlib import Path
from typing import Any, Iterator

from triplenet_ros.errors import InputError
from triplenet_ros.ros.parameters import Settings
from triplenet_ros.strict_yaml import read_yaml

_PICTURES = ('overlay', 'label_color', 'label_cloud')


def rviz_file(parameters: dict) -> str:
    """
    Return the name of the shipped RViz configuration whose every display gets something to show.

    :param parameters: of the node, without those that are left at their defaults
    """
    tasks = parameters.get('tasks') or Settings.tasks
    name = 'perception' if 'segmentation' in tasks else 'detection'
    return name + ('_cloud' if parameters.get('paint_cloud', Settings.paint_cloud) else '')


def first_camera(parameters: dict) -> list:
    """
    Return remappings that let RViz show the first of several cameras; none where there is one.

    :param parameters: of the node
    """
    names = [name for name in parameters.get('cameras') or () if name.strip()]
    return [(f'perception_node/{topic}', f'perception_node/{names[0]}/{topic}')
            for topic in _PICTURES if names]


def node_parameters(path: Path) -> dict:
    """
    Return what a file of parameters gives the perception node, whatever its namespace.

    :param path: of the YAML file; the node tells what is wrong with one that cannot be read
    """
    try:
        content = read_yaml(path)
    except InputError:
        return {}
    return {name: value for section in _sections(content) for name, value in section.items()}


def _sections(content: Any) -> Iterator[dict]:
    """Yield the parameters under every name that may be the node's: ``/**``, ``/ns/node``."""
    for name, below in content.items() if isinstance(content, dict) else ():
        last = str(name).split('/')[-1]
        if last in ('*', '**', 'perception_node') and isinstance(below, dict):
            yield below.get('ros__parameters') or {}
        elif last != 'ros__parameters':
            yield from _sections(below)

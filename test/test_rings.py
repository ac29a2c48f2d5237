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

"""Each folder knows only those further inside, and rclpy stays in the outermost."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / 'triplenet_ros'
RANKS = {'errors': 0, 'missing': 0, 'classes': 0, 'interrupt': 0, 'sample': 0, 'worker': 0,
         'overlap': 0.4, 'outputs': 0.5, 'network': 1, 'scenes': 1, 'data': 1.5, 'training': 2,
         'inference': 3, 'export': 3.5, 'drawing': 3.5, 'evaluation': 4, 'benchmark': 4,
         'messages': 5, 'cloud': 5, 'bag': 6, 'fleet': 6.5, 'cli': 7, 'ros': 7}
# The circle that is still to be opened: (folder, what it imports).
EXCEPTIONS = {('inference', 'export')}
ROS_MODULES = {'rclpy', 'cv_bridge', 'diagnostic_updater', 'tf2_ros', 'launch', 'launch_ros'}
# They name things of every ring.
ENTRY_POINTS = {'__init__', '__main__'}


def imported(path):
    """Return the modules a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names


def folder_of(path):
    """Return the first name below the package."""
    return path.relative_to(PACKAGE).with_suffix('').parts[0]


SOURCES = [path for path in sorted(PACKAGE.rglob('*.py')) if folder_of(path) not in ENTRY_POINTS]


def test_every_folder_has_its_place():
    folders = {folder_of(path) for path in SOURCES} - {'weights', 'config'}
    assert folders <= set(RANKS)


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_an_inner_ring_never_imports_an_outer_one(path):
    own = folder_of(path)
    inner = {name.split('.')[1] for name in imported(path)
             if name.startswith('triplenet_ros.')} - {own}
    outer = [name for name in inner if RANKS[name] >= RANKS[own] and (own, name) not in EXCEPTIONS]
    assert outer == []


def test_only_the_ros_ring_imports_ros():
    found = {str(path.relative_to(PACKAGE)) for path in SOURCES
             if {name.split('.')[0] for name in imported(path)} & ROS_MODULES}
    assert {name for name in found if not name.startswith('ros/')} == set()

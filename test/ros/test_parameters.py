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

"""One table of parameters: the code, the files and what ROS tells agree with it."""

from dataclasses import asdict, fields
import inspect
from pathlib import Path
import re

import pytest
from rclpy.parameter import Parameter
from triplenet_ros import Predictor
from triplenet_ros.classes import CAMVID
from triplenet_ros.inference.backends import BACKENDS
from triplenet_ros.inference.runner import Wanted
from triplenet_ros.ros.parameters import Settings
import yaml

CONFIG = Path(__file__).resolve().parents[2] / 'config'
NAMES = {'weights', 'input_size', 'device', 'backend', 'precision', 'image_transport',
         'score_threshold', 'nms_threshold', 'max_detections', 'detection_classes',
         'segmentation_classes', 'tasks', 'max_age', 'cameras', 'paint_cloud', 'no_image_warning',
         'stall_timeout'}
LIVE = {'score_threshold', 'nms_threshold', 'max_detections', 'detection_classes',
        'segmentation_classes', 'max_age', 'no_image_warning', 'stall_timeout'}


def in_file(name):
    """Return the parameters that a file of config/ sets."""
    return yaml.safe_load((CONFIG / name).read_text())['/**']['ros__parameters']


def as_lists(values):
    """Return values as YAML holds them."""
    return {name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()}


def test_file_of_all_parameters_holds_the_defaults():
    written, defaults = in_file('perception.yaml'), as_lists(asdict(Settings()))
    assert written == defaults
    # 0 and 0.0 are equal, but rclpy refuses an integer for a float.
    assert {name: type(value) for name, value in written.items()} == {
        name: type(value) for name, value in defaults.items()}


def test_the_table_of_the_readme_holds_the_defaults():
    readme = (CONFIG.parent / 'README.md').read_text(encoding='utf-8')
    rows = dict(re.findall(r'^\| `(\w+)` \*? ?\| `([^`]*)` \|', readme, re.MULTILINE))
    table = {name: yaml.safe_load(text) for name, text in rows.items() if name in NAMES}
    assert table == as_lists(asdict(Settings()))
    live = set(re.findall(r'^\| `(\w+)` \* \|', readme, re.MULTILINE))
    assert live == LIVE


@pytest.mark.parametrize('name, tasks', [
    ('car_detection.yaml', ['detection']), ('road_segmentation.yaml', ['segmentation'])])
def test_presets_are_tasks_of_the_table(name, tasks):
    preset = in_file(name)
    assert preset['tasks'] == tasks and preset.keys() <= NAMES
    Settings(**{key: tuple(value) for key, value in preset.items()}).check(CAMVID)


def test_every_parameter_is_declared_with_description_and_limits(make_node):
    node = make_node()
    assert {row.name for row in fields(Settings)} == NAMES
    for name in NAMES:
        descriptor = node.describe_parameter(name)
        assert descriptor.description
        assert descriptor.read_only == (name not in LIVE)
    floats = node.describe_parameter('score_threshold').floating_point_range[0]
    integers = node.describe_parameter('max_detections').integer_range[0]
    assert (floats.from_value, floats.to_value) == (-1.0, 1.0)
    assert (integers.from_value, integers.to_value) == (1, 200)


def test_backends_are_named_to_who_asks(make_node):
    constraints = make_node().describe_parameter('backend').additional_constraints
    assert set(re.findall(r'\w+', constraints)) == {'auto', 'or', *BACKENDS}


def test_defaults_are_those_of_the_predictor():
    defaults = {name: parameter.default for kind in (Predictor, Wanted)
                for name, parameter in inspect.signature(kind).parameters.items()}
    shared = defaults.keys() & NAMES
    assert len(shared) == 7
    assert {name: getattr(Settings(), name) for name in shared} == {
        name: defaults[name] for name in shared}


@pytest.mark.parametrize('name, value, reason', [
    ('score_threshold', 1.5, '1.5'), ('score_threshold', 'high', 'type'),
    ('max_detections', 0, '0'), ('max_age', -1.0, '-1'), ('weights', 'other', 'read-only'),
    ('detection_classes', ['car', 'cow'], "'cow', the weights know car, pedestrian"),
    ('segmentation_classes', ['moon'], 'moon'), ('detection_classes', 3, 'list of names'),
    ('detection_classes', None, 'removed')])
def test_bad_value_is_refused_with_the_reason_and_changes_nothing(
        active_node, name, value, reason):
    node = active_node()
    before = {key: node.get_parameter(key).value for key in NAMES}
    kind = Parameter.Type.NOT_SET if value is None else None
    good = Parameter('nms_threshold', value=0.9)
    result = node.set_parameters_atomically([good, Parameter(name, kind, value)])
    assert not result.successful and reason in result.reason
    assert {key: node.get_parameter(key).value for key in NAMES} == before


@pytest.mark.parametrize('value', [
    Parameter('detection_classes', Parameter.Type.STRING_ARRAY, []),
    # What `ros2 param set ... '[]'` sends, and what stands for it where lists cannot be empty.
    Parameter('detection_classes', Parameter.Type.BOOL_ARRAY, []),
    Parameter('detection_classes', value=[''])])
def test_empty_list_of_classes_is_all_of_them(active_node, value):
    node = active_node(detection_classes=['car'])
    assert node.set_parameters([value])[0].successful
    assert node.settings.read().detection_classes == ()


def test_live_value_is_accepted_before_the_weights_are_loaded(make_node):
    node = make_node(tasks=['sleep'])
    assert node.set_parameters([Parameter('detection_classes', value=['cow'])])[0].successful

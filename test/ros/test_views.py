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

"""The shipped views show what the node publishes, with panels and displays that exist."""

from io import BytesIO
import json
from pathlib import Path
import runpy
import struct

from diagnostic_msgs.msg import DiagnosticArray
from launch import LaunchContext
from launch.utilities import perform_substitutions
import pytest
from triplenet_ros.ros.views import node_parameters
import yaml

ROOT = Path(__file__).resolve().parents[2]
RVIZ = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / 'rviz').glob('*.rviz')}
FOXGLOVE = json.loads((ROOT / 'config' / 'foxglove_layout.json').read_text())

# What the three distributions' plugins_description.xml of RViz offer, and Foxglove's panels.
DISPLAYS = {'rviz_default_plugins/' + name
            for name in ('Camera', 'Grid', 'Image', 'PointCloud2', 'TF')}
TOOLS = {'rviz_default_plugins/' + name for name in ('FocusCamera', 'MoveCamera', 'Select')}
# Time would not leave the overlay its half: it is never narrower than 930 pixels.
PANELS = {'rviz_common/Displays', 'rviz_common/Views'}
FOXGLOVE_PANELS = {'3D', 'DiagnosticStatusPanel', 'DiagnosticSummary', 'Image',
                   'StateTransitions', 'Tab'}

# Published only where foxglove_msgs is installed.
OPTIONAL = {'/perception_node/image_annotations'}


@pytest.fixture
def topics_of(active_node):
    """Return a function that gives the topics that a node with some parameters publishes."""
    return lambda **parameters: {
        publisher.topic_name for publisher in active_node(**parameters).publishers}


@pytest.fixture
def published(active_node, listener):
    """Return the topics that have a publisher, of a node with every output."""
    node = active_node(paint_cloud=True)

    # Not by the node's name: one of an earlier test may not be forgotten yet.
    def topics():
        graph = listener.node
        return {name for name, _ in graph.get_topic_names_and_types()
                if graph.count_publishers(name)}

    own = {publisher.topic_name for publisher in node.publishers}
    listener.until(lambda: own <= topics())
    return topics()


def classes(entries):
    """Return the classes of a list in the RViz file."""
    return {entry['Class'] for entry in entries}


def leaves(layout):
    """Yield the panels that a layout of Foxglove shows, those in tabs too."""
    if isinstance(layout, str):
        yield layout
        for tab in FOXGLOVE['configById'][layout].get('tabs', ()):
            yield from leaves(tab['layout'])
    else:
        assert layout['direction'] in ('row', 'column') and 0 < layout['splitPercentage'] < 100
        yield from (*leaves(layout['first']), *leaves(layout['second']))


def shown_topics(config):
    """Return the topics that a configuration of RViz subscribes to."""
    return {display['Topic']['Value'] for display in config['Visualization Manager']['Displays']
            if 'Topic' in display and display['Enabled']}


def start_rviz(**arguments):
    """Return which configuration perception.launch.py gives RViz, and with which remappings."""
    launch = runpy.run_path(str(ROOT / 'launch' / 'perception.launch.py'))
    launch['start_rviz'].__globals__['shared_file'] = lambda *path: str(ROOT.joinpath(*path))
    context = LaunchContext()
    context.launch_configurations.update({
        'params_file': str(ROOT / 'config' / 'perception.yaml'), 'paint_cloud': '',
        'rviz_config': '', 'namespace': '', 'fixed_frame': 'map', 'use_sim_time': 'false',
        **arguments})
    rviz, = launch['start_rviz'](context)
    words = [perform_substitutions(context, word) for word in rviz.cmd[1:5]]
    assert words[0] == '-d' and words[2:] == ['-f', 'map']
    return Path(words[1]).stem, dict(
        [perform_substitutions(context, side) for side in rule]
        for rule in rviz._Node__remappings)


USES = {
    'perception': {'tasks': ['detection', 'segmentation'], 'paint_cloud': False},
    'perception_cloud': {'tasks': ['segmentation'], 'paint_cloud': True},
    'detection': {'tasks': ['detection'], 'paint_cloud': False},
    'detection_cloud': {'tasks': ['detection'], 'paint_cloud': True}}


@pytest.mark.parametrize('name', USES)
def test_rviz_shows_what_the_node_publishes_and_no_more(topics_of, name):
    manager = RVIZ[name]['Visualization Manager']
    assert classes(manager['Displays']) <= DISPLAYS
    assert classes(manager['Tools']) == TOOLS and classes(RVIZ[name]['Panels']) <= PANELS
    pictures = {'/perception_node/' + topic for topic in ('overlay', 'label_color', 'label_cloud')}
    assert {f'/{topic}' for topic in shown_topics(RVIZ[name])} == (
        topics_of(**USES[name]) & pictures)


@pytest.mark.parametrize('name', USES)
def test_launched_rviz_is_given_the_configuration_of_the_parameters(tmp_path, name):
    params_file = tmp_path / 'params.yaml'
    params_file.write_text(yaml.safe_dump({'/**': {'ros__parameters': USES[name]}}))
    assert start_rviz(params_file=str(params_file)) == (name, {})


@pytest.mark.parametrize('preset, name', [
    ('perception', 'perception'), ('road_segmentation', 'perception'),
    ('car_detection', 'detection')])
def test_argument_for_the_cloud_is_heard_before_the_file(preset, name):
    preset = str(ROOT / 'config' / f'{preset}.yaml')
    assert start_rviz(params_file=preset)[0] == name
    assert start_rviz(params_file=preset, paint_cloud='true')[0] == f'{name}_cloud'
    assert start_rviz(params_file=preset, paint_cloud='false')[0] == name


def test_first_of_several_cameras_is_shown_on_topics_that_the_node_has(tmp_path, topics_of):
    parameters = {'cameras': ['front', 'left'], 'paint_cloud': True}
    params_file = tmp_path / 'params.yaml'
    params_file.write_text(yaml.safe_dump({'/**': {'ros__parameters': parameters}}))
    name, remappings = start_rviz(params_file=str(params_file))
    assert remappings.keys() == shown_topics(RVIZ[name])
    assert {f'/{topic}' for topic in remappings.values()} <= topics_of(**parameters)
    assert all('/front/' in topic for topic in remappings.values())


def test_configuration_of_the_user_is_taken():
    assert start_rviz(rviz_config='/home/own.rviz')[0] == 'own'


def test_parameters_are_found_under_every_name_of_the_node(tmp_path):
    path = tmp_path / 'params.yaml'
    for text in ('/**: {ros__parameters: {tasks: [detection]}}',
                 'perception_node: {ros__parameters: {tasks: [detection]}}',
                 '/robot/perception_node: {ros__parameters: {tasks: [detection]}}',
                 'robot: {perception_node: {ros__parameters: {tasks: [detection]}}}'):
        path.write_text(f'{text}\nother_node: {{ros__parameters: {{tasks: [none]}}}}\n')
        assert node_parameters(path) == {'tasks': ['detection']}
    for text in ('', '[1]', '/**: {}', '/**: {ros__parameters: }', '{'):
        path.write_text(text)
        assert node_parameters(path) == {}
    assert node_parameters(tmp_path / 'nowhere.yaml') == {}


@pytest.mark.parametrize('config', RVIZ.values(), ids=RVIZ)
def test_rviz_subscribes_so_that_every_publisher_matches(config):
    for display in config['Visualization Manager']['Displays']:
        if 'Topic' in display:
            assert display['Topic']['Reliability Policy'] == 'Best Effort'
            assert display['Topic']['Durability Policy'] == 'Volatile'


class WindowState:
    """
    The places that ``QMainWindow.saveState()`` of Qt 5 wrote down.

    ``docks`` holds the area of each dock (0 left, 1 right, 2 top, 3 bottom) by its name,
    ``sizes`` the width and height of each area, ``centre`` those of the central widget.
    """

    def __init__(self, state):
        self._stream = BytesIO(state)
        self.docks, self.sizes = {}, {}
        assert self._numbers(2) == (0xff, 0) and self._marker() == 0xfd
        for _ in range(*self._numbers(1)):
            area, *self.sizes[area] = self._numbers(3)
            self._read_items(area)
        self.centre = self._numbers(2)

    def _marker(self):
        return self._stream.read(1)[0]

    def _numbers(self, count):
        return struct.unpack(f'>{count}i', self._stream.read(4 * count))

    def _read_items(self, area):
        """Read docks beside one another (0xfc) or behind one another (0xfa)."""
        if self._marker() == 0xfa:
            self._numbers(1)  # the one in front
        self._marker()  # whether beside or below
        for _ in range(*self._numbers(1)):
            if self._marker() == 0xfb:
                length, = self._numbers(1)
                name = self._stream.read(length).decode('utf-16-be')
                assert self._marker() == 1  # visible and not floating
                self.docks[name] = area
                self._numbers(4)
            else:
                self._numbers(4)
                self._read_items(area)


@pytest.mark.parametrize('name', RVIZ)
def test_overlay_fills_half_of_the_window_and_the_cloud_has_room(name):
    window = RVIZ[name]['Window Geometry']
    state = WindowState(bytes.fromhex(window['QMainWindow State']))
    displays = {display['Name'] for display in RVIZ[name]['Visualization Manager']['Displays']
                if display['Class'] == 'rviz_default_plugins/Image'}
    assert state.docks.keys() == displays | {panel['Name'] for panel in RVIZ[name]['Panels']}
    assert [dock for dock, area in state.docks.items() if area == 0] == ['Overlay']
    # In it a picture of 16:9 leaves margins.
    width = min(state.sizes[0][0], state.sizes[0][1] * 16 / 9)
    assert width * width * 9 / 16 > 0.5 * 1920 * 1080
    assert window['Width'] <= 1920 and window['Height'] <= 1080
    assert state.centre[1] > 300 if name.endswith('_cloud') else state.centre[1] < 50
    assert state.centre[0] > 400


def test_foxglove_shows_every_panel_it_configures():
    shown = list(leaves(FOXGLOVE['layout']))
    assert sorted(shown) == sorted(FOXGLOVE['configById'])
    assert {name.split('!')[0] for name in shown} <= FOXGLOVE_PANELS


def test_foxglove_gives_the_overlay_most_of_the_window_and_the_labels_a_place_beside_it():
    layout = FOXGLOVE['layout']
    assert (layout['direction'], layout['first']) == ('row', 'Image!overlay')
    assert layout['splitPercentage'] > 70 and layout['second']['first'] == 'Image!labels'
    images = {name: panel['imageMode']['imageTopic'] for name, panel in (
        FOXGLOVE['configById'].items()) if name.startswith('Image!')}
    assert images == {'Image!overlay': '/perception_node/overlay',
                      'Image!labels': '/perception_node/label_color'}


def test_foxglove_names_topics_that_are_published(published):
    panels = FOXGLOVE['configById']
    images = [panel['imageMode'] for name, panel in panels.items() if name.startswith('Image!')]
    topics = {mode['imageTopic'] for mode in images} | {
        topic for mode in images for topic in mode.get('annotations', ())}
    topics |= {topic for panel in panels.values() for topic in panel.get('topics', ())}
    topics |= {panel['topicToRender'] for panel in panels.values() if 'topicToRender' in panel}
    states = panels['StateTransitions!state']['paths'][0]['value']
    topic, *fields = states.split('.')
    assert topics | {topic} <= published | OPTIONAL
    assert fields == ['goal_state', 'label']


def test_foxglove_selects_the_status_that_the_node_publishes(active_node, listener):
    active_node()
    listener.hear('/diagnostics', DiagnosticArray)
    listener.until(lambda: listener.heard['/diagnostics'])
    status = listener.heard['/diagnostics'][0].status[0]
    panel = FOXGLOVE['configById']['DiagnosticStatusPanel!perception']
    assert (panel['selectedName'], panel['selectedHardwareId']) == (
        status.name, status.hardware_id)

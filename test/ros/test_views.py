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

import json
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RVIZ = yaml.safe_load((ROOT / 'rviz' / 'perception.rviz').read_text())
FOXGLOVE = json.loads((ROOT / 'config' / 'foxglove_layout.json').read_text())

# What the three distributions' plugins_description.xml of RViz offer, and Foxglove's panels.
DISPLAYS = {'rviz_default_plugins/' + name
            for name in ('Camera', 'Grid', 'Image', 'PointCloud2', 'TF')}
TOOLS = {'rviz_default_plugins/' + name for name in ('FocusCamera', 'MoveCamera', 'Select')}
PANELS = {'rviz_common/Displays', 'rviz_common/Time', 'rviz_common/Views'}
FOXGLOVE_PANELS = {'3D', 'DiagnosticStatusPanel', 'DiagnosticSummary', 'Image',
                   'StateTransitions'}

# Published only where foxglove_msgs is installed.
OPTIONAL = {'/perception_node/image_annotations'}


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
    """Yield the panels that a layout of Foxglove shows."""
    if isinstance(layout, str):
        yield layout
    else:
        assert layout['direction'] in ('row', 'column') and 0 < layout['splitPercentage'] < 100
        yield from (*leaves(layout['first']), *leaves(layout['second']))


def test_rviz_shows_overlay_labels_camera_and_cloud(published):
    manager = RVIZ['Visualization Manager']
    assert classes(manager['Displays']) <= DISPLAYS
    assert classes(manager['Tools']) == TOOLS and classes(RVIZ['Panels']) <= PANELS
    shown = {display['Topic']['Value'] for display in manager['Displays']
             if 'Topic' in display and display['Enabled']}
    assert shown == {'image', *(f'perception_node/{name}' for name in (
        'overlay', 'label_image', 'label_cloud'))}
    assert {f'/{topic}' for topic in shown - {'image'}} <= published


def test_rviz_subscribes_so_that_every_publisher_matches():
    for display in RVIZ['Visualization Manager']['Displays']:
        if 'Topic' in display:
            assert display['Topic']['Reliability Policy'] == 'Best Effort'
            assert display['Topic']['Durability Policy'] == 'Volatile'


def test_foxglove_shows_every_panel_it_configures():
    shown = list(leaves(FOXGLOVE['layout']))
    assert sorted(shown) == sorted(FOXGLOVE['configById'])
    assert {name.split('!')[0] for name in shown} <= FOXGLOVE_PANELS


def test_foxglove_names_topics_that_are_published(published):
    panels = FOXGLOVE['configById']
    images = [panel['imageMode'] for name, panel in panels.items() if name.startswith('Image!')]
    topics = {mode['imageTopic'] for mode in images} | {
        topic for mode in images for topic in mode.get('annotations', ())}
    topics |= {topic for panel in panels.values() for topic in panel.get('topics', ())}
    topics |= {panel['topicToRender'] for panel in panels.values() if 'topicToRender' in panel}
    states = panels['StateTransitions!state']['paths'][0]['value']
    topic, *fields = states.split('.')
    assert topics | {topic} <= {*published, '/camera/image', *OPTIONAL}
    assert fields == ['goal_state', 'label']


def test_foxglove_selects_the_status_that_the_node_publishes(active_node, listener):
    active_node()
    listener.hear('/diagnostics', DiagnosticArray)
    listener.until(lambda: listener.heard['/diagnostics'])
    status = listener.heard['/diagnostics'][0].status[0]
    panel = FOXGLOVE['configById']['DiagnosticStatusPanel!perception']
    assert (panel['selectedName'], panel['selectedHardwareId']) == (
        status.name, status.hardware_id)

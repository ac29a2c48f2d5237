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

"""
Write the RViz configurations beside this file, one for each set of things there is to see.

    python3 rviz/compose.py        (needs PyQt5 and PyYAML, no ROS and no screen)

RViz keeps the places of its panels as ``QMainWindow.saveState()`` gives them: bytes that nobody
can edit. So a window with panels of the same names is laid out here, and asked for its state.
"""

import os
from pathlib import Path
from typing import Optional

import yaml

# The screen is 1920x1080; a desktop keeps a bar of its own, and the window's title, above it.
WIDTH, HEIGHT = 1920, 1016
OVERLAY_WIDTH = 1410
LABELS_HEIGHT = 310
CLOUD_HEIGHT, STRIP_HEIGHT = 420, 30
OVERLAY, LABELS, CLOUD = 'Overlay', 'Label colors', 'Painted cloud'
# Not Time: it is never narrower than 930 pixels, half of the window.
PANELS = ('Displays', 'Views')
HEAD = """\
# Made by rviz/compose.py.
# Relative topics: they follow the namespace that perception.launch.py gives RViz.
"""


def write_all(folder: Path) -> None:
    """Write ``perception`` and ``detection``, which has no labels, both with and without cloud."""
    for name, has_labels in (('perception', True), ('detection', False)):
        for suffix, has_cloud in (('', False), ('_cloud', True)):
            text = yaml.safe_dump(configuration(has_labels, has_cloud), sort_keys=False)
            (folder / f'{name}{suffix}.rviz').write_text(HEAD + text, encoding='utf-8')


def configuration(has_labels: bool, has_cloud: bool) -> dict:
    """
    Return the content of a file.

    :param has_labels: whether the node publishes labels
    :param has_cloud: whether it paints a cloud; without one the 3-D view is a strip
    """
    displays = [image_display(OVERLAY, 'overlay')]
    if has_labels:
        displays.append(image_display(LABELS, 'label_color'))
    if has_cloud:
        displays += cloud_displays()
    return {
        'Panels': [{'Class': f'rviz_common/{name}', 'Name': name} for name in PANELS],
        'Visualization Manager': {
            'Class': '',
            'Displays': displays,
            'Enabled': True,
            'Global Options': {'Background Color': '48; 48; 48', 'Fixed Frame': 'base_link',
                               'Frame Rate': 30},
            'Name': 'root',
            'Tools': [{'Class': f'rviz_default_plugins/{name}'}
                      for name in ('MoveCamera', 'Select', 'FocusCamera')],
            'Value': True,
            'Views': {'Current': view(), 'Saved': None}},
        'Window Geometry': window_geometry(LABELS if has_labels else None, has_cloud)}


def image_display(name: str, topic: str) -> dict:
    """Return a display of one of the node's pictures."""
    return {'Class': 'rviz_default_plugins/Image', 'Enabled': True, 'Name': name,
            'Topic': subscription(topic), 'Value': True}


def cloud_displays() -> list:
    """Return the displays of the 3-D view."""
    return [
        {'Class': 'rviz_default_plugins/PointCloud2', 'Alpha': 1, 'Color Transformer': 'RGB8',
         'Decay Time': 0, 'Enabled': True, 'Name': CLOUD, 'Position Transformer': 'XYZ',
         'Selectable': True, 'Size (Pixels)': 3, 'Style': 'Points',
         'Topic': {**subscription('label_cloud'), 'Filter size': 10}, 'Value': True},
        {'Class': 'rviz_default_plugins/Grid', 'Cell Size': 5, 'Enabled': True, 'Name': 'Grid',
         'Plane Cell Count': 20, 'Value': True},
        {'Class': 'rviz_default_plugins/TF', 'Enabled': False, 'Name': 'TF', 'Value': False}]


def subscription(topic: str) -> dict:
    """Return a topic of the node, with a QoS that matches every publisher."""
    return {'Depth': 1, 'Durability Policy': 'Volatile', 'History Policy': 'Keep Last',
            'Reliability Policy': 'Best Effort', 'Value': f'perception_node/{topic}'}


def view() -> dict:
    """Return the view of the cloud: from behind the vehicle and above it."""
    return {'Class': 'rviz_default_plugins/Orbit', 'Distance': 25,
            'Focal Point': {'X': 8, 'Y': 0, 'Z': 0}, 'Name': 'Current View', 'Pitch': 0.6,
            'Target Frame': '<Fixed Frame>', 'Yaw': 3.14}


def window_geometry(labels: Optional[str], has_cloud: bool) -> dict:
    """Return the window and the places in it."""
    return {'Height': HEIGHT, 'Width': WIDTH, 'X': 0, 'Y': 0,
            # RViz takes what is not said here from memory that it has not set.
            'Hide Left Dock': False, 'Hide Right Dock': False,
            'QMainWindow State': window_state(labels, has_cloud)}


def window_state(labels: Optional[str], has_cloud: bool) -> str:
    """
    Return the state of a window, in hexadecimal digits.

    The overlay has the whole left; beside it are, from above, the labels, the 3-D view, which is
    the window's central widget, and RViz's own panels behind one another.
    """
    os.environ['QT_QPA_PLATFORM'] = 'offscreen'
    from PyQt5.QtCore import Qt
    from PyQt5.QtWidgets import QApplication, QMainWindow, QWidget

    application = QApplication.instance() or QApplication([])
    window = QMainWindow()
    window.resize(WIDTH, HEIGHT)
    window.menuBar().addMenu('File')
    window.statusBar().showMessage('ROS Time')
    tools = window.addToolBar('Tools')
    tools.setObjectName('Tools')
    tools.addAction('Interact')
    window.setCentralWidget(QWidget())
    for corner in (Qt.TopLeftCorner, Qt.BottomLeftCorner):
        window.setCorner(corner, Qt.LeftDockWidgetArea)
    left = add_dock(window, OVERLAY, Qt.LeftDockWidgetArea)
    below = [add_dock(window, name, Qt.BottomDockWidgetArea) for name in PANELS]
    for dock in below[1:]:
        window.tabifyDockWidget(below[0], dock)
    below[0].raise_()
    above = add_dock(window, labels, Qt.TopDockWidgetArea) if labels else None
    window.show()
    application.processEvents()
    window.resizeDocks([left], [OVERLAY_WIDTH], Qt.Horizontal)
    height = left.height() - (CLOUD_HEIGHT if has_cloud else STRIP_HEIGHT)
    if above:
        window.resizeDocks([above], [LABELS_HEIGHT], Qt.Vertical)
        height -= LABELS_HEIGHT
    window.resizeDocks(below, [height] * len(below), Qt.Vertical)
    application.processEvents()
    return bytes(window.saveState()).hex()


def add_dock(window: 'QMainWindow', name: str, area: int) -> 'QDockWidget':  # noqa: F821
    """Return a new dock; Qt finds it in a state by its object's name, RViz gives it the title."""
    from PyQt5.QtWidgets import QDockWidget, QWidget

    dock = QDockWidget(name)
    dock.setObjectName(name)
    dock.setWidget(QWidget())
    window.addDockWidget(area, dock)
    return dock


if __name__ == '__main__':
    write_all(Path(__file__).resolve().parent)

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

"""The SROS 2 policy allows what the node does, and nothing else."""

import os
from pathlib import Path
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / 'config' / 'sros2_policy.xml'
# Another configuration than the one that is looked at has these.
ELSEWHERE = {'/image/compressed', '/perception_node/image_annotations', '/clock'}


def allowed(kind, permission):
    """Return the full names that the policy allows."""
    tags = ElementTree.parse(POLICY).iter(f'{kind}s')
    names = [entry.text for tag in tags if tag.get(permission) == 'ALLOW' for entry in tag]
    return {name.replace('~', '/perception_node') if name.startswith('~')
            else name if name.startswith('/') else f'/{name}' for name in names}


def test_the_policy_names_exactly_the_topics_and_services_of_the_node(active_node, listener):
    from sensor_msgs.msg import Image
    pytest.importorskip('tf2_ros')
    node = active_node(paint_cloud=True)
    listener.connect('image', Image)
    name, namespace = node.get_name(), node.get_namespace()

    def names(ask):
        return {topic for topic, _ in getattr(listener.node, ask)(name, namespace)}

    listener.until(lambda: '/image' in names('get_subscriber_names_and_types_by_node'))
    for kind, permission, ask in (
            ('topic', 'publish', 'get_publisher_names_and_types_by_node'),
            ('topic', 'subscribe', 'get_subscriber_names_and_types_by_node'),
            ('service', 'reply', 'get_service_names_and_types_by_node')):
        used, may = names(ask), allowed(kind, permission)
        assert used - may == set()
        assert may - used <= ELSEWHERE | {'/perception_node/get_type_description'}


def test_the_node_starts_with_security_enforced(tmp_path):
    pytest.importorskip('sros2')
    ros2 = shutil.which('ros2')

    def security(*arguments):
        subprocess.run([ros2, 'security', *map(str, arguments)], check=True, cwd=tmp_path)

    security('create_keystore', 'keys')
    security('create_enclave', 'keys', '/perception_node')
    security('create_permission', 'keys', '/perception_node', POLICY)
    environment = {**os.environ, 'ROS_SECURITY_KEYSTORE': str(tmp_path / 'keys'),
                   'ROS_SECURITY_ENABLE': 'true', 'ROS_SECURITY_STRATEGY': 'Enforce',
                   'PYTHONPATH': f'{ROOT}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'}
    program = ('import rclpy; rclpy.init(args=["--ros-args", "--enclave", "/perception_node"]); '
               'from triplenet_ros.ros.node import PerceptionNode; node = PerceptionNode(); '
               'assert node.trigger_shutdown().name == "SUCCESS"')
    done = subprocess.run([sys.executable, '-c', program], env=environment, text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr

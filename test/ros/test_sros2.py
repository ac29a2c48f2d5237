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

from pathlib import Path
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / 'config' / 'sros2_policy.xml'
OPERATOR = Path(__file__).with_name('secured_operator.py')
OPERATOR_POLICY = OPERATOR.with_suffix('.xml')
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
    # Looked up by name: nodes of other tests may not be gone yet.
    node = active_node(remap=['__ns:=/policed'], paint_cloud=True)
    listener.connect('/policed/image', Image)

    def names(ask):
        found = getattr(listener.node, ask)(node.get_name(), node.get_namespace())
        return {topic.removeprefix('/policed') for topic, _ in found}

    listener.until(lambda: '/image' in names('get_subscriber_names_and_types_by_node'))
    for kind, permission, ask in (
            ('topic', 'publish', 'get_publisher_names_and_types_by_node'),
            ('topic', 'subscribe', 'get_subscriber_names_and_types_by_node'),
            ('service', 'reply', 'get_service_names_and_types_by_node')):
        used, may = names(ask), allowed(kind, permission)
        assert used - may == set()
        assert may - used <= ELSEWHERE | {'/perception_node/get_type_description'}


@pytest.fixture
def enforced(environment, tmp_path):
    """Return the environment of processes that must have keys, of the node and an operator."""
    pytest.importorskip('sros2')
    ros2 = shutil.which('ros2') or pytest.skip('no ros2 command')

    def security(*arguments):
        subprocess.run([ros2, 'security', *map(str, arguments)], check=True, cwd=tmp_path)

    security('create_keystore', 'keys')
    for enclave, policy in (('/perception_node', POLICY), ('/operator', OPERATOR_POLICY)):
        security('create_enclave', 'keys', enclave)
        security('create_permission', 'keys', enclave, policy)
    environment.update(ROS_SECURITY_KEYSTORE=str(tmp_path / 'keys'),
                       ROS_SECURITY_ENABLE='true', ROS_SECURITY_STRATEGY='Enforce')
    return environment


def test_only_who_has_keys_hears_the_node_and_is_heard_by_it(
        enforced, start, listener, image_message, tiny_weights, tmp_path):
    from sensor_msgs.msg import Image
    from vision_msgs.msg import Detection2DArray
    node = start(sys.executable, '-m', 'triplenet_ros.ros.node', '--ros-args',
                 '--enclave', '/perception_node', '-p', f'weights:={tiny_weights}',
                 '-p', 'device:=cpu', '-p', 'backend:=torch')
    operator = start(sys.executable, OPERATOR, '--ros-args', '--enclave', '/operator')
    listener.hear('/perception_node/detections', Detection2DArray)
    stranger, image = listener.connect('image', Image, subscribers=0), image_message()

    def finished():
        stranger.publish(image)
        return operator.poll() is not None

    listener.until(finished)
    output = (tmp_path / 'output').read_text()
    assert operator.returncode == 0, output
    assert node.poll() is None and 'operator heard frames [operator]' in output
    assert listener.heard['/perception_node/detections'] == []
    assert listener.node.get_node_names() == ['listener']
    assert stranger.get_subscription_count() == 0


def test_with_its_keys_the_node_may_publish_nothing_else(enforced):
    program = ('import rclpy, sys; rclpy.init(args=sys.argv); '
               'node = rclpy.create_node("perception_node"); '
               'from std_msgs.msg import Empty; '
               'node.create_publisher(Empty, "~/detections", 1); print("its own"); '
               'node.create_publisher(Empty, "/cmd_vel", 1); print("another")')
    done = subprocess.run(
        [sys.executable, '-c', program, '--ros-args', '--enclave', '/perception_node'],
        env=enforced, text=True, capture_output=True, timeout=120)
    assert done.stdout.split('\n')[-2:] == ['its own', ''], done.stderr
    assert done.returncode != 0

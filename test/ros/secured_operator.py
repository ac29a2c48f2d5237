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

"""Activates the node, gives it images, and tells whose results came back: see test_sros2.py."""

import sys

from lifecycle_msgs.srv import ChangeState
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

WANTED = 5


def main():
    """Leave after some results."""
    rclpy.init(args=sys.argv)
    node = rclpy.create_node('operator', start_parameter_services=False)
    frames = []
    node.create_subscription(Detection2DArray, '/perception_node/detections',
                             lambda found: frames.append(found.header.frame_id), 10)
    camera = node.create_publisher(Image, 'image', qos_profile_sensor_data)
    change_state = node.create_client(ChangeState, '/perception_node/change_state')
    for transition in (1, 3):
        change(node, change_state, transition)
    image = Image(height=48, width=80, encoding='mono8', step=80, data=bytes(48 * 80))
    image.header.frame_id = 'operator'
    while len(frames) < WANTED:
        camera.publish(image)
        rclpy.spin_once(node, timeout_sec=0.2)
    print(f'operator heard frames [{", ".join(sorted(set(frames)))}]')


def change(node, client, transition):
    """Ask for a transition until it succeeds."""
    client.wait_for_service()
    request = ChangeState.Request()
    request.transition.id = transition
    answer = client.call_async(request)
    rclpy.spin_until_future_complete(node, answer)
    assert answer.result().success


if __name__ == '__main__':
    main()

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
Field lists of the vision_msgs types that the results use, as released for Humble to Lyrical.

rosbags knows the common message packages, but not vision_msgs; on a robot the installed package
is used instead.
"""

VISION_MSGS = {
    'vision_msgs/msg/Point2D': (
        'float64 x\n'
        'float64 y\n'),
    'vision_msgs/msg/Pose2D': (
        'vision_msgs/Point2D position\n'
        'float64 theta\n'),
    'vision_msgs/msg/BoundingBox2D': (
        'vision_msgs/Pose2D center\n'
        'float64 size_x\n'
        'float64 size_y\n'),
    'vision_msgs/msg/ObjectHypothesis': (
        'string class_id\n'
        'float64 score\n'),
    'vision_msgs/msg/ObjectHypothesisWithPose': (
        'vision_msgs/ObjectHypothesis hypothesis\n'
        'geometry_msgs/PoseWithCovariance pose\n'),
    'vision_msgs/msg/Detection2D': (
        'std_msgs/Header header\n'
        'vision_msgs/ObjectHypothesisWithPose[] results\n'
        'vision_msgs/BoundingBox2D bbox\n'
        'string id\n'),
    'vision_msgs/msg/Detection2DArray': (
        'std_msgs/Header header\n'
        'vision_msgs/Detection2D[] detections\n'),
    'vision_msgs/msg/VisionClass': (
        'uint16 class_id\n'
        'string class_name\n'),
    'vision_msgs/msg/LabelInfo': (
        'std_msgs/Header header\n'
        'vision_msgs/VisionClass[] class_map\n'
        'float32 threshold\n'),
    'vision_msgs/msg/VisionInfo': (
        'std_msgs/Header header\n'
        'string method\n'
        'string database_location\n'
        'int32 database_version\n'),
}
"""Message type -> its fields in order, in the .msg notation."""

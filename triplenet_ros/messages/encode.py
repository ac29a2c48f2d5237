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
Prediction -> ROS messages, with the header of the image they were found in.

The classes to fill are given (MessageTypes), so the node and the bag replay share every line.
Every message is built with keywords and all of its fields: rosbags asks for that, rclpy takes it.
"""

import json
from typing import Any

import cv2
import numpy as np

from triplenet_ros.classes import ClassSet
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages.message_types import MessageTypes


def detections(prediction: Prediction, header: Any, types: MessageTypes) -> Any:
    """
    Return a Detection2DArray: pixels of the image, centre and size, best score first.

    :param header: of the image message; the array and each detection carry it
    """
    found = zip(prediction.boxes.tolist(), prediction.scores.tolist(),
                prediction.class_ids.tolist())
    pose = _no_pose(types)
    return types.Detection2DArray(
        header=header,
        detections=[_detection(*one, pose=pose, header=header, types=types) for one in found])


def _detection(box: list, score: float, class_id: int, *, pose: Any, header: Any,
               types: MessageTypes) -> Any:
    left, top, right, bottom = box
    centre = types.Pose2D(
        position=types.Point2D(x=(left + right) / 2, y=(top + bottom) / 2), theta=0.0)
    hypothesis = types.ObjectHypothesis(class_id=str(class_id), score=score)
    return types.Detection2D(
        header=header,
        results=[types.ObjectHypothesisWithPose(hypothesis=hypothesis, pose=pose)],
        bbox=types.BoundingBox2D(center=centre, size_x=right - left, size_y=bottom - top),
        id='')


def _no_pose(types: MessageTypes) -> Any:
    """Return the pose as ROS initialises it: a box in an image has none."""
    pose = types.Pose(position=types.Point(x=0.0, y=0.0, z=0.0),
                      orientation=types.Quaternion(x=0.0, y=0.0, z=0.0, w=1.0))
    return types.PoseWithCovariance(pose=pose, covariance=np.zeros(36))


def mono_image(values: np.ndarray, header: Any, types: MessageTypes) -> Any:
    """
    Return an Image ``mono8`` of labels (255 = unlabelled) or of confidence (255 = certain).

    :param values: (H, W) uint8
    """
    return _image(values, 'mono8', header, types)


def rgb_image(picture: np.ndarray, header: Any, types: MessageTypes) -> Any:
    """
    Return an Image ``rgb8``.

    :param picture: (H, W, 3) uint8 RGB
    """
    return _image(picture, 'rgb8', header, types)


def _image(values: np.ndarray, encoding: str, header: Any, types: MessageTypes) -> Any:
    values = np.ascontiguousarray(values)
    height, width = values.shape[:2]
    return types.Image(
        header=header, height=height, width=width, encoding=encoding, is_bigendian=0,
        step=values.size // height, data=types.byte_field(values))


def compressed_image(picture: np.ndarray, header: Any, types: MessageTypes,
                     quality: int = 90) -> Any:
    """
    Return a CompressedImage, JPEG.

    :param picture: (H, W, 3) uint8 RGB
    :param quality: of the JPEG, 1..100
    """
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode('.jpg', swapped, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return types.CompressedImage(
        header=header, format='rgb8; jpeg compressed bgr8', data=types.byte_field(jpeg))


def label_info(classes: ClassSet, header: Any, types: MessageTypes) -> Any:
    """Return a LabelInfo: the name of every value of the label image but 255, unlabelled."""
    names = [types.VisionClass(class_id=index, class_name=name)
             for index, name in enumerate(classes.segmentation)]
    return types.LabelInfo(header=header, class_map=names, threshold=0.0)


def detection_info(classes: ClassSet, method: str, header: Any, types: MessageTypes) -> Any:
    """
    Return a VisionInfo whose database is a JSON object, class_id -> name, in place.

    :param method: name of the network
    """
    names = {str(index): name for index, name in enumerate(classes.detection)}
    return types.VisionInfo(
        header=header, method=method, database_location=json.dumps(names), database_version=1)

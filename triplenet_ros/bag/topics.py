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

"""Names and QoS of the topics that hold results: those of the node, so tools fit both."""

from pathlib import PurePosixPath

from rosbags.interfaces import (Qos, QosDurability, QosHistory, QosLiveliness, QosReliability,
                                QosTime)

NODE = '/perception_node'
DETECTIONS = f'{NODE}/detections'
DETECTION_INFO = f'{NODE}/detection_info'
LABEL_IMAGE = f'{NODE}/label_image'
LABEL_INFO = f'{NODE}/label_info'
CONFIDENCE = f'{NODE}/confidence'
OVERLAY = f'{NODE}/overlay/compressed'

RESULTS = (DETECTIONS, DETECTION_INFO, LABEL_IMAGE, LABEL_INFO, CONFIDENCE, OVERLAY)


def info_name(topic: str) -> str:
    """Return the name of what tells the classes: ``label_info`` for ``label_image``, ..."""
    own = PurePosixPath(topic)
    return str(own.with_name(f'{own.name.removesuffix("_image").removesuffix("s")}_info'))


_UNSET = QosTime(0, 0)


def _reliable(durability: QosDurability, depth: int) -> Qos:
    return Qos(
        history=QosHistory.KEEP_LAST, depth=depth, reliability=QosReliability.RELIABLE,
        durability=durability, deadline=_UNSET, lifespan=_UNSET,
        liveliness=QosLiveliness.SYSTEM_DEFAULT, liveliness_lease_duration=_UNSET,
        avoid_ros_namespace_conventions=False)


STREAM_QOS = _reliable(QosDurability.VOLATILE, depth=10)
LATCHED_QOS = _reliable(QosDurability.TRANSIENT_LOCAL, depth=1)

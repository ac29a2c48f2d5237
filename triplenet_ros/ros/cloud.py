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

"""Clouds of points painted with what each camera sees of them."""

import time
from typing import Any, Callable, Mapping, Optional, Sequence

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CameraInfo, PointCloud2

from triplenet_ros.cloud.lens import Lens
from triplenet_ros.cloud.paint import paint
from triplenet_ros.cloud.pairing import Pairing
from triplenet_ros.errors import InputError
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.messages.headers import in_nanoseconds
from triplenet_ros.ros.camera import Camera
from triplenet_ros.ros.cloud_message import coordinates, painted_cloud, read_points
from triplenet_ros.ros.measurements import Measurements, Report
from triplenet_ros.ros.throttle import Throttle
from triplenet_ros.ros.transforms import Transforms
from triplenet_ros.worker import LatestFrameWorker

NEAR = 0.1
"""Seconds between a cloud and the image it is painted with, at most."""

_RESULTS = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
_REPEAT = 10.0


class CannotPaint(InputError):
    """
    A cloud for which something is missing or wrong.

    :param cause: a few words to count by
    :param text: one line that names what it is
    """

    def __init__(self, cause: str, text: str) -> None:
        """Keep the cause beside the text."""
        super().__init__(text)
        self.cause = cause


class CloudPainter:
    """
    Publishes each cloud once more for each camera, with what that camera sees of it.

    A cloud keeps its own header, for its points are true in that frame at that time. Camera and
    cloud are both looked at when the cloud was taken: what the camera moved between cloud and
    image is not made up for. All is done in one thread of its own, between ``start`` and
    ``stop``, and only for the cameras whose painted cloud someone subscribes to.

    :param node: that subscribes and publishes
    :param cameras: that see the points
    """

    def __init__(self, node: LifecycleNode, cameras: Sequence[Camera]) -> None:
        """Create the publishers."""
        self._node = node
        self._views = {camera.name: _View(node, camera) for camera in cameras}
        self._worker = LatestFrameWorker(self._work, self._on_error, name='painting')
        self._measurements = Measurements()
        self._throttle = Throttle(_REPEAT)
        self._subscription: Any = None
        self._transforms: Optional[Transforms] = None

    def start(self) -> None:
        """Subscribe and begin to work."""
        self._transforms = Transforms(self._node)
        self._worker.start()
        for view in self._views.values():
            view.subscribe()
        self._subscription = _subscribe(self._node, PointCloud2, 'points', self._on_points)

    def stop(self) -> None:
        """Unsubscribe and wait for the cloud at hand; nothing is published after it."""
        if self._transforms is None:
            return
        self._node.destroy_subscription(self._subscription)
        for view in self._views.values():
            view.unsubscribe()
        self._worker.stop()
        self._transforms.stop()
        self._transforms = None

    def destroy(self) -> None:
        """Stop, and take the publishers away."""
        self.stop()
        for view in self._views.values():
            view.destroy()

    def see(self, camera: str, header: Any, prediction: Prediction) -> None:
        """Take in what a camera saw, with the header of its image."""
        view = self._views[camera]
        if view.is_wanted:
            self._pair(view, view.pairing.add_prediction, header.stamp,
                       (header.frame_id, prediction))

    def report(self) -> Report:
        """Return milliseconds of painting, and the clouds that could not be painted."""
        return self._measurements.report()

    def counts(self) -> dict[str, int]:
        """Return what became of the clouds, those of all cameras together."""
        pairings = [view.pairing for view in self._views.values()]
        counters = self._worker.counters
        return {
            'clouds painted': counters.processed,
            'clouds dropped': counters.dropped + sum(one.skipped for one in pairings),
            'clouds without image': sum(one.unpaired for one in pairings),
            'clouds not painted': counters.errors}

    def _on_points(self, message: Any) -> None:
        for view in self._views.values():
            if view.is_wanted:
                self._pair(view, view.pairing.add_cloud, message.header.stamp, message)

    def _pair(self, view: '_View', add: Callable, stamp: Any, what: Any) -> None:
        pair = add(in_nanoseconds(stamp), what)
        if pair is not None:
            self._worker.submit(pair, view.camera.name)
        if view.pairing.is_hopeless:
            self._warn(view, 'no image', f'no image on {view.camera.topic} was taken within '
                       f'{NEAR} s of them; are their clocks the same?')

    def _work(self, pairs: Mapping[str, Any]) -> set:
        """Paint a cloud for each camera; return the cameras for which it cannot be done."""
        failed = set()
        for name, (message, (frame, prediction)) in pairs.items():
            begun = time.perf_counter()
            try:
                cloud = self._paint(self._views[name], message, frame, prediction)
            except CannotPaint as error:
                failed.add(name)
                self._measurements.wrong_image(name, error.cause)
                self._warn(self._views[name], error.cause, str(error))
            else:
                self._views[name].publisher.publish(cloud)
                self._measurements.done({'paint': time.perf_counter() - begun}, {})
        return failed

    def _paint(self, view: '_View', message: Any, frame: str,
               prediction: Prediction) -> PointCloud2:
        lens = view.lens(prediction)
        try:
            points = read_points(message)
        except InputError as error:
            raise CannotPaint('wrong cloud', f'wrong cloud on points: {error}') from error
        try:
            pose = self._transforms.find(
                frame, message.header.frame_id, message.header.stamp)
        except InputError as error:
            raise CannotPaint('no transform', str(error)) from error
        return painted_cloud(
            message, points, paint(pose.apply(coordinates(points)), lens, prediction))

    def _warn(self, view: '_View', cause: str, text: str) -> None:
        if self._throttle.is_due((view.camera.name, cause)):
            self._node.get_logger().warning(f'points are not painted: {text}')

    def _on_error(self, error: Exception, _pairs: Mapping[str, Any]) -> None:
        if self._node.context.ok() and self._throttle.is_due(type(error)):
            text = f'{type(error).__name__}: {str(error).strip()}'.splitlines()[0]
            self._node.get_logger().error(f'painting failed, the next cloud is tried: {text}')


class _View:
    """One camera that sees the points."""

    def __init__(self, node: LifecycleNode, camera: Camera) -> None:
        self._node = node
        self.camera = camera
        self.pairing = Pairing(int(NEAR * 1e9))
        prefix = f'{camera.name}/' if camera.name else ''
        self._topic = node.resolve_topic_name(f'{prefix}camera_info')
        self.publisher = node.create_lifecycle_publisher(
            PointCloud2, f'~/{prefix}label_cloud', _RESULTS)
        self._subscription: Any = None
        self._info: Optional[CameraInfo] = None

    @property
    def is_wanted(self) -> bool:
        return self.publisher.get_subscription_count() > 0

    def subscribe(self) -> None:
        self.pairing.clear()
        self._subscription = _subscribe(self._node, CameraInfo, self._topic, self._on_info)

    def unsubscribe(self) -> None:
        self._node.destroy_subscription(self._subscription)

    def destroy(self) -> None:
        self._node.destroy_lifecycle_publisher(self.publisher)

    def lens(self, prediction: Prediction) -> Lens:
        """Return what the newest camera_info says, if it is of the image that was predicted."""
        if self._info is None:
            raise CannotPaint('no camera_info', f'no camera_info on {self._topic}')
        try:
            lens = Lens.from_camera_info(self._info, self.camera.is_rectified)
        except InputError as error:
            raise CannotPaint('wrong camera_info', f'camera_info on {self._topic}: {error}'
                              ) from error
        labels = prediction.label_map
        if labels is not None and labels.shape != (lens.height, lens.width):
            raise CannotPaint('wrong camera_info', (
                f'camera_info on {self._topic} is of {lens.width}x{lens.height} pixels, '
                f'the image is {labels.shape[1]}x{labels.shape[0]}'))
        return lens

    def _on_info(self, info: CameraInfo) -> None:
        self._info = info


def _subscribe(node: LifecycleNode, kind: type, topic: str, callback: Callable) -> Any:
    """Listen to the newest message of every publisher, unless qos_overrides say otherwise."""
    newest = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    return node.create_subscription(
        kind, topic, callback, newest,
        qos_overriding_options=QoSOverridingOptions.with_default_policies())

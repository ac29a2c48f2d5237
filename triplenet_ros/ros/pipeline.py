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

"""From image messages to result messages: what happens while the node is active."""

import time
from typing import Any, Mapping, Optional, Sequence, TYPE_CHECKING

from rclpy.lifecycle import LifecycleNode

from triplenet_ros.messages.decode import BadImage, Decoder
from triplenet_ros.messages.headers import in_nanoseconds
from triplenet_ros.ros.camera import Camera
from triplenet_ros.ros.measurements import Measurements, Report
from triplenet_ros.ros.other_encodings import decode_with_cv_bridge
from triplenet_ros.ros.outputs import Outputs
from triplenet_ros.ros.parameters import Parameters
from triplenet_ros.ros.throttle import Throttle
from triplenet_ros.worker import LatestFrameWorker, WorkerCounters

if TYPE_CHECKING:  # what is slow to import, or not always there
    from triplenet_ros.ros.cloud import CloudPainter
    from triplenet_ros.ros.perception import Perception

_REPEAT = 10.0


class Pipeline:
    """
    Takes the newest image of each camera, predicts them as one batch, publishes the results.

    Images come in the thread of the executor, which only stores them; all else happens in one
    thread of its own, between ``start`` and ``stop``.

    :param node: that subscribes and publishes
    :param parameters: read anew for every batch
    :param perception: the network
    """

    def __init__(self, node: LifecycleNode, parameters: Parameters,
                 perception: 'Perception') -> None:
        """Create the publishers."""
        settings = parameters.read()
        names = settings.cameras or ('',)
        self._node = node
        self._parameters = parameters
        self.perception = perception
        self.cameras = [Camera(node, name, settings.image_transport) for name in names]
        self._outputs = {
            name: Outputs(node, name, settings.tasks, perception.network) for name in names}
        self.clouds = _cloud_painter(node, self.cameras) if settings.paint_cloud else None
        self._decoders = {name: Decoder(decode_with_cv_bridge) for name in names}
        self._worker = LatestFrameWorker(self._work, self._on_error, self._age)
        self._measurements = Measurements()
        self._throttle = Throttle(_REPEAT)

    def start(self) -> None:
        """Subscribe and begin to work."""
        self._worker.start()
        if self.clouds is not None:
            self.clouds.start()
        for camera in self.cameras:
            camera.subscribe(self._on_image)

    def stop(self) -> None:
        """
        Unsubscribe and wait for the work at hand; nothing is published after it.

        Work that hangs is waited for no longer than ``stall_timeout``.
        """
        for camera in self.cameras:
            camera.unsubscribe()
        timeout = self._parameters.read().stall_timeout
        self._worker.stop(max(timeout - self._worker.busy, 0) if timeout else None)
        if self.clouds is not None:
            self.clouds.stop()

    def destroy(self) -> None:
        """Stop, and take the publishers away."""
        self.stop()
        for outputs in self._outputs.values():
            outputs.destroy()
        if self.clouds is not None:
            self.clouds.destroy()

    def counters(self, camera: Optional[str] = None) -> WorkerCounters:
        """Return what became of the images of one camera, or of all."""
        return self._worker.counters if camera is None else self._worker.counters_of(camera)

    @property
    def busy(self) -> float:
        """Seconds that the batch at hand has taken so far."""
        return self._worker.busy

    @property
    def usual(self) -> float:
        """Seconds that a batch usually takes."""
        return self._measurements.usual or self.perception.usual

    def replace_worker(self, cause: str) -> None:
        """Let another thread go on where the one that infers hangs; the cause is an error."""
        self._node.get_logger().error(cause)
        self._measurements.failed(cause)
        self._worker.replace()

    def report(self) -> Report:
        """Return the measurements at this moment."""
        return self._measurements.report()

    def _on_image(self, camera: Camera, message: Any) -> None:
        self._worker.max_age = self._parameters.read().max_age
        self._worker.submit(message, camera.name)

    def _age(self, message: Any) -> float:
        # In whole numbers: rclpy's Time refuses stamps before 1970, and images have them.
        taken = in_nanoseconds(message.header.stamp)
        return (self._node.get_clock().now().nanoseconds - taken) / 1e9

    def _work(self, frames: Mapping[str, Any]) -> set:
        """Do all for one batch; return the cameras whose images cannot be used."""
        begun = time.perf_counter()
        images = self._decode(frames)
        decoded = time.perf_counter()
        if images:
            stages = {'decode': decoded - begun, **self._predict_and_publish(frames, images)}
            stages['total'] = time.perf_counter() - begun
            self._measurements.done(stages, {name: self._age(frames[name]) for name in images})
        return set(frames) - set(images)

    def _decode(self, frames: Mapping[str, Any]) -> dict:
        images = {}
        for name, message in frames.items():
            try:
                images[name] = self._decoders[name](message)
            except BadImage as error:
                self._refuse(name, error)
        return images

    def _refuse(self, name: str, error: BadImage) -> None:
        self._measurements.wrong_image(name, error.cause)
        if self._throttle.is_due((name, error.cause)):
            camera = next(camera for camera in self.cameras if camera.name == name)
            self._node.get_logger().warning(f'wrong image on {camera.topic}: {error}')

    def _predict_and_publish(self, frames: Mapping[str, Any], images: dict) -> dict:
        """Return the seconds of each stage."""
        confidence = any(self._outputs[name].wants_confidence for name in images)
        predictions = self.perception.predict(
            list(images.values()), self._parameters.read(), confidence)
        predicted = time.perf_counter()
        self._worker.check_wanted()
        for (name, image), prediction in zip(images.items(), predictions):
            self._outputs[name].publish(image, frames[name].header, prediction)
            if self.clouds is not None:
                self.clouds.see(name, frames[name].header, prediction)
        return {**predictions[0].timings, 'publish': time.perf_counter() - predicted}

    def _on_error(self, error: Exception, _frames: Mapping[str, Any]) -> None:
        # Ctrl-C ends the context while a batch is at work: that is no fault of the batch.
        if not self._node.context.ok():
            return
        text = f'{type(error).__name__}: {str(error).strip()}'.splitlines()[0]
        self._measurements.failed(text)
        if self._throttle.is_due(type(error)):
            self._node.get_logger().error(f'inference failed, the next image is tried: {text}')


def _cloud_painter(node: LifecycleNode, cameras: Sequence[Camera]) -> 'CloudPainter':
    # Nobody needs tf2 who does not paint.
    from triplenet_ros.ros.cloud import CloudPainter

    return CloudPainter(node, cameras)

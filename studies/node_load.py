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
What the perception node makes of a camera: frames counted, their age, its CPU time and memory.

Starts the installed node through its launch file, shows it the images of a camera (best effort, in
a process of its own), and prints a line now and then and the figures at the end. Needs a sourced
workspace. For figures to trust, let nothing else run.
"""

import argparse
from contextlib import contextmanager
import json
import multiprocessing
import os
from pathlib import Path
import signal
import subprocess
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any, Iterator, Optional

from ament_index_python.packages import get_package_share_directory
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
import torch
from triplenet_ros import Predictor
from triplenet_ros.inference.weights import save_weights, WeightsCard
from triplenet_ros.messages.message_types import byte_array
from triplenet_ros.network.joint import JointNetwork
from triplenet_ros.network.registry import NETWORKS
from triplenet_ros.ros.environment import large_message_environment

PACKAGE, NAMESPACE, TOPIC = 'triplenet_ros', 'node_load', '/node_load/camera/image'
COUNTS = ('received', 'processed', 'dropped', 'stale', 'errors', 'waiting')
START, SETTLE = 120.0, 2.0


def main() -> None:
    """Measure, print, and write the figures if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--weights', default='tiny', metavar='W',
                        help='tiny: random weights, fast enough for any camera (default); drive: '
                             'the shipped ones; or a file')
    parser.add_argument('--seconds', type=float, default=30.0, help='to measure (default: 30)')
    parser.add_argument('--every', type=float, default=10.0, metavar='S',
                        help='seconds from one line to the next (default: 10)')
    parser.add_argument('--rate', type=float, default=30.0, help='images per second (default: 30)')
    parser.add_argument('--size', type=int, nargs=2, default=(1920, 1080),
                        metavar=('WIDTH', 'HEIGHT'), help='of the images (default: 1920 1080)')
    parser.add_argument('--device', default='auto', help='as of the node')
    parser.add_argument('--plain', action='store_true',
                        help="without the launch file's settings for large messages")
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures too')
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        weights = args.weights if args.weights != 'tiny' else tiny_weights(Path(folder))
        figures = measure(args, weights)
    print_figures(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')


def tiny_weights(folder: Path) -> str:
    """Write a whole TripleNet of random numbers that takes milliseconds, and return its path."""
    torch.manual_seed(0)
    network = JointNetwork(NETWORKS['triplenet-drive'].evolve(
        name='tiny', input_height=32, input_width=64, extra_blocks=1, extra_width=16,
        decoder_width=16, head_width=16)).eval()
    save_weights(folder / 'tiny.safetensors', network, WeightsCard(network.config))
    return str(folder / 'tiny.safetensors')


def measure(args: argparse.Namespace, weights: str) -> dict:
    """Run node and camera beside each other and return the figures."""
    forward = forward_cpu(weights, args)
    os.environ.update(environment(args.plain))
    rclpy.init()
    with node_process(weights, args) as process, Listener() as listener:
        listener.wait_for_node(process)
        with camera(args) as published:
            listener.wait_for_results(SETTLE)
            first, first_age = listener.status, len(listener.ages)
            lines = [line_of(listener.status, first, published.value)
                     for _ in listener.spin_for(args.seconds, args.every)]
            last, ages = listener.status, listener.ages[first_age:]
        end = listener.wait_for_end()
    rclpy.try_shutdown()
    frames = max(last.counts['processed'] - first.counts['processed'], 1)
    cpu = 1e3 * (last.cpu - first.cpu) / frames
    return {
        'weights': args.weights, 'size': list(args.size), 'rate': args.rate,
        'published': published.value, **end.counts,
        'frames_per_second': frames / (last.time - first.time),
        'stamp_to_label_image_received_ms': percentiles(ages), 'node_ms': last.timings,
        'cpu_ms_per_frame': cpu, 'forward_cpu_ms': 1e3 * forward,
        'cpu_ms_outside_network': cpu - 1e3 * forward, 'lines': lines}


def environment(plain: bool) -> dict:
    """Return what is added to the environment of node, camera and listener."""
    if plain:
        return {'CYCLONEDDS_URI': os.environ.get('CYCLONEDDS_URI', '')}
    shipped = Path(get_package_share_directory(PACKAGE)) / 'config' / 'cyclonedds.xml'
    return large_message_environment(
        os.environ, rmw=rclpy.get_rmw_implementation_identifier(), keep_memory=True,
        cyclonedds_config=str(shipped))


def forward_cpu(weights: str, args: argparse.Namespace) -> float:
    """Return CPU seconds of one forward pass, all threads together, measured alone."""
    predictor = Predictor.load(weights, device=args.device)
    image = picture(*args.size)
    seconds = []
    for _ in range(10):
        before, prediction = time.process_time(), predictor(image)
        total, timings = time.process_time() - before, prediction.timings
        seconds.append(total * timings['forward'] / sum(timings.values()))
    return float(np.median(seconds[2:]))


def picture(width: int, height: int) -> np.ndarray:
    """Return a (H, W, 3) uint8 image of soft spots."""
    small = np.random.default_rng(0).integers(0, 256, (9, 16, 3), np.uint8)
    rows, columns = (np.linspace(0, many - 1, pixels).astype(int)
                     for many, pixels in ((9, height), (16, width)))
    return np.ascontiguousarray(small[rows][:, columns])


@contextmanager
def node_process(weights: str, args: argparse.Namespace) -> Iterator[subprocess.Popen]:
    """Launch the node; it is ended by Ctrl-C."""
    # Installed scripts take the Python that is first.
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    process = subprocess.Popen(
        ['ros2', 'launch', PACKAGE, 'perception.launch.py', f'weights:={weights}',
         f'device:={args.device}', f'image:={TOPIC}', f'namespace:={NAMESPACE}',
         f'keep_memory:={"false" if args.plain else "true"}'],
        env={**os.environ, 'PATH': path}, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        print(f'the node ended with {process.wait(30)}')


@contextmanager
def camera(args: argparse.Namespace) -> Iterator[Any]:
    """Publish images in a process of its own; gives how many it has published."""
    context = multiprocessing.get_context('spawn')
    published, over = context.Value('L', 0), context.Event()
    process = context.Process(target=publish, args=(args.size, args.rate, published, over))
    process.start()
    try:
        yield published
    finally:
        over.set()
        process.join()


def publish(size: tuple, rate: float, published: Any, over: Any) -> None:
    """Publish images at a rate until it is over."""
    rclpy.init()
    node = rclpy.create_node('node_load_camera')
    publisher = node.create_publisher(
        Image, TOPIC, QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT))
    message = Image(height=size[1], width=size[0], encoding='rgb8', step=3 * size[0],
                    data=byte_array(picture(*size)))
    message.header.frame_id = 'camera'
    while not publisher.get_subscription_count() and not over.wait(0.1):
        pass
    over.wait(1.0)  # until the node knows the camera too, which is not to be seen from here
    due = time.monotonic()
    while not over.wait(max(due - time.monotonic(), 0)):
        message.header.stamp = node.get_clock().now().to_msg()
        publisher.publish(message)
        published.value += 1
        due += 1 / rate
    rclpy.try_shutdown()


class Listener:
    """Takes the label images, as a follower of the node would, and what its diagnostics tell."""

    def __init__(self) -> None:
        """Subscribe."""
        self.ages: list = []
        self.status: Optional[Status] = None
        self._pid: Optional[int] = None
        self._node = rclpy.create_node('node_load_listener')
        prefix = f'/{NAMESPACE}/perception_node'
        self._node.create_subscription(Image, f'{prefix}/label_image', self._on_labels, 5,
                                       raw=True)
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)

    def __enter__(self) -> 'Listener':
        """Use it."""
        return self

    def __exit__(self, *exception: Any) -> None:
        """Go away."""
        self._node.destroy_node()

    def wait_for_node(self, launch: subprocess.Popen) -> None:
        """Wait until the node is active."""
        def is_active() -> bool:
            self._pid = self._pid or find_process(launch.pid)
            return self.status is not None and self.status.told.get('state') == 'active'

        self._until(lambda: is_active() or launch.poll() is not None)
        if not is_active():
            sys.exit('error: the node did not become active')

    def wait_for_results(self, seconds: float) -> None:
        """Wait until results have come for some seconds."""
        self._until(lambda: self.ages)
        for _ in self.spin_for(seconds, seconds):
            pass

    def wait_for_end(self) -> 'Status':
        """Return the status that does not change any more; the camera has ended."""
        while True:
            before = self.status
            self._until(lambda: self.status is not before)
            if self.status.counts == before.counts and not before.counts['waiting']:
                return self.status

    def spin_for(self, seconds: float, every: float) -> Iterator[None]:
        """Listen for some seconds, giving control now and then."""
        end = time.monotonic() + seconds
        due = time.monotonic() + every
        while (now := time.monotonic()) < end:
            rclpy.spin_once(self._node, timeout_sec=min(due, end) - now)
            if time.monotonic() >= due:
                due += every
                yield

    def _until(self, condition: Any) -> None:
        end = time.monotonic() + START
        while not condition() and time.monotonic() < end:
            rclpy.spin_once(self._node, timeout_sec=0.1)

    def _on_labels(self, data: bytes) -> None:
        # CDR: four bytes of encapsulation, then seconds and nanoseconds of the stamp.
        seconds, nanoseconds = np.frombuffer(data[4:12], '<u4').tolist()
        self.ages.append(time.time() - seconds - nanoseconds / 1e9)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith(': perception') and self._pid is not None:
                self.status = Status(
                    self._pid, {value.key: value.value for value in status.values})


class Status:
    """
    What the node told, and what its process had used by then.

    :param pid: of the node
    :param told: values of its diagnostics
    """

    def __init__(self, pid: int, told: dict) -> None:
        """Look at the process."""
        self.told = told
        self.time = time.monotonic()
        self.counts = {name: int(told.get(name, 0)) for name in COUNTS}
        self.timings = {name[:-3]: float(value) for name, value in told.items()
                        if name.endswith(' ms')}
        fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        self.cpu = (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
        self.memory = int(fields[21]) * os.sysconf('SC_PAGE_SIZE') / 2**20


def line_of(now: Status, first: Status, published: int) -> dict:
    """Print one line and return its figures."""
    unaccounted = now.counts['received'] - sum(now.counts[name] for name in COUNTS[1:])
    line = {'seconds': round(now.time - first.time, 1), 'published': published, **now.counts,
            'unaccounted': unaccounted, 'rss_mib': round(now.memory, 1)}
    print('  '.join(f'{name} {value}' for name, value in line.items()), flush=True)
    return line


def find_process(launch: int) -> Optional[int]:
    """Return the node among the children of the launch."""
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            parent = int((folder / 'stat').read_text().rpartition(')')[2].split()[1])
            if parent == launch and b'perception_node' in (folder / 'cmdline').read_bytes():
                return int(folder.name)
        except OSError:  # it has ended meanwhile
            continue
    return None


def percentiles(ages: list) -> dict:
    """Return p50, p95 and the largest of some seconds, in milliseconds."""
    if not ages:
        return {}
    p50, p95 = np.percentile(ages, (50, 95))
    return {name: round(1e3 * float(value), 2)
            for name, value in (('p50', p50), ('p95', p95), ('max', max(ages)))}


def print_figures(figures: dict) -> None:
    """Print all but the lines, which are out already."""
    for name, value in figures.items():
        if name != 'lines':
            print(f'{name}: {value:.2f}' if isinstance(value, float) else f'{name}: {value}')


if __name__ == '__main__':
    main()

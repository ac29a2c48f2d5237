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
Let the perception node run at full load for as long as you like, and break whatever can break.

``python studies/node_soak.py --minutes 60`` starts a node in a process of its own and shows it the
images of two cameras faster than its network is, over the middleware. Faults come by a seed: those
of ``soak.py``, cameras that go away and come back, followers that come and go, parameters that are
refused, deactivations, reloads of the weights, and passes that hang until the node gives up. All
the while it looks whether the counters add up, whether every output has the header of an image
that was published, each once and in order, whether images of a time in which the node was
inactive come out, and whether it answers within a second, which others that have the processor
meanwhile do not count for. At the end it prints what was injected, how long each kind of call took
at most, and how the node's memory, threads and file handles have grown. The exit code is 1 if
anything was wrong. Needs a sourced ROS 2.
"""

import argparse
from collections import Counter
import json
import os
from pathlib import Path
import random
import sys
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from growth import judge_growth, LOOK_EVERY, print_growth
from node_load import tiny_weights
from node_soak_operator import ACTIVATE, CLEANUP, CONFIGURE, DEACTIVATE, Operator
from node_soak_process import NodeProcess, WAIT
from node_soak_streams import Camera, Heard
import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from sensor_msgs.msg import Image
from soak import CAMERAS
from triplenet_ros.ros.environment import KEEP_MEMORY
from vision_msgs.msg import Detection2DArray

NODE = '/perception_node'
OUTPUTS = {'detections': Detection2DArray, 'label_image': Image}
PUBLISHERS = 7
"""The node's of each camera."""
ENDPOINT_MB = 0.5e-3
"""
What a participant of Cyclone DDS keeps of each publisher and subscription that it has had, for
those who come later: https://github.com/eclipse-cyclonedds/cyclonedds/issues/1703.
"""


def main() -> int:
    """Run, print, and write the figures if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--minutes', type=float, default=1.0, help='to run (default: 1)')
    parser.add_argument('--seed', type=int, default=0, help='of the faults (default: 0)')
    parser.add_argument('--patience', type=float, default=1.0, metavar='S',
                        help='seconds that an answer may take (default: 1)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures too')
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        # Where answers may take long the machine is busy: there a long pass does not hang yet.
        with NodeProcess(tiny_weights(Path(folder)), args.seed, args.patience / 2) as node:
            figures = NodeSoak(node, args.seed, args.patience).run(60 * args.minutes)
    print_figures(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return int(bool(figures['wrong']))


class NodeSoak:
    """
    One run.

    :param node: that is looked at
    :param seed: of the faults; what comes when still depends on the machine
    :param patience: seconds that an answer may take
    """

    def __init__(self, node: NodeProcess, seed: int, patience: float) -> None:
        """Make what publishes, hears and asks."""
        rclpy.init()
        self._process, self._seed, self._chance = node, seed, random.Random(seed)
        self._node = rclpy.create_node('soak')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._operator = Operator(self._node, node, NODE, patience)
        self._heard = {(camera, name): Heard(camera) for camera in CAMERAS for name in OUTPUTS}
        for (camera, name), heard in self._heard.items():
            self._node.create_subscription(
                OUTPUTS[name], f'{NODE}/{camera}/{name}', heard.take, 50)
        self._cameras = [
            Camera(self._node, camera, random.Random(seed + 10 + number),
                   [self._heard[camera, name] for name in OUTPUTS])
            for number, camera in enumerate(CAMERAS)]
        self._over = Event()
        self._followers: list = []
        self.injected: Counter = Counter()
        self.wrong: list = []

    def run(self, seconds: float) -> dict[str, Any]:
        """Run for some seconds and return the figures."""
        threads = [Thread(target=self._spin, daemon=True), *(
            Thread(target=camera.run, args=(self._over,), daemon=True)
            for camera in self._cameras)]
        threads[0].start()
        self._operator.wait_for_node()
        self._operator.start()
        for thread in threads[1:]:
            thread.start()
        samples = self._look_after(seconds)
        self._over.set()
        for thread in threads:
            thread.join(WAIT)
        injected, wrong = self._process.end()
        self.injected.update(injected)
        self._node.destroy_node()
        rclpy.shutdown()
        return self._figures(seconds, samples, wrong)

    def _spin(self) -> None:
        while not self._over.is_set():
            try:
                self._executor.spin_once(timeout_sec=0.1)
            except InvalidHandle:  # of a camera or follower that goes away at this very moment
                pass
            except ExternalShutdownException:
                return

    def _look_after(self, seconds: float) -> list[dict[str, float]]:
        """Ask, disturb and measure until the time is over."""
        begun, samples = monotonic(), [self._process.resources()]
        while (passed := monotonic() - begun) < seconds:
            self._chance.choices(
                (self._change_threshold, self._ask_wrongly, self._toggle_camera,
                 self._toggle_follower, self._pause, self._reload),
                (40, 20, 10, 10, 10, 1))[0]()
            self._see_state()
            if passed > len(samples) * max(seconds / 200, LOOK_EVERY):
                samples.append({**self._process.resources(), 'seconds': passed})
            sleep(0.02)
        return samples

    def _see_state(self) -> None:
        """Start a node again that has given up after the second hang; no other state is right."""
        state = self._operator.state()
        if state == 'unconfigured':
            self.injected['gave up'] += 1
            self._operator.start()
        elif state != 'active':
            # It is on its way: the watchdog deactivates it at this moment.
            self._operator.expect(lambda: self._operator.state() in ('unconfigured', 'active'),
                                  f'the node stays {state}')

    def _pause(self, reload: bool = False) -> None:
        """Deactivate, look whether that holds, and activate; it may have given up meanwhile."""
        if not self._operator.change(DEACTIVATE):
            return
        for heard in self._heard.values():
            heard.fall_quiet()
        sleep(0.05)
        if reload and self._operator.change(CLEANUP):
            self._operator.change(CONFIGURE)
        for heard in self._heard.values():
            heard.speak()
        if self._operator.state() == 'inactive':
            self._operator.change(ACTIVATE)
        self.injected['reloaded' if reload else 'deactivated'] += 1

    def _reload(self) -> None:
        self._pause(reload=True)

    def _change_threshold(self) -> None:
        value = self._chance.random()
        self._set('score_threshold', value, taken=True)
        if (told := self._operator.parameter('score_threshold')) != value:
            self.wrong.append(f'score_threshold is {told}, not {value}')

    def _ask_wrongly(self) -> None:
        self._set(*self._chance.choice((
            ('score_threshold', 7.0), ('max_detections', 0), ('weights', 'other'),
            ('detection_classes', ['no\x1bsuch']), ('max_age', 'old'))), taken=False)

    def _set(self, name: str, value: Any, taken: bool) -> None:
        self.injected['parameters'] += 1
        if self._operator.set_parameter(name, value) != taken:
            self.wrong.append(f'{name} {value!r} was {"refused" if taken else "taken"}')

    def _toggle_camera(self) -> None:
        camera = self._chance.choice(self._cameras)
        camera.away = not camera.away
        self.injected['camera away' if camera.away else 'camera back'] += 1

    def _toggle_follower(self) -> None:
        """Let somebody follow the pictures that are drawn for followers alone, or nobody."""
        if self._followers:
            self._node.destroy_subscription(self._followers.pop())
            return
        self.injected['follower'] += 1
        name = self._chance.choice(('overlay', 'confidence', 'label_color'))
        self._followers.append(self._node.create_subscription(
            Image, f'{NODE}/{self._chance.choice(CAMERAS)}/{name}', lambda message: None, 1))

    def _figures(self, seconds: float, samples: list, wrong: list) -> dict[str, Any]:
        growth, grown = judge_growth(samples, {'in_use_mb': self._endpoints() * ENDPOINT_MB})
        heard = [text for one in self._heard.values() for text in one.wrong]
        wrong = [*self.wrong, *self._operator.wrong, *wrong, *heard, *grown]
        outputs = {f'{camera} {name}': one.count for (camera, name), one in self._heard.items()}
        if not all(outputs.values()):
            wrong.append(f'nothing came out: {outputs}')
        for camera in self._cameras:
            self.injected.update(camera.injected)
        return {'minutes': seconds / 60, 'seed': self._seed,
                'published': dict(zip(CAMERAS, (one.published for one in self._cameras))),
                'outputs': outputs, 'injected': dict(self.injected),
                'slowest_answer_s': dict(self._operator.slowest),
                'starved_s': self._operator.starved, 'endpoints': self._endpoints(), **growth,
                'wrong': wrong[:20]}

    def _endpoints(self) -> int:
        """Return how many publishers and subscriptions the node has made."""
        changed = self._operator.changed
        return len(CAMERAS) * (changed['activate'] + PUBLISHERS * changed['configure'])


def print_figures(figures: dict[str, Any]) -> None:
    """Print what the run came to."""
    print(f'{figures["minutes"]:.1f} minutes, seed {figures["seed"]}')
    for name in ('published', 'outputs', 'injected'):
        print(f'{name}: ' + ', '.join(
            f'{count} {what}' for what, count in sorted(figures[name].items())))
    print('slowest answers: ' + ', '.join(
        f'{name} {took:.2f} s' for name, took in sorted(figures['slowest_answer_s'].items()))
        + f'; for want of CPU all of them took {figures["starved_s"]:.1f} s more')
    print_growth(figures)
    kept = figures['endpoints'] * ENDPOINT_MB
    print(f'in_use_mb: {kept:.1f} of it Cyclone DDS keeps of {figures["endpoints"]} endpoints')
    for text in figures['wrong']:
        print(f'WRONG: {text}')


if __name__ == '__main__':
    # Nobody else is to hear any of it; memory is kept as the launch file lets the node keep it.
    os.environ.update(KEEP_MEMORY, ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    sys.exit(main())

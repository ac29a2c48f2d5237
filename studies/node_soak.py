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
inactive come out, and whether it answers within a second. At the end it prints what was injected,
how long each kind of call took at most, and how the node's memory, threads and file handles have
grown. The exit code is 1 if anything was wrong. Needs a sourced ROS 2.
"""

import argparse
from collections import Counter
from dataclasses import astuple
import faulthandler
import json
import multiprocessing
import os
from pathlib import Path
import random
import signal
import sys
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any, Callable

from lifecycle_msgs.srv import ChangeState, GetState
from node_load import tiny_weights
import numpy as np
from rcl_interfaces.srv import GetParameters, SetParameters
import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from soak import CAMERAS, FaultyBackend, judge_growth, make_image, resources
import torch
from triplenet_ros.messages.message_types import byte_array
from triplenet_ros.ros.environment import KEEP_MEMORY
from triplenet_ros.ros.node import PerceptionNode, SUCCESS
from vision_msgs.msg import Detection2DArray

NODE = '/perception_node'
STALL_TIMEOUT = 0.5
SECOND = 1_700_000_000
CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = 1, 2, 3, 4
OUTPUTS = {'detections': Detection2DArray, 'label_image': Image}
WAIT = 120.0
"""Seconds until a node that does not answer at all is given up."""


def main() -> int:
    """Run, print, and write the figures if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--minutes', type=float, default=1.0, help='to run (default: 1)')
    parser.add_argument('--seed', type=int, default=0, help='of the faults (default: 0)')
    parser.add_argument('--patience', type=float, default=1.0, metavar='S',
                        help='seconds that an answer may take (default: 1); more where other '
                             'programs keep the machine busy')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures too')
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        with NodeProcess(tiny_weights(Path(folder)), args.seed) as node:
            figures = NodeSoak(node, args.seed, args.patience).run(60 * args.minutes)
    print_figures(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return int(bool(figures['wrong']))


class FaultyNode(PerceptionNode):
    """
    A node whose network breaks now and then.

    :param chance: decides when
    :param options: as of PerceptionNode
    """

    def __init__(self, chance: random.Random, **options: Any) -> None:
        """Break nothing yet."""
        super().__init__(**options)
        self.faulty = FaultyBackend(chance)

    def on_configure(self, state: Any) -> Any:
        """Put the faults between the predictor and what runs its network."""
        result = super().on_configure(state)
        if result == SUCCESS:
            predictor = self.pipeline.perception._predictor
            self.faulty.backend, predictor._backend = predictor._backend, self.faulty
        return result


def run_node(weights: str, seed: int, over: Any, told: Any) -> None:
    """Run a node until it is over, and tell what was injected and what was wrong."""
    torch.set_num_threads(1)
    faulthandler.register(signal.SIGUSR1)
    rclpy.init()
    settings = {'weights': weights, 'device': 'cpu', 'backend': 'torch', 'precision': 'float32',
                'cameras': list(CAMERAS), 'stall_timeout': STALL_TIMEOUT,
                'score_threshold': 0.01, 'no_image_warning': 0.0}
    node = FaultyNode(random.Random(seed + 1), parameter_overrides=[
        Parameter(name, value=value) for name, value in settings.items()])
    wrong: list = []
    looks = Thread(target=look_at_counters, args=(node, over, wrong), daemon=True)
    looks.start()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while not over.is_set():
        executor.spin_once(timeout_sec=0.1)
    looks.join(WAIT)
    node.faulty.release()
    told.put((dict(node.faulty.injected), wrong))
    node.release()
    node.destroy_node()
    rclpy.shutdown()


def look_at_counters(node: PerceptionNode, over: Any, wrong: list) -> None:
    """See all the time whether the counters add up."""
    while not over.wait(0.002):
        pipeline = node.pipeline
        if pipeline is not None:
            counters = pipeline.counters()
            if counters.received != sum(astuple(counters)[1:]):
                wrong.append(f'counters do not add up: {counters}')


class NodeProcess:
    """
    A node in a process of its own; use it in a ``with`` statement.

    :param weights: file
    :param seed: of its faults
    """

    def __init__(self, weights: str, seed: int) -> None:
        """Start nothing yet."""
        context = multiprocessing.get_context('spawn')
        self._over, self._told = context.Event(), context.Queue()
        self._process = context.Process(
            target=run_node, args=(weights, seed, self._over, self._told), daemon=True)

    def __enter__(self) -> 'NodeProcess':
        """Start it."""
        self._process.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        """End it, however it is."""
        self._process.kill()
        self._process.join()

    def resources(self) -> dict[str, float]:
        """Return memory, threads and file handles."""
        return resources(self._process.pid)

    def show_threads(self) -> None:
        """Let it print where each of its threads is."""
        os.kill(self._process.pid, signal.SIGUSR1)
        sleep(1.0)

    def end(self) -> tuple[dict, list]:
        """End it and return what was injected, and what was wrong."""
        self._over.set()
        injected, wrong = self._told.get(timeout=WAIT)
        self._process.join(WAIT)
        if self._process.exitcode != 0:
            wrong.append(f'the node ended with {self._process.exitcode}')
        return injected, wrong


class Heard:
    """Knows which images of a camera there were, and what came of them on one topic."""

    def __init__(self, camera: str) -> None:
        """Know of nothing yet."""
        self._camera = camera
        self._lock = Lock()
        self._begun = self._published = self._last = 0
        self._sizes: dict[int, tuple[int, int]] = {}
        self._quiet = [(0, 0)]
        self.wrong: list = []
        self.count = 0

    def announce(self, stamp: int, height: int, width: int) -> None:
        """Take note of an image that is about to be published."""
        with self._lock:
            self._begun = stamp
            self._sizes[stamp] = height, width
            self._sizes.pop(stamp - 100_000, None)

    def published(self, stamp: int) -> None:
        """Take note of an image that has been published."""
        with self._lock:
            self._published = stamp

    def fall_quiet(self) -> None:
        """From now on the node is inactive."""
        with self._lock:
            self._quiet.append((self._begun, sys.maxsize))

    def speak(self) -> None:
        """From now on the node may be active."""
        with self._lock:
            self._quiet[-1] = self._quiet[-1][0], self._published

    def take(self, message: Any) -> None:
        """Take note of a result."""
        with self._lock:
            self.count += 1
            stamp, last, self._last = message.header.stamp.nanosec, self._last, max(
                self._last, message.header.stamp.nanosec)
            problem = self._problem(message, stamp, last)
            if problem:
                self.wrong.append(f'{self._camera}: result of {stamp} {problem}')

    def _problem(self, message: Any, stamp: int, last: int) -> str:
        if stamp not in self._sizes or message.header.stamp.sec != SECOND or (
                message.header.frame_id != frame_id(self._camera, stamp)):
            return f'has the header of no image: {message.header}'
        if stamp <= last:
            return f'came after that of {last}'
        if any(begin < stamp <= end for begin, end in self._quiet[-2:]):
            return 'is of a time when the node was inactive'
        if hasattr(message, 'height') and (message.height, message.width) != self._sizes[stamp]:
            return f'is {message.height}x{message.width}, the image {self._sizes[stamp]}'
        return ''


def frame_id(camera: str, stamp: int) -> str:
    """Return the frame of an image, which changes from one to the next."""
    return f'{camera}_{stamp % 7}'


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
        self._process, self._patience = node, patience
        self._seed, self._chance = seed, random.Random(seed)
        self._node = rclpy.create_node('soak')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._heard = {(camera, name): Heard(camera) for camera in CAMERAS for name in OUTPUTS}
        for (camera, name), heard in self._heard.items():
            self._node.create_subscription(
                OUTPUTS[name], f'{NODE}/{camera}/{name}', heard.take, 50)
        self._clients = {kind: self._node.create_client(kind, f'{NODE}/{name}') for kind, name in (
            (ChangeState, 'change_state'), (GetState, 'get_state'),
            (GetParameters, 'get_parameters'), (SetParameters, 'set_parameters'))}
        self._over = Event()
        self._away: dict[str, bool] = dict.fromkeys(CAMERAS, False)
        self._followers: list = []
        self.published: Counter = Counter()
        self.injected: Counter = Counter()
        self.slowest: Counter = Counter()
        self.wrong: list = []

    def run(self, seconds: float) -> dict[str, Any]:
        """Run for some seconds and return the figures."""
        threads = [Thread(target=self._spin, daemon=True), *(
            Thread(target=self._feed, args=(camera, number), daemon=True)
            for number, camera in enumerate(CAMERAS))]
        threads[0].start()
        for client in self._clients.values():
            if not client.wait_for_service(WAIT):
                raise RuntimeError('there is no node')
        self._start_node()
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
        try:
            while not self._over.is_set():
                self._executor.spin_once(timeout_sec=0.1)
        except ExternalShutdownException:
            pass

    def _feed(self, camera: str, number: int) -> None:
        """Publish images of a camera faster than anybody could work on them."""
        chance = random.Random(self._seed + 10 + number)
        newest = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        publisher, stamp = self._node.create_publisher(Image, f'{camera}/image', newest), 0
        while not self._over.is_set():
            if self._away[camera]:
                self._node.destroy_publisher(publisher)
                while self._away[camera] and not self._over.wait(0.01):
                    pass
                publisher = self._node.create_publisher(Image, f'{camera}/image', newest)
            stamp += 1
            message, fault = image_message(chance, camera, stamp)
            self.injected.update([fault] if fault else [])
            for heard in self._of(camera):
                heard.announce(stamp, message.height, message.width)
            publisher.publish(message)
            self.published[camera] += 1
            for heard in self._of(camera):
                heard.published(stamp)
            sleep(chance.choice((0, 0, 0.0005, 0.002)))

    def _of(self, camera: str) -> list[Heard]:
        return [self._heard[camera, name] for name in OUTPUTS]

    def _look_after(self, seconds: float) -> list[dict[str, float]]:
        """Ask, disturb and measure until the time is over."""
        begun, samples = monotonic(), [self._process.resources()]
        while (passed := monotonic() - begun) < seconds:
            self._chance.choices(
                (self._change_threshold, self._ask_wrongly, self._toggle_camera,
                 self._toggle_follower, self._pause, self._reload),
                (40, 20, 10, 10, 10, 1))[0]()
            self._see_state()
            if passed > len(samples) * max(seconds / 200, 0.5):
                samples.append({**self._process.resources(), 'seconds': passed})
            sleep(0.02)
        return samples

    def _see_state(self) -> None:
        """Start a node again that has given up after the second hang; no other state is right."""
        state = self._ask(GetState).current_state.label
        if state == 'unconfigured':
            self.injected['gave up'] += 1
            self._start_node()
        elif state != 'active':
            # It is on its way: the watchdog deactivates it at this moment.
            self._expect(lambda: self._ask(GetState).current_state.label in (
                'unconfigured', 'active'), f'the node stays {state}')

    def _start_node(self) -> None:
        for transition in (CONFIGURE, ACTIVATE):
            if not self._change(transition):
                self.wrong.append(f'transition {transition} failed')

    def _change(self, transition: int) -> bool:
        request = ChangeState.Request()
        request.transition.id = transition
        name = {CONFIGURE: 'configure', CLEANUP: 'cleanup', ACTIVATE: 'activate',
                DEACTIVATE: 'deactivate'}[transition]
        # Configuring loads the weights, which takes what it takes.
        return self._ask(ChangeState, request, name, limited=transition != CONFIGURE).success

    def _pause(self, reload: bool = False) -> None:
        """Deactivate, look whether that holds, and activate; it may have given up meanwhile."""
        if not self._change(DEACTIVATE):
            return
        for heard in self._heard.values():
            heard.fall_quiet()
        sleep(0.05)
        if reload and self._change(CLEANUP):
            self._change(CONFIGURE)
        for heard in self._heard.values():
            heard.speak()
        if self._ask(GetState).current_state.label == 'inactive':
            self._change(ACTIVATE)
        self.injected['reloaded' if reload else 'deactivated'] += 1

    def _reload(self) -> None:
        self._pause(reload=True)

    def _change_threshold(self) -> None:
        value = self._chance.random()
        if not self._set('score_threshold', value):
            self.wrong.append(f'score_threshold {value} was refused')
        told = self._ask(GetParameters, GetParameters.Request(names=['score_threshold']))
        if told.values[0].double_value != value:
            self.wrong.append(f'score_threshold is {told.values[0].double_value}, not {value}')

    def _ask_wrongly(self) -> None:
        name, value = self._chance.choice((
            ('score_threshold', 7.0), ('max_detections', 0), ('weights', 'other'),
            ('detection_classes', ['no\x1bsuch']), ('max_age', 'old')))
        if self._set(name, value):
            self.wrong.append(f'{name} {value!r} was taken')

    def _set(self, name: str, value: Any) -> bool:
        self.injected['parameters'] += 1
        request = SetParameters.Request(parameters=[
            Parameter(name, value=value).to_parameter_msg()])
        return self._ask(SetParameters, request).results[0].successful

    def _toggle_camera(self) -> None:
        camera = self._chance.choice(CAMERAS)
        self._away[camera] = not self._away[camera]
        self.injected['camera away' if self._away[camera] else 'camera back'] += 1

    def _toggle_follower(self) -> None:
        """Let somebody follow the pictures that are drawn for followers alone, or nobody."""
        if self._followers:
            self._node.destroy_subscription(self._followers.pop())
            return
        self.injected['follower'] += 1
        name = self._chance.choice(('overlay', 'confidence', 'label_color'))
        self._followers.append(self._node.create_subscription(
            Image, f'{NODE}/{self._chance.choice(CAMERAS)}/{name}', lambda message: None, 1))

    def _ask(self, kind: Any, request: Any = None, name: str = '', limited: bool = True) -> Any:
        """Call one of the node's services, which is to answer in time."""
        name, begun, done = name or kind.__name__, monotonic(), Event()
        future = self._clients[kind].call_async(request or kind.Request())
        future.add_done_callback(lambda _: done.set())
        if not done.wait(WAIT):
            self._process.show_threads()
            raise RuntimeError(f'{name} was not answered')
        took = monotonic() - begun
        self.slowest[name] = max(self.slowest[name], took)
        if limited and took > self._patience:
            self.wrong.append(f'{name} took {took:.1f} s')
        return future.result()

    def _expect(self, condition: Callable[[], bool], otherwise: str) -> None:
        end = monotonic() + WAIT
        while not condition():
            if monotonic() > end:
                raise RuntimeError(otherwise)
            sleep(0.02)

    def _figures(self, seconds: float, samples: list, wrong: list) -> dict[str, Any]:
        growth, grown = judge_growth(samples, seconds)
        heard = [text for one in self._heard.values() for text in one.wrong]
        wrong = [*self.wrong, *wrong, *heard, *grown]
        outputs = {f'{camera} {name}': one.count for (camera, name), one in self._heard.items()}
        if not all(outputs.values()):
            wrong.append(f'nothing came out: {outputs}')
        return {'minutes': seconds / 60, 'seed': self._seed, 'published': dict(self.published),
                'outputs': outputs, 'injected': dict(self.injected),
                'slowest_answer_s': dict(self.slowest), **growth, 'wrong': wrong[:20]}


def image_message(chance: random.Random, camera: str, stamp: int) -> tuple[Image, str]:
    """Return an image, and what is wrong with it."""
    made, fault = make_image(chance, stamp)
    message = Image(height=made.height, width=made.width, encoding=made.encoding, step=made.step,
                    data=byte_array(np.asarray(made.data)))
    message.header.frame_id = frame_id(camera, stamp)
    message.header.stamp.sec, message.header.stamp.nanosec = SECOND, stamp
    return message, fault


def print_figures(figures: dict[str, Any]) -> None:
    """Print what the run came to."""
    print(f'{figures["minutes"]:.1f} minutes, seed {figures["seed"]}')
    for name in ('published', 'outputs', 'injected'):
        print(f'{name}: ' + ', '.join(
            f'{count} {what}' for what, count in sorted(figures[name].items())))
    print('slowest answers: ' + ', '.join(
        f'{name} {took:.2f} s' for name, took in sorted(figures['slowest_answer_s'].items())))
    print(f'memory {figures["rss_mb"][0]:.1f} -> {figures["rss_mb"][1]:.1f} MB; per hour '
          + ', '.join(f'{name} {value:+.2f}' for name, value in figures['per_hour'].items()))
    for text in figures['wrong']:
        print(f'WRONG: {text}')


if __name__ == '__main__':
    # Nobody else is to hear any of it; memory is kept as the launch file lets the node keep it.
    os.environ.update(KEEP_MEMORY, ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
    sys.exit(main())

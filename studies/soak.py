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
Let the node's worker run at full load for as long as you like, and break whatever can break.

``python studies/soak.py --minutes 60`` feeds two cameras into the worker and a Predictor faster
than the network is, and injects faults by a seed: images that contradict themselves or change
their size, exceptions, memory that is not there, NaN, passes that hang until the thread is
replaced, stops and starts, live thresholds. All the while it looks whether the counters add up,
whether every output has the header of an input, each once and in order, whether nothing comes
out while the worker is stopped, and whether whatever is asked of it is done within a second, which
others that have the processor meanwhile do not count for. At the end it prints what was injected,
and how memory, threads and file handles have grown. The exit code is 1 if anything was wrong.
"""

import argparse
from collections import Counter
from dataclasses import asdict, astuple
import json
import os
from pathlib import Path
import random
import sys
from threading import Event, Lock, Thread
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any, Callable, Mapping, Optional

from growth import judge_growth, LOOK_EVERY, memory_in_use, print_growth, resources
import numpy as np
from starvation import Starvation
import torch
from triplenet_ros import Predictor
from triplenet_ros.benchmark.networks import RandomNetwork
from triplenet_ros.errors import InputError
from triplenet_ros.messages.decode import BadImage, decode
from triplenet_ros.network.registry import NETWORKS
from triplenet_ros.worker import LatestFrameWorker

CAMERAS = ('front', 'left')
SIZES = ((48, 64), (60, 90), (1, 1), (33, 200))
HANGS_AFTER = 2.0
ANSWER_LIMIT = 1.0
"""Seconds that stopping, starting and replacing may take, beside what others work meanwhile."""


def main() -> int:
    """Run, print, and write the figures if that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0].strip())
    parser.add_argument('--minutes', type=float, default=1.0, help='to run (default: 1)')
    parser.add_argument('--seed', type=int, default=0, help='of the faults (default: 0)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures too')
    args = parser.parse_args()
    torch.set_num_threads(1)
    figures = Soak(args.seed).run(60 * args.minutes)
    print_figures(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + '\n', encoding='utf-8')
    return int(bool(figures['wrong']))


class Soak:
    """
    One run.

    :param seed: of the faults; what comes when still depends on the machine
    """

    def __init__(self, seed: int) -> None:
        """Make network and worker."""
        self._chance = random.Random(seed)
        self._seed = seed
        self._faulty = FaultyBackend(random.Random(seed + 1))
        self._predictor = tiny_predictor(self._faulty)
        self._worker = LatestFrameWorker(self._work, self._on_error)
        self._outputs = Outputs()
        self._over = Event()
        self._slowest = self._starved = 0.0
        self.injected: Counter = self._faulty.injected
        self.errors: Counter = Counter()
        self.wrong: list = []

    def run(self, seconds: float) -> dict[str, Any]:
        """Run for some seconds and return the figures."""
        self._worker.start()
        threads = [Thread(target=self._feed, args=(camera, number), daemon=True)
                   for number, camera in enumerate(CAMERAS)]
        for thread in threads:
            thread.start()
        samples = self._look_after(seconds)
        self._over.set()
        for thread in threads:
            thread.join(10)
        self._worker.stop(HANGS_AFTER)
        self._faulty.release()
        self._check()
        return self._figures(seconds, samples)

    def _feed(self, camera: str, number: int) -> None:
        """Submit images of a camera faster than anybody could work on them."""
        chance = random.Random(self._seed + 10 + number)
        stamp = 0
        while not self._over.is_set():
            stamp += 1
            message, fault = make_image(chance, stamp)
            if fault:
                self.injected[fault] += 1
            self._outputs.announce(camera, stamp)
            self._worker.submit(message, camera)
            sleep(chance.choice((0, 0, 0.0005, 0.002)))

    def _work(self, frames: Mapping[str, Any]) -> set:
        images = {}
        for camera, message in frames.items():
            try:
                images[camera] = decode(message)
            except BadImage as error:
                self.errors[error.cause] += 1
        if images:
            predictions = self._predictor.batch(list(images.values()))
            self._worker.check_wanted()
            for (camera, image), prediction in zip(images.items(), predictions):
                if prediction.label_map.shape != image.shape[:2]:
                    self.wrong.append(f'labels {prediction.label_map.shape} of {image.shape}')
                self._outputs.put(camera, frames[camera].header.stamp)
        return set(frames) - set(images)

    def _on_error(self, error: BaseException, _frames: Mapping[str, Any]) -> None:
        self.errors[type(error).__name__] += 1

    def _look_after(self, seconds: float) -> list[dict[str, float]]:
        """Check, disturb and measure until the time is over."""
        begun, samples = monotonic(), [self._sample(0.0)]
        while (passed := monotonic() - begun) < seconds:
            self._check()
            if self._worker.busy > HANGS_AFTER:
                self._do('replaced', self._worker.replace)
            elif self._chance.random() < 0.002:
                self._stop_and_start()
            elif self._chance.random() < 0.02:
                self._do('thresholds', self._change_thresholds)
            if passed > len(samples) * max(seconds / 200, LOOK_EVERY):
                samples.append(self._sample(passed))
            sleep(0.005)
        return samples

    def _sample(self, passed: float) -> dict[str, float]:
        return {**resources(os.getpid()), **memory_in_use(), 'seconds': passed}

    def _stop_and_start(self) -> None:
        self._do('stopped', lambda: self._worker.stop(0.5))
        with self._outputs.silence() as outputs:
            sleep(0.01)
            self.wrong.extend(outputs)
        self._do('started', self._worker.start)

    def _change_thresholds(self) -> None:
        before = self._predictor.thresholds
        self._predictor.thresholds = type(before)(
            self._chance.random(), before.nms, before.max_detections, before.classes)

    def _do(self, what: str, action: Callable[[], None]) -> None:
        """Do something to the worker, which is to answer within a second."""
        begun, starvation = monotonic(), Starvation(os.getpid())
        action()
        took, starved = monotonic() - begun, starvation.seconds()
        self.injected[what] += 1
        self._starved += starved
        self._slowest = max(self._slowest, took - starved)
        if took - starved > ANSWER_LIMIT:
            self.wrong.append(f'{what} took {took:.1f} s, {starved:.1f} s of it for want of CPU')

    def _check(self) -> None:
        counters = self._worker.counters
        if counters.received != sum(astuple(counters)[1:]):
            self.wrong.append(f'counters do not add up: {counters}')
        self.wrong.extend(self._outputs.take_wrong())

    def _figures(self, seconds: float, samples: list) -> dict[str, Any]:
        growth, wrong = judge_growth(samples)
        self.wrong.extend(wrong)
        return {'minutes': seconds / 60, 'seed': self._seed, **asdict(self._worker.counters),
                'outputs': self._outputs.count, 'injected': dict(self.injected),
                'errors_by_kind': dict(self.errors), 'slowest_answer_s': self._slowest,
                'starved_s': self._starved, **growth, 'wrong': self.wrong[:20]}


class FaultyBackend:
    """
    Breaks what a backend does, now and then.

    :param chance: decides when
    """

    def __init__(self, chance: random.Random) -> None:
        """Break nothing yet."""
        self._chance = chance
        self._released = Event()
        self.backend: Optional[Any] = None
        self.injected: Counter = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.backend, name)

    def __call__(self, *arguments: Any) -> Any:
        """Run the network, or fail."""
        draw = self._chance.random()
        if draw < 0.01:
            self.injected['exception'] += 1
            raise self._chance.choice((RuntimeError('out of memory'), MemoryError(),
                                       InputError('no engine'), SystemExit(1)))
        if draw < 0.011:
            self.injected['hang'] += 1
            self._released.wait(2 * HANGS_AFTER)
        output = self.backend(*arguments)
        if 0.011 <= draw < 0.02:
            self.injected['nan'] += 1
            output = output._replace(segmentation=output.segmentation * float('nan'))
        return output

    def release(self) -> None:
        """Let everything that hangs go on."""
        self._released.set()


class Outputs:
    """Knows which images there were, and what came of them."""

    def __init__(self) -> None:
        """Know of nothing yet."""
        self._lock = Lock()
        self._newest: dict = dict.fromkeys(CAMERAS, 0)
        self._last: dict = dict.fromkeys(CAMERAS, 0)
        self._wrong: list = []
        self._silent = False
        self.count = 0

    def announce(self, camera: str, stamp: int) -> None:
        """Take note of an image that is about to be submitted; its stamp is one more each time."""
        with self._lock:
            self._newest[camera] = stamp

    def put(self, camera: str, stamp: int) -> None:
        """Take note of results."""
        with self._lock:
            if not self._last[camera] < stamp <= self._newest[camera]:
                self._wrong.append(f'{camera}: output {stamp} after {self._last[camera]}, newest '
                                   f'image {self._newest[camera]}')
            if self._silent:
                self._wrong.append(f'{camera}: output {stamp} while stopped')
            self._last[camera] = stamp
            self.count += 1

    def silence(self) -> 'Silence':
        """Return a context in which nothing may come out."""
        return Silence(self)

    def take_wrong(self) -> list:
        """Return what was wrong since the last time."""
        with self._lock:
            wrong, self._wrong = self._wrong, []
        return wrong

    def be_silent(self, silent: bool) -> None:
        """Say whether something may come out."""
        with self._lock:
            self._silent = silent


class Silence:
    """While it lasts nothing may come out."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs

    def __enter__(self) -> list:
        """Begin; gives a list of what was wrong so far."""
        self._outputs.be_silent(True)
        return self._outputs.take_wrong()

    def __exit__(self, *exception: Any) -> None:
        """End."""
        self._outputs.be_silent(False)


def tiny_predictor(faulty: FaultyBackend) -> Predictor:
    """Return a Predictor of random weights whose backend is a faulty one."""
    config = NETWORKS['triplenet-drive'].evolve(
        name='tiny', input_height=64, input_width=96, extra_blocks=1, extra_width=16,
        decoder_width=16, head_width=16)
    predictor = RandomNetwork(config).predictor('torch', 'cpu', 'float32')
    faulty.backend, predictor._backend = predictor._backend, faulty
    return predictor


def make_image(chance: random.Random, stamp: int) -> tuple[Any, str]:
    """Return an image message, and what is wrong with it."""
    height, width = chance.choice(SIZES)
    message = SimpleNamespace(
        header=SimpleNamespace(stamp=stamp), height=height, width=width, encoding='rgb8',
        step=3 * width, data=np.full(3 * height * width, stamp % 256, np.uint8))
    draw = chance.random()
    if draw > 0.05:
        return message, ''
    fault, changes = chance.choice((
        ('size 0', {'height': 0}), ('short data', {'data': message.data[:-1]}),
        ('small step', {'step': 1}), ('unknown encoding', {'encoding': 'secret\x1b[2J'})))
    vars(message).update(changes)
    return message, fault


def print_figures(figures: dict[str, Any]) -> None:
    """Print what the run came to."""
    print(f'{figures["minutes"]:.1f} minutes, seed {figures["seed"]}: received '
          f'{figures["received"]}, processed {figures["processed"]}, dropped '
          f'{figures["dropped"]}, errors {figures["errors"]}, outputs {figures["outputs"]}')
    print('injected: ' + ', '.join(
        f'{count} {name}' for name, count in sorted(figures['injected'].items())))
    print(f'slowest answer {figures["slowest_answer_s"]:.2f} s; for want of CPU all of them took '
          f'{figures["starved_s"]:.1f} s more')
    print_growth(figures)
    for text in figures['wrong']:
        print(f'WRONG: {text}')


if __name__ == '__main__':
    sys.exit(main())

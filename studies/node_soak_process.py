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

"""A perception node with faults in it, in a process of its own."""

from dataclasses import astuple
import faulthandler
import multiprocessing
import os
import random
import signal
from threading import Event, Thread
from time import sleep
from typing import Any

from growth import memory_in_use, resources
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from soak import CAMERAS, FaultyBackend
import torch
from triplenet_ros.ros.node import PerceptionNode, SUCCESS

WAIT = 120.0
"""Seconds until a node that does not answer at all is given up."""
MEMORY, END = 'memory', 'end'


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


def run_node(weights: str, seed: int, stall_timeout: float, parent: Any) -> None:
    """
    Run a node until the parent asks what was injected and what was wrong.

    :param parent: connection; each time it asks otherwise it is told the memory in use
    """
    torch.set_num_threads(1)
    faulthandler.register(signal.SIGUSR1)
    rclpy.init()
    settings = {'weights': weights, 'device': 'cpu', 'backend': 'torch', 'precision': 'float32',
                'cameras': list(CAMERAS), 'stall_timeout': stall_timeout,
                'score_threshold': 0.01, 'no_image_warning': 0.0}
    node = FaultyNode(random.Random(seed + 1), parameter_overrides=[
        Parameter(name, value=value) for name, value in settings.items()])
    over, wrong = Event(), []
    threads = [Thread(target=look_at_counters, args=(node, over, wrong), daemon=True),
               Thread(target=answer, args=(parent, over), daemon=True)]
    for thread in threads:
        thread.start()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while not over.is_set():
        executor.spin_once(timeout_sec=0.1)
    for thread in threads:
        thread.join(WAIT)
    node.faulty.release()
    parent.send((dict(node.faulty.injected), wrong))
    node.release()
    node.destroy_node()
    rclpy.shutdown()


def answer(parent: Any, over: Event) -> None:
    """Tell the memory in use as often as it is asked for, until something else is."""
    try:
        while parent.recv() == MEMORY:
            parent.send(memory_in_use())
    except EOFError:  # the parent is no more
        pass
    over.set()


def look_at_counters(node: PerceptionNode, over: Event, wrong: list) -> None:
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
    :param stall_timeout: seconds, as of the node
    """

    def __init__(self, weights: str, seed: int, stall_timeout: float) -> None:
        """Start nothing yet."""
        context = multiprocessing.get_context('spawn')
        self._told, told = context.Pipe()
        self._process = context.Process(
            target=run_node, args=(weights, seed, stall_timeout, told), daemon=True)

    def __enter__(self) -> 'NodeProcess':
        """Start it."""
        self._process.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        """End it, however it is."""
        self._process.kill()
        self._process.join()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def resources(self) -> dict[str, float]:
        """Return memory, threads and file handles."""
        return {**resources(self.pid), **self._ask(MEMORY)}

    def show_threads(self) -> None:
        """Let it print where each of its threads is."""
        os.kill(self._process.pid, signal.SIGUSR1)
        sleep(1.0)

    def end(self) -> tuple[dict, list]:
        """End it and return what was injected, and what was wrong."""
        injected, wrong = self._ask(END)
        self._process.join(WAIT)
        if self._process.exitcode != 0:
            wrong.append(f'the node ended with {self._process.exitcode}')
        return injected, wrong

    def _ask(self, what: str) -> Any:
        self._told.send(what)
        if not self._told.poll(WAIT):
            self.show_threads()
            raise RuntimeError('the node tells nothing')
        return self._told.recv()

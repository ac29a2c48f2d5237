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

"""Whoever manages a node: asks it by its services, and wants to be answered in time."""

from collections import Counter
import os
from threading import Event
from time import monotonic, sleep
from typing import Any, Callable

from lifecycle_msgs.srv import ChangeState, GetState
from node_soak_process import NodeProcess, WAIT
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.node import Node
from rclpy.parameter import Parameter
from starvation import Starvation

CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = 1, 2, 3, 4
_NAMES = {CONFIGURE: 'configure', CLEANUP: 'cleanup', ACTIVATE: 'activate',
          DEACTIVATE: 'deactivate'}


class Operator:
    """
    Asks a node.

    :param node: that asks; somebody else spins it
    :param process: of the node that is asked
    :param name: of that node
    :param patience: seconds that an answer may take, beside what others work meanwhile
    """

    def __init__(self, node: Node, process: NodeProcess, name: str, patience: float) -> None:
        """Ask nothing yet."""
        self._process, self._patience = process, patience
        self._clients = {kind: node.create_client(kind, f'{name}/{service}')
                         for kind, service in (
                             (ChangeState, 'change_state'), (GetState, 'get_state'),
                             (GetParameters, 'get_parameters'),
                             (SetParameters, 'set_parameters'))}
        self.slowest: Counter = Counter()
        self.starved = 0.0
        """Seconds that all answers together have taken for want of CPU."""
        self.changed: Counter = Counter()
        """How often each transition was made."""
        self.wrong: list = []

    def wait_for_node(self) -> None:
        """Wait until it can be asked."""
        for client in self._clients.values():
            if not client.wait_for_service(WAIT):
                raise RuntimeError('there is no node')

    def start(self) -> None:
        """Configure and activate it."""
        for transition in (CONFIGURE, ACTIVATE):
            if not self.change(transition):
                self.wrong.append(f'{_NAMES[transition]} failed')

    def change(self, transition: int) -> bool:
        """Request a transition and return whether it was made."""
        request = ChangeState.Request()
        request.transition.id = transition
        name = _NAMES[transition]
        # Configuring loads the weights, which takes what it takes.
        made = self._ask(ChangeState, request, name, limited=transition != CONFIGURE).success
        self.changed[name] += made
        return made

    def state(self) -> str:
        """Return the state it is in, as it says."""
        return self._ask(GetState).current_state.label

    def parameter(self, name: str) -> float:
        """Return a parameter that is a number."""
        told = self._ask(GetParameters, GetParameters.Request(names=[name]))
        return told.values[0].double_value

    def set_parameter(self, name: str, value: Any) -> bool:
        """Set a parameter and return whether it was taken."""
        request = SetParameters.Request(parameters=[
            Parameter(name, value=value).to_parameter_msg()])
        return self._ask(SetParameters, request).results[0].successful

    def expect(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait until something holds."""
        end = monotonic() + WAIT
        while not condition():
            if monotonic() > end:
                raise RuntimeError(otherwise)
            sleep(0.02)

    def _ask(self, kind: Any, request: Any = None, name: str = '', limited: bool = True) -> Any:
        """Call one of the services, which is to answer in time."""
        name, begun, done = name or kind.__name__, monotonic(), Event()
        starvation = Starvation(os.getpid(), self._process.pid)
        future = self._clients[kind].call_async(request or kind.Request())
        future.add_done_callback(lambda _: done.set())
        if not done.wait(WAIT):
            self._process.show_threads()
            raise RuntimeError(f'{name} was not answered')
        took, starved = monotonic() - begun, starvation.seconds()
        self.starved += starved
        self.slowest[name] = max(self.slowest[name], took - starved)
        if limited and took - starved > self._patience:
            self.wrong.append(f'{name} took {took:.1f} s, {starved:.1f} s of it for want of CPU')
        return future.result()

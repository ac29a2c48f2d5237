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

"""A transition that the state does not allow is refused; rclpy would end the process."""

from typing import Any

from rclpy.lifecycle import LifecycleNode


def refuse_impossible_transitions(node: LifecycleNode) -> None:
    """
    Answer requests for impossible transitions with failure instead of an exception.

    rclpy of Humble and Jazzy lets the state machine's exception through its service, out of the
    executor: activating an active node would kill it.

    :param node: whose service change_state is wrapped
    """
    service = node._service_change_state
    change_state = service.callback

    def change_state_if_possible(request: Any, response: Any) -> Any:
        try:
            return change_state(request, response)
        except RuntimeError as error:  # RCLError is one
            if not node.context.ok():
                raise
            node.get_logger().error(f'no such transition now: {error}')
            response.success = False
            return response

    service.callback = change_state_if_possible

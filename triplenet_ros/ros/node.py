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

"""The perception node: images in, boxes and labels out."""

import sys
from typing import Any, Callable, Optional, Sequence

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from triplenet_ros.errors import InputError, one_line
from triplenet_ros.interrupt import deferred_interrupt
from triplenet_ros.leaving import leave
from triplenet_ros.log import log_shown_by
from triplenet_ros.missing import explain_import_error
from triplenet_ros.ros.diagnostics import Diagnostics
from triplenet_ros.ros.forwarded_log import ForwardedLog
from triplenet_ros.ros.memory import forget_destroyed, free_memory
from triplenet_ros.ros.parameters import Parameters
from triplenet_ros.ros.pipeline import Pipeline
from triplenet_ros.ros.silence import SilenceWatch
from triplenet_ros.ros.transitions import refuse_impossible_transitions
from triplenet_ros.ros.watchdog import Watchdog

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
ERROR = TransitionCallbackReturn.ERROR


class PerceptionNode(LifecycleNode):
    """
    Finds boxes and labels in the newest image of each camera.

    Configuring loads the weights, activating subscribes to the images; nothing is published
    while the node is not active.

    :param options: as of ``rclpy.node.Node``
    """

    def __init__(self, **options: Any) -> None:
        """Declare the parameters; rclpy raises ParameterException for a bad value."""
        super().__init__('perception_node', **options)
        self.pipeline: Optional[Pipeline] = None
        """What works while the node is active; None before it is configured."""
        self._silence: Optional[SilenceWatch] = None
        self._watchdog: Optional[Watchdog] = None
        self._given_up = False
        self.settings = Parameters(self)
        """The parameters; rclpy's Node has other things under that name."""
        self._diagnostics = Diagnostics(self)
        refuse_impossible_transitions(self)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Check the parameters, load the weights, run them once, create the publishers."""
        result = self._attempt(self._configure, 'inactive')
        return result if result != SUCCESS else super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let the publishers speak, subscribe, and start the inference thread."""
        result = super().on_activate(state)
        if result != SUCCESS:
            return result
        result = self._attempt(self._activate, 'active')
        if result != SUCCESS:
            super().on_deactivate(state)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """
        Stop the inference thread; nothing is published once this has returned.

        After it was given up this is an error, which frees everything.
        """
        self._deactivate()
        self._diagnostics.state = 'inactive'
        result = super().on_deactivate(state)
        return ERROR if self._given_up else result

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the network and its memory."""
        result = super().on_cleanup(state)
        self.release()
        self._diagnostics.state = 'unconfigured'
        return result

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop whatever runs."""
        result = super().on_shutdown(state)
        self.release()
        self._diagnostics.state = 'finalized'
        return result

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything, so that the node can be configured again."""
        self.release()
        self._diagnostics.state = 'unconfigured'
        return super().on_error(state)

    def release(self) -> None:
        """Stop the inference thread and free what configuring made; may be called twice."""
        self._deactivate()
        if self.pipeline is not None:
            self._diagnostics.forget()
            self.pipeline.destroy()
            self.pipeline = None
            self.settings.classes = None
            free_memory()

    def _configure(self) -> None:
        # torch takes seconds to import: the node is there before, and can be ended meanwhile.
        from triplenet_ros.ros.perception import Perception

        settings = self.settings.read()
        settings.check()
        with log_shown_by(ForwardedLog(self.get_logger())):
            perception = Perception(settings)
            settings.check(perception.classes)
            free_memory()  # loading takes several times what the network does
            perception.warm_up(settings, max(1, len(settings.cameras)))
        self.pipeline = Pipeline(self, self.settings, perception)
        self.settings.classes = perception.classes
        self._diagnostics.watch(self.pipeline)
        self.get_logger().info(', '.join(
            f'{name} {value}' for name, value in perception.description().items()))

    def _activate(self) -> None:
        self.pipeline.start()
        self._silence = SilenceWatch(self, self.settings, self.pipeline.cameras)
        self._diagnostics.silent = self._silence.silent
        self._given_up = False
        self._watchdog = Watchdog(
            self, self.settings, self.pipeline, self._diagnostics.tell, self._give_up)
        self._diagnostics.stalled = lambda: self._watchdog and self._watchdog.stalled
        topics = ', '.join(camera.topic for camera in self.pipeline.cameras)
        self.get_logger().info(f'active, images come from {topics}')

    def _deactivate(self) -> None:
        if self._silence is not None:
            self._silence.stop()
            self._silence = None
            self._diagnostics.silent = {}
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None
        if self.pipeline is not None:
            self.pipeline.stop()
        forget_destroyed(self.default_callback_group)

    def _give_up(self, cause: str) -> None:
        """Go through the error state to the unconfigured one; whoever manages nodes sees it."""
        self._given_up = True
        self._diagnostics.failure = cause
        self.get_logger().error(cause)
        self.trigger_deactivate()
        self._diagnostics.tell()

    def _attempt(self, step: Callable[[], None], state: str) -> TransitionCallbackReturn:
        """Take a step into a state; where it fails, say why in one line."""
        try:
            step()
        except Exception as error:
            self._fail(error)
            return FAILURE
        self._diagnostics.failure = None
        self._diagnostics.state = state
        return SUCCESS

    def _fail(self, error: Exception) -> None:
        """Undo a step that failed and tell its cause."""
        self._deactivate()
        # After Ctrl-C everything fails, and nobody can be told.
        if self.context.ok():
            self._diagnostics.failure = _explain(error)
            self.get_logger().error(self._diagnostics.failure)


def _explain(error: Exception) -> str:
    """Return the cause of a failed transition in one line."""
    if isinstance(error, ImportError):
        return explain_import_error(error)
    named = '' if isinstance(error, InputError) else f'{type(error).__name__}: '
    return named + one_line(error)


def main(args: Optional[Sequence[str]] = None) -> int:
    """Run the node until Ctrl-C; return the exit status."""
    node: Optional[PerceptionNode] = None
    initialized = False
    try:
        rclpy.init(args=args)
        initialized = True
        node = PerceptionNode()
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except ParameterException as error:
        print(f'error: {one_line(error)}', file=sys.stderr)
        return 1
    except RuntimeError as error:
        if not initialized:
            print(f'error: {_explain(error)}', file=sys.stderr)
            return 1
        # In the middle of a transition Ctrl-C makes rclpy fail with an error of its own.
        if rclpy.ok():
            raise
    finally:
        _leave(node)
    return 0


def _leave(node: Optional[PerceptionNode]) -> None:
    """Stop and free what there is; launch may send a second Ctrl-C, one more cuts it short."""
    try:
        with deferred_interrupt():
            if node is not None:
                node.release()
                node.destroy_node()
            rclpy.try_shutdown()
    except KeyboardInterrupt:
        pass


if __name__ == '__main__':
    sys.exit(leave(main()))

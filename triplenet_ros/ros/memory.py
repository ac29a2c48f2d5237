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

"""What a node has done with takes no memory any more."""

import ctypes
import gc
import sys

from rclpy.callback_groups import CallbackGroup


def forget_destroyed(group: CallbackGroup) -> None:
    """
    Take out of a callback group what is left in it of destroyed subscriptions, timers, publishers.

    rclpy leaves a dead weak reference for each (https://github.com/ros2/rclpy/issues/1356), five
    for every activation and fourteen more for every configuration.

    :param group: in which entities were destroyed
    """
    # One at a time: another thread of an executor may add to it meanwhile.
    for entity in list(group.entities):
        if entity() is None:
            group.entities.discard(entity)


def free_memory() -> None:
    """Collect what nobody refers to, and give its memory back to the system, on a GPU too."""
    gc.collect()
    torch = sys.modules.get('torch')
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    # glibc gives nothing back by itself where it was told to keep the memory of messages.
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)

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

"""Environment variables that make messages of several megabytes cheap, and keep them whole."""

from pathlib import Path
from typing import Mapping

from launch import LaunchContext
from launch.substitutions import LaunchConfiguration
from rclpy.utilities import get_rmw_implementation_identifier

# glibc gives a large message's memory back to the system and faults it in again for the next
# one; both settings together keep it.
KEEP_MEMORY = {'MALLOC_MMAP_THRESHOLD_': '268435456', 'MALLOC_TRIM_THRESHOLD_': '536870912'}


def launch_environment(context: LaunchContext) -> dict:
    """
    Return the variables that the arguments ``keep_memory`` and ``cyclonedds_config`` ask for.

    :param context: of a launch in which both arguments are declared
    """
    return large_message_environment(
        context.environment,
        rmw=context.environment.get('RMW_IMPLEMENTATION') or get_rmw_implementation_identifier(),
        keep_memory=LaunchConfiguration('keep_memory').perform(context) == 'true',
        cyclonedds_config=LaunchConfiguration('cyclonedds_config').perform(context))


def large_message_environment(environment: Mapping[str, str], *, rmw: str, keep_memory: bool,
                              cyclonedds_config: str) -> dict:
    """
    Return the variables to add for a process that sends or receives images.

    What the user has set already is left as it is.

    :param environment: of the process so far
    :param rmw: name of the middleware, such as ``rmw_cyclonedds_cpp``; any other takes no notice
        of Cyclone's file and is not given it
    :param keep_memory: whether the memory of large messages is kept
    :param cyclonedds_config: path or URI of an XML file, or ``none``
    """
    wanted = dict(KEEP_MEMORY) if keep_memory else {}
    if rmw == 'rmw_cyclonedds_cpp' and cyclonedds_config != 'none':
        wanted['CYCLONEDDS_URI'] = _uri(cyclonedds_config)
    return {name: value for name, value in wanted.items() if name not in environment}


def _uri(config: str) -> str:
    # Cyclone takes the settings themselves too.
    if '://' in config or config.startswith('<'):
        return config
    return Path(config).expanduser().absolute().as_uri()

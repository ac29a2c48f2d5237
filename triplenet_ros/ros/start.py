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

"""What the nodes are started by: they run, or say in one line what they miss."""

from importlib import import_module
import sys
from typing import Optional, Sequence

from triplenet_ros.leaving import leave
from triplenet_ros.missing import explain_import_error


def main(args: Optional[Sequence[str]] = None) -> int:
    """Run ``perception_node`` until Ctrl-C; return the exit status."""
    return _run('node', args)


def evaluation_main(args: Optional[Sequence[str]] = None) -> int:
    """Run ``evaluation_node`` until Ctrl-C; return the exit status."""
    return _run('evaluation_node', args)


def _run(module: str, args: Optional[Sequence[str]]) -> int:
    try:
        node = import_module(f'triplenet_ros.ros.{module}')
    except ImportError as error:
        print(f'error: {explain_import_error(error)}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return leave(node.main(args))

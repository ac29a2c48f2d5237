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

"""The end of a process in which work that was given up still computes."""

import atexit
import os
import sys

from triplenet_ros.worker import is_at_work


def leave(status: int) -> int:
    """
    Return the status of this process; if a worker's thread still computes, end it here with that.

    Python up to 3.13 ends such a thread when it comes back from torch, in the midst of C++, which
    aborts the process: its status would be 134.

    :param status: of the work
    """
    if not is_at_work():
        return status
    # What is due at exit is done, as multiprocessing does it for its processes.
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # closed, or full, which has been told
            pass
    os._exit(status)

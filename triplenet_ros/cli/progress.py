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

"""The progress bar of every command."""

from typing import Any

_PATIENCE = 2.0


def progress_bar(total: int, what: str, unit: str = 'frame') -> Any:
    """
    Return a tqdm bar on standard error; use it in a ``with`` statement.

    It shows on a terminal only, and only if the work takes more than two seconds.

    :param total: how many to expect
    :param what: the name of the work
    """
    from tqdm import tqdm

    # disable=None: no bar where standard error is no terminal.
    return tqdm(total=total or None, desc=what, unit=unit, delay=_PATIENCE, disable=None,
                leave=False)

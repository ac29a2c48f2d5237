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

"""The one error type that means: what the user gave cannot be used, and how it is worded."""

import difflib
from typing import Iterable

from triplenet_ros.printable import printable


LONGEST = 2000
"""Characters of an error."""


class InputError(ValueError):
    """
    Bad input from outside: a file, a name, a value, a message.

    The command line prints it as ``error: ...`` and exits with 2; the node logs it. A bug is
    never an InputError.

    :param text: one line that names the thing, the value and what is allowed; whatever a name or
        a value in it holds, it stays one line of some length and does nothing to a terminal
    """

    def __init__(self, text: str) -> None:
        super().__init__(_shortened(printable(text)))


def one_line(error: BaseException) -> str:
    """Return the text of a library's error on one line, its type where it has none."""
    return printable(' '.join(str(error).split())) or type(error).__name__


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the most similar of ``names``, nothing if none is."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f' (did you mean {close[0]}?)' if close else ''


def _shortened(text: str) -> str:
    """Leave out the middle of what nobody would read."""
    return text if len(text) <= LONGEST else f'{text[:LONGEST - 300]} ... {text[-200:]}'

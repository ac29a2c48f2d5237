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

"""Stamps of messages as text that loses nothing: seconds, a dot, nine digits of nanoseconds."""

import re

from triplenet_ros.errors import InputError

_SECOND = 1_000_000_000
_TEXT = re.compile(r'([0-9]+)(?:\.([0-9]{1,9}))?')


def stamp_text(stamp_ns: int) -> str:
    """Return a stamp in nanoseconds as text, such as ``12.100000000``."""
    seconds, rest = divmod(stamp_ns, _SECOND)
    return f'{seconds}.{rest:09d}'


def stamp_of_text(text: str) -> int:
    """
    Return nanoseconds of seconds as text, exactly.

    :param text: such as ``12``, ``12.1`` or ``12.100000000``
    :raises InputError: if it is no such number
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise InputError(f'stamp {text!r} must be seconds, such as 1700000000.25')
    return int(match[1]) * _SECOND + int((match[2] or '').ljust(9, '0'))

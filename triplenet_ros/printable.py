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

"""Text from outside, as a terminal, a log and a report can show it: on one line, doing nothing."""

import re

# Control characters (escape sequences begin with one), separators of lines and paragraphs, what
# turns the direction of writing, and halves of characters, which name bytes that are no UTF-8.
_UNPRINTABLE = re.compile('[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')


def is_printable(text: str) -> bool:
    """Return whether a text may be shown as it is."""
    return _UNPRINTABLE.search(text) is None


def printable(text: str) -> str:
    r"""Return a text with ``\n``, ``\x1b``, ... in place of what a line must not hold."""
    return _UNPRINTABLE.sub(
        lambda found: found[0].encode('unicode_escape').decode('ascii'), text)

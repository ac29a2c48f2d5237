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

"""Standard input, output and error of a command, whatever became of them."""

from contextlib import suppress
import os
import sys
from typing import TextIO


def prepare_streams() -> None:
    """
    Make the streams such that nothing is lost or damaged by what they cannot take.

    What the encoding of the terminal has no sign for is shown by an escape. Where a stream was
    closed, no file that is opened later gets its number, into which C libraries still write.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number < 2 else os.O_WRONLY)
    if sys.stdout is None:  # writing into what can only be read fails, as it should
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), 'w')
    if sys.stderr is None:
        sys.stderr = open(os.devnull, 'w')
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, 'reconfigure'):  # not where a test has put its own
            stream.reconfigure(errors='backslashreplace')


def say_error(text: str) -> None:
    """Write one line to standard error, or nowhere if that is full."""
    with suppress(OSError):
        print(f'error: {text}', file=sys.stderr)
    flush_error()


def flush_error() -> None:
    """Complete standard error, and drop what it does not take: there is nobody to tell."""
    try:
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)


def drop(stream: TextIO) -> None:
    """Throw away what a stream did not take: Python would try once more at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

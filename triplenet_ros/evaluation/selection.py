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

"""Which frames of a recording are scored, as the user chose."""

from dataclasses import dataclass
from typing import Optional

import numpy as np

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.stamps import stamp_of_text


@dataclass(frozen=True)
class Selection:
    """
    The frames that the user wants scored.

    :param begin: ``--from``: seconds as stamps are, or ``+`` and seconds after the first result
    :param end: ``--to``: as above, inclusive
    :param skip_first: so many matched frames at the beginning are left out
    :param skip_last: so many matched frames at the end are left out
    :param first: of what is left, only the first so many
    :param last: of what is left, only the last so many
    :param every: of what is left, the first and every so many after it
    :raises InputError: if a number is out of range, or first and last are both given
    """

    begin: Optional[str] = None
    end: Optional[str] = None
    skip_first: int = 0
    skip_last: int = 0
    first: Optional[int] = None
    last: Optional[int] = None
    every: int = 1

    def __post_init__(self) -> None:
        """Refuse what selects nothing."""
        for name, least in (('skip_first', 0), ('skip_last', 0), ('first', 1), ('last', 1),
                            ('every', 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError(f'{_option(name)} {value} is out of range, at least {least}')
        if self.first is not None and self.last is not None:
            raise InputError('--first and --last exclude each other')
        for text in (self.begin, self.end):
            if text is not None:
                stamp_of_text(text.removeprefix('+'))

    def span(self, first_ns: int) -> tuple[int, int]:
        """
        Return the first and the last stamp that are wanted, nanoseconds.

        :param first_ns: stamp of the first result
        :raises InputError: if the end is before the beginning
        """
        begin = 0 if self.begin is None else _moment(self.begin, first_ns)
        end = np.iinfo(np.int64).max if self.end is None else _moment(self.end, first_ns)
        if end < begin:
            raise InputError(f'--to {self.end} is before --from {self.begin}')
        return begin, int(end)

    def of(self, count: int) -> tuple[np.ndarray, dict[str, int]]:
        """
        Choose among matched frames.

        :param count: how many there are within the span
        :returns: indices that are kept, rising, and option -> how many it left out
        """
        kept, left_out = np.arange(count), {}
        for option, chosen in self._steps():
            fewer = kept[chosen]
            if len(fewer) < len(kept):
                left_out[option] = len(kept) - len(fewer)
            kept = fewer
        return kept, left_out

    def _steps(self) -> list:
        """Return (option as it was given, slice) in their order."""
        steps = [('skip_first', slice(self.skip_first, None)),
                 ('skip_last', slice(None, -self.skip_last or None)),
                 ('first', slice(None, self.first)),
                 ('last', slice(-(self.last or 0) or None, None)),
                 ('every', slice(None, None, self.every))]
        return [(f'{_option(name)} {getattr(self, name)}', chosen) for name, chosen in steps]


def _option(name: str) -> str:
    return f'--{name.replace("_", "-")}'


def _moment(text: str, first_ns: int) -> int:
    return first_ns + stamp_of_text(text[1:]) if text.startswith('+') else stamp_of_text(text)

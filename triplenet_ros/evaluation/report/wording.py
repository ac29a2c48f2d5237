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

"""Figures as text, the same on every page."""

from typing import Any, Mapping, Optional

from triplenet_ros.evaluation.report.axes import clock_text
from triplenet_ros.evaluation.stamps import stamp_text

NOTHING = '–'


def percent(share: Optional[float]) -> str:
    """Return a share of 0 .. 1 as percent, without its sign."""
    return NOTHING if share is None else f'{100 * share:.1f}'


def number(count: Optional[float]) -> str:
    """Return a count with its thousands set apart."""
    return NOTHING if count is None else f'{count:,.0f}'


def milliseconds(value: Optional[float]) -> str:
    """Return milliseconds with three digits that matter."""
    if value is None:
        return NOTHING
    return f'{value:,.0f}' if value >= 100 else f'{value:.3g}'


def measured(value: Optional[float], unit: str) -> str:
    """
    Return a value of a criterion.

    :param unit: empty for scores and shares, ``ms`` or ``frames``
    """
    if value is None:
        return 'nothing to measure'
    return f'{value:.3f}'.rstrip('0').rstrip('.') if not unit else f'{value:,.4g} {unit}'


def plain(value: Any) -> str:
    """Return a value of an option; nothing for what was not set."""
    if value is None or value == '' or value == {} or value == []:
        return ''
    if isinstance(value, Mapping):
        return ', '.join(f'{key} → {one}' for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ', '.join(map(str, value))
    return str(value)


FILTERS = {'percent': percent, 'number': number, 'milliseconds': milliseconds,
           'measured': measured, 'stamp': stamp_text, 'clock': clock_text,
           'plain': plain}

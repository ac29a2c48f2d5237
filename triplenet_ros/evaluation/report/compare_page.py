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

"""The page of a comparison of two scored runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Sequence

from triplenet_ros.evaluation.comparison import BETTER, Comparison, Difference, WORSE
from triplenet_ros.evaluation.report.pages import page
from triplenet_ros.evaluation.report.pictures import MOST_BYTES, picture_url
from triplenet_ros.evaluation.stamps import stamp_text

SIDES = ('truth', 'a', 'b')
MOST_FRAMES = 12
"""So many of the frames that got worse are shown as pictures."""

_ANY_CLASS = 'all classes'


@dataclass(frozen=True)
class Bar:
    """
    An interval on an axis with 0 in its middle, percent of the axis.

    :param left: of the interval
    :param width: of the interval
    :param value: where the difference itself stands
    """

    left: float
    width: float
    value: float


def picture_name(stamp_ns: int, side: str) -> str:
    """Return the file name of a picture of a frame; side is one of SIDES."""
    return f'{stamp_text(stamp_ns)}-{side}.jpg'


def compare_page(comparison: Comparison, pictures: Path) -> str:
    """
    Return the page.

    :param pictures: folder of pictures by ``picture_name``, as far as there are any
    """
    differences = comparison.difference
    reach = max([abs(end) for one in differences.values()
                 for end in (one.value, one.low or 0, one.high or 0)] + [1e-6])
    groups: dict[str, dict[str, Difference]] = {}
    for name, one in differences.items():
        metric = name.partition(' of ')[0] if ' of ' in name else _ANY_CLASS
        groups.setdefault(metric, {})[name] = one
    return page(
        'compare.html', comparison=comparison, groups=groups,
        bars={name: _bar(one, reach) for name, one in differences.items()}, reach=reach,
        better=sum(one.verdict == BETTER for one in differences.values()),
        worse=sum(one.verdict == WORSE for one in differences.values()),
        pictures=_embedded(pictures, [one.stamp_ns for one in comparison.worse]))


def _bar(one: Difference, reach: float) -> Bar:
    def place(value: float) -> float:
        return round(50 + 50 * value / reach, 2)

    low = one.value if one.low is None else one.low
    high = one.value if one.high is None else one.high
    return Bar(place(low), round(place(high) - place(low), 2), place(one.value))


def _embedded(folder: Path, stamps: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """Return stamp -> side -> URL, until a page has enough of them."""
    shown: dict[int, dict[str, str]] = {}
    spent = 0
    for stamp in stamps[:MOST_FRAMES]:
        files = {side: folder / picture_name(stamp, side) for side in SIDES}
        urls = {side: picture_url(file) for side, file in files.items() if file.is_file()}
        spent += sum(map(len, urls.values()))
        if spent > MOST_BYTES:
            break
        shown[stamp] = urls
    return shown

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

"""Which frames of a recording are scored against which truth."""

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import numpy as np

from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.truth import Partners, Timeline, Truth
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.scored_run import Unmatched


@dataclass(frozen=True)
class Plan:
    """
    The frames that are scored.

    :param frames: numbers of the results, rising
    :param keys: for each source of truth: number of the result -> key
    :param truth_stamps: number of the result -> stamp of its truth, where that has one
    :param results: how many results came up within the span
    :param unmatched: what is not scored for want of a partner
    :param left_out: option of the user -> how many frames it left out
    """

    frames: tuple[int, ...]
    keys: tuple[Mapping[int, Any], ...]
    truth_stamps: Mapping[int, int]
    results: int
    unmatched: Unmatched
    left_out: Mapping[str, int]


def make_plan(truths: Sequence[Truth], timeline: Timeline, doubled: np.ndarray,
              options: ScoreOptions) -> Plan:
    """
    Match, and leave out what the user does not want.

    :param truths: the sources
    :param timeline: when the frames of the recording were
    :param doubled: stamps of results that came again
    :param options: of the user
    :raises InputError: if no result has any truth
    """
    partners = [truth.partners(timeline, options.tolerance_ns) for truth in truths]
    having = sorted(set().union(*(one.keys for one in partners)))
    if not having:
        raise InputError(_nothing_matches(truths, timeline, partners, options))
    stamps = timeline.results
    begin, end = options.selection.span(int(stamps[0]))
    inside = (stamps >= begin) & (stamps <= end)
    chosen = [number for number in having if inside[number]]
    kept, left_out = options.selection.of(len(chosen))
    outside = int(np.count_nonzero(~inside))
    if outside:
        left_out = {_span_text(options): outside, **left_out}
    lonely = np.setdiff1d(np.flatnonzero(inside), having)
    return Plan(
        tuple(chosen[index] for index in kept), tuple(one.keys for one in partners),
        {number: stamp for one in partners for number, stamp in one.stamps.items()},
        int(np.count_nonzero(inside)), Unmatched(
            results=tuple(stamps[lonely].tolist()),
            truth=_within((stamp for one in partners for stamp in one.truth), begin, end),
            truth_keys=tuple(key for one in partners for key in one.truth_keys),
            doubled_results=_within(doubled.tolist(), begin, end),
            doubled_truth=_within((stamp for one in partners for stamp in one.doubled),
                                  begin, end)), left_out)


def _within(stamps: Any, begin: int, end: int) -> tuple[int, ...]:
    return tuple(sorted(stamp for stamp in set(stamps) if begin <= stamp <= end))


def _span_text(options: ScoreOptions) -> str:
    both = ('--from', options.selection.begin), ('--to', options.selection.end)
    return ' '.join(f'{option} {value}' for option, value in both if value is not None)


def _nothing_matches(truths: Sequence[Truth], timeline: Timeline, partners: Sequence[Partners],
                     options: ScoreOptions) -> str:
    text = (f'none of the {len(timeline.results)} results has truth in '
            f'{" or ".join(truth.description for truth in truths)}')
    stamps = np.array([stamp for one in partners for stamp in one.truth], np.int64)
    if len(stamps) and len(timeline.results):
        place = np.searchsorted(timeline.results, stamps).clip(1, len(timeline.results) - 1) \
            if len(timeline.results) > 1 else np.zeros(len(stamps), np.int64)
        nearest = np.minimum(np.abs(timeline.results[place] - stamps),
                             np.abs(timeline.results[place - 1] - stamps)).min() / 1e9
        text += (f': the nearest stamps are {nearest:.9g} s apart, the tolerance is '
                 f'{options.tolerance:g} s (--tolerance)')
    return text

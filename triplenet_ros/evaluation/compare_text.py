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

"""A comparison as text for a terminal."""

from triplenet_ros.evaluation.comparison import Comparison, Difference, UNCLEAR
from triplenet_ros.evaluation.stamps import stamp_text

_SHOWN = 5


def compare_text(comparison: Comparison) -> str:
    """
    Write a comparison as lines to read.

    :returns: text without a newline at its end, values in percent
    """
    lines = [f'{comparison.frames} frames in both; {comparison.only_in_a} only in A and '
             f'{comparison.only_in_b} only in B count nothing', '',
             f'{"percent":<28}{"A":>8}{"B":>8}{"B - A":>8}{"95 % between":>18}']
    lines += [_row(name, one) for name, one in comparison.difference.items()]
    unclear = sum(one.verdict == UNCLEAR for one in comparison.difference.values())
    if unclear:
        lines += ['', f'{unclear} intervals are too wide to tell better from worse: score more '
                  'frames']
    if comparison.worse:
        lines += ['', 'frames that got worse, by their score:']
        lines += [f'{stamp_text(one.stamp_ns)}  {100 * one.a:.1f} -> {100 * one.b:.1f}'
                  for one in comparison.worse[:_SHOWN]]
    return '\n'.join([*lines, *(f'note: {note}' for note in comparison.notes)])


def _row(name: str, one: Difference) -> str:
    between = '-' if one.low is None or one.high is None else \
        f'{100 * one.low:+.1f} .. {100 * one.high:+.1f}'
    return (f'{name:<28}{100 * one.a:>8.1f}{100 * one.b:>8.1f}{100 * one.value:>+8.1f}'
            f'{between:>18}  {one.verdict}')

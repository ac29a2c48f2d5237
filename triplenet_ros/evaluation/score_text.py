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

"""A scored run as text for a terminal."""

from typing import Any, Mapping

from triplenet_ros.evaluation.scored_run import ScoredRun, Verdict
from triplenet_ros.evaluation.table import table


def score_text(run: ScoredRun) -> str:
    """
    Write a run as lines to read: frames, tables of scores, error kinds, criteria.

    :returns: text without a newline at its end
    """
    parts = [_frames(run), table({'images': run.scored, 'detection': run.detection,
                                  'segmentation': run.segmentation})]
    if run.detection is not None:
        parts.append(_operating(run.detection['operating']))
    if run.errors is not None:
        parts.append(_errors(run.errors))
    if run.latency_ms:
        parts.append(_latency(run.latency_ms))
    if run.criteria:
        parts.append('\n'.join(_verdict(one) for one in run.criteria))
    parts += [f'note: {note}' for note in run.notes]
    return '\n\n'.join(parts)


def _frames(run: ScoredRun) -> str:
    lonely = run.unmatched
    truth = len(lonely.truth) + len(lonely.truth_keys)
    lines = [f'{run.scored} of {run.frames} results scored; without partner: '
             f'{len(lonely.results)} results, {truth} truth']
    doubled = len(lonely.doubled_results), len(lonely.doubled_truth)
    if any(doubled):
        lines.append(f'stamps that came again: {doubled[0]} of the results, {doubled[1]} of the '
                     'truth; the first counts')
    lines += [f'left out by {option}: {count}' for option, count in run.left_out.items()]
    drops = [f'{count} {what}' for what, count in run.drops.items() if count is not None]
    return '\n'.join([*lines, ', '.join(drops)] if drops else lines)


def _operating(point: Mapping[str, Any]) -> str:
    return (f'at score {point["threshold"]:g}: precision {_percent(point["precision"])}, recall '
            f'{_percent(point["recall"])} ({point["found"]} of {point["truths"]} found, '
            f'{point["wrong"]} wrong)')


def _errors(errors: Mapping[str, Any]) -> str:
    lines = [f'{"errors":<12}{"count":>8}{"AP50 gained if mended":>24}']
    lines += [f'{kind:<12}{both["count"]:>8}{_percent(both["gain"]):>24}'
              for kind, both in errors['kinds'].items()]
    return '\n'.join(lines)


def _latency(stages: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f'{"milliseconds":<16}{"p50":>9}{"p95":>9}{"p99":>9}']
    lines += [f'{stage:<16}' + ''.join(
        f'{values[rank]:>9.1f}' if rank in values else f'{"-":>9}'
        for rank in ('p50', 'p95', 'p99')) for stage, values in stages.items()]
    return '\n'.join(lines)


def _verdict(one: Verdict) -> str:
    value = 'nothing was measured' if one.value is None else f'{one.value:.4g}'
    return f'{"passed" if one.passed else "MISSED"}  {one.text}: {value}'


def _percent(share: Any) -> str:
    return '-' if share is None else f'{100 * share:.1f} %'

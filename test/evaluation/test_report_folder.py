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

"""A scored run comes back from its files as it was."""

import json

import pytest
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.report_folder import FRAMES, read_frames, read_run, REPORT
from triplenet_ros.evaluation.stamps import stamp_of_text, stamp_text


def test_run_and_frames_come_back_as_they_were(tmp_path, scored_example):
    scored_example.write_example(tmp_path)
    assert read_run(tmp_path) == scored_example.run()
    assert list(read_frames(tmp_path)) == scored_example.frames()


def test_report_has_what_the_contract_names(tmp_path, scored_example):
    scored_example.write_example(tmp_path)
    figures = json.loads((tmp_path / REPORT).read_text())
    assert {'frames', 'scored', 'unmatched', 'detection', 'segmentation', 'errors', 'latency_ms',
            'drops', 'criteria'} <= set(figures)


@pytest.mark.parametrize('stamp', [0, 1, 999_999_999, 1_700_000_000_123_456_789])
def test_stamps_lose_nothing_as_text(stamp):
    assert stamp_of_text(stamp_text(stamp)) == stamp


@pytest.mark.parametrize(('text', 'stamp'), [('12', 12_000_000_000), ('12.1', 12_100_000_000)])
def test_short_stamps_are_seconds(text, stamp):
    assert stamp_of_text(text) == stamp


@pytest.mark.parametrize('text', ['', '-1', '1e9', 'now', '1.0000000001'])
def test_what_is_no_stamp_is_refused(text):
    with pytest.raises(InputError, match='must be seconds'):
        stamp_of_text(text)


@pytest.mark.parametrize('text', ['{}', '[]', '{"format": 2}', '{"format": 1}', 'x'])
def test_a_foreign_report_is_refused_in_one_line(tmp_path, text):
    (tmp_path / REPORT).write_text(text)
    with pytest.raises(InputError, match='report.json') as error:
        read_run(tmp_path)
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('text', ['{}', '[]', 'x'])
def test_a_damaged_frame_is_named(tmp_path, text):
    (tmp_path / FRAMES).write_text(text + '\n')
    with pytest.raises(InputError, match='frames.jsonl'):
        list(read_frames(tmp_path))


def test_a_folder_without_report_is_refused(tmp_path):
    with pytest.raises(InputError, match='cannot be read'):
        read_run(tmp_path)

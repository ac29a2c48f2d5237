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

"""Criteria are understood, or refused before anything runs; what is missed is named."""

from dataclasses import replace

import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.criteria import Criteria, Criterion, read_criteria


@pytest.fixture
def criteria(tmp_path):
    """Return a function that reads criteria from YAML lines."""
    def read(text):
        path = tmp_path / 'criteria.yaml'
        path.write_text(text)
        return read_criteria(path)
    return read


def verdicts_of(criteria, example):
    """Return what comes of criteria on the made-up run."""
    for frame in example.frames():
        criteria.add(frame)
    return criteria.verdicts(example.run())


@pytest.mark.parametrize(('line', 'value', 'passed'), [
    ('AP50 of car at least 0.4', 0.71, True),
    ('AP50 of car at least 72 %', 0.71, False),
    ('car AP50 at most 0.8', 0.71, True),
    ('mAP50 at least 0.71', 0.71, True),
    ('AP50 at least 0.7', 0.71, True),
    ('recall at least 0.8', 0.708, False),
    ('mIoU at least 0.7', 0.7, True),
    ('IoU of car at least 0.5', 0.4, False),
    ('p99 of total at most 100 ms', 40.5, True),
    ('p99 of nothing at most 100 ms', None, False),
    ('no frame dropped', 2, False),
    ('no stale', 0, True),
    ('no errors', None, False),
    ('dropped at most 2 frames', 2, True),
    ('unmatched at most 3', 3, True),
    ('{metric: IoU, class: road, at_least: 0.9}', 0.9, True),
    ('{metric: p95, stage: forward, at_most: 30}', 22 * 1.2, True)])
def test_criteria_of_the_whole_run(criteria, scored_example, line, value, passed):
    verdict, = verdicts_of(criteria(f'- {line}'), scored_example)
    assert verdict.passed == passed
    assert verdict.value == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(('line', 'least'), [
    ('road IoU at least 0.9 in {share} % of the frames', 0.9),
    ('{{metric: IoU, class: road, at_least: 0.9, share: 0.{share}}}', 0.9),
    ('mIoU at least 0.5 in {share} % of the frames', 0.5),
    ('score at least 0.6 in {share} % of the frames', 0.6)])
def test_a_share_of_the_frames(criteria, scored_example, line, least):
    share = sum(frame.score >= least for frame in scored_example.frames()) / 60
    assert 0.1 < share < 0.98
    below, above = int(100 * share), int(100 * share) + 1
    for percent, passed in ((below, True), (above, False)):
        verdict, = verdicts_of(criteria('- ' + line.format(share=percent)), scored_example)
        assert verdict.passed == passed and verdict.value == pytest.approx(share)


def test_recall_and_latency_of_each_frame(criteria, scored_example):
    frames = scored_example.frames()
    recall, latency = verdicts_of(criteria(
        '- recall of car at least 0.7 in 1 % of the frames\n'
        '- latency of total at most 29 ms in 1 % of the frames\n'), scored_example)
    assert recall.value == pytest.approx(sum(
        frame.detection.found / 4 >= 0.7 for frame in frames) / 60)
    assert latency.value == pytest.approx(sum(
        frame.latency_ms['total'] <= 29 for frame in frames) / 60)


def test_frames_without_the_class_do_not_count(scored_example):
    criteria = Criteria([Criterion('IoU', 0.5, 'at_least', 'tram', 0.5)])
    verdict, = verdicts_of(criteria, scored_example)
    assert verdict.value is None and not verdict.passed


def test_a_list_may_stand_under_criteria(criteria, scored_example):
    assert len(verdicts_of(criteria('criteria:\n- mIoU at least 0.1\n'), scored_example)) == 1


@pytest.mark.parametrize(('text', 'why'), [
    ('', 'list of criteria'), ('[]', 'list of criteria'), ('5', 'list of criteria'),
    ('- be good', 'cannot be understood'), ('- mIoU at least', 'cannot be understood'),
    ('- IoU at least 0.5', 'needs a class'), ('- mIoU of road at least 0.5', 'for a class'),
    ('- car AP50 of car at least 0.5', 'both'), ('- AP50 of car at least 2', 'out of range'),
    ('- AP of car at least 0.5 in 9 % of the frames', 'no value for each frame'),
    ('- mIoU at least 0.5 in 101 % of the frames', 'share 1.01'),
    ('- latency of total at most 9 ms', 'needs a share'), ('- 5', 'sentence'),
    ('- {metric: mIoU}', 'at_least and at_most'),
    ('- {metric: mIoU, at_least: 0.5, at_most: 0.6}', 'at_least and at_most'),
    ('- {metric: mIoU, at_least: high}', "'high'"), ('- {metric: mIoU, at_least: true}', 'True'),
    ('- {metric: good, at_least: 0.5}', "'good'"), ('- {metric: mIoU, least: 0.5}', "'least'"),
    ('- {metric: p99, class: car, stage: total, at_most: 5}', 'exclude'),
    ('- a: [', 'no YAML')])
def test_what_cannot_be_understood_is_refused_with_its_line(criteria, text, why):
    with pytest.raises(InputError, match=why) as error:
        criteria(text)
    assert '\n' not in str(error.value) and 'criteria.yaml' in str(error.value)


@pytest.mark.parametrize('line', ['IoU of person at least 0.5', 'AP50 of road at least 0.5'])
def test_a_class_that_is_not_scored_is_refused(criteria, line):
    with pytest.raises(InputError, match='is not scored'):
        criteria(f'- {line}').check_names(['person'], ['road'])


def test_stages_are_no_classes(criteria):
    criteria('- p99 of total at most 5').check_names([], [])


def test_counts_of_nobody_are_missed(criteria, scored_example):
    run = replace(scored_example.run(), drops={}, latency_ms={}, detection=None,
                  segmentation=None)
    read = criteria('- no frame dropped\n- p50 of total at most 5\n- mAP50 at least 0\n'
                    '- mIoU at least 0\n- IoU of road at least 0\n- AP50 of car at least 0\n')
    assert {(one.value, one.passed) for one in read.verdicts(run)} == {(None, False)}

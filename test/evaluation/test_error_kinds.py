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

"""Kinds of wrong boxes, on cases whose counts and gains are worked out by hand."""

import numpy as np
import pytest

from triplenet_ros.evaluation.error_kinds import ErrorKinds
from triplenet_ros.evaluation.frame_boxes import frame_boxes
from triplenet_ros.evaluation.scored_frame import ERROR_KINDS
from triplenet_ros.evaluation.shared_classes import match_classes
from triplenet_ros.inference.prediction import Prediction
from triplenet_ros.sample import Sample

CAR, PERSON = 0, 1
NAMES = ('car', 'person')
AT = [0, 0, 100, 100]
HALF_OFF = [50, 0, 150, 100]  # IoU 1/3 with AT
ELSEWHERE = [300, 300, 400, 400]
TOUCHING = [95, 0, 195, 100]  # IoU 5/195 with AT


def figures_of(*frames):
    """Return the figures of frames, each a list of (box, class, score) and of (box, class)."""
    classes = match_classes('detection', NAMES, NAMES)
    kinds = ErrorKinds(len(NAMES))
    for found, truth in frames:
        boxes, ids, scores = zip(*found) if found else ((), (), ())
        prediction = Prediction(
            np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32),
            np.array(ids, np.int64), None, None, None)
        sample = Sample('', None, boxes=np.array([box for box, _ in truth],
                                                 np.float32).reshape(-1, 4),
                        class_ids=np.array([one for _, one in truth], np.int64))
        kinds.update(frame_boxes(prediction, sample, classes, 0.3))
    return kinds.compute(NAMES)


def counts_of(figures):
    """Return the kinds that occur."""
    return {kind: both['count'] for kind, both in figures['kinds'].items() if both['count']}


@pytest.mark.parametrize(('found', 'kinds'), [
    ([(AT, CAR, 0.9)], {}),
    ([], {'missed': 1}),
    ([(AT, PERSON, 0.9)], {'class': 1}),
    ([(HALF_OFF, CAR, 0.9)], {'place': 1}),
    ([(HALF_OFF, PERSON, 0.9)], {'both': 1, 'missed': 1}),
    ([(AT, CAR, 0.9), (AT, CAR, 0.8)], {'duplicate': 1}),
    ([(ELSEWHERE, CAR, 0.9)], {'background': 1, 'missed': 1}),
    ([(TOUCHING, CAR, 0.9)], {'background': 1, 'missed': 1}),
    ([(AT, PERSON, 0.9), (AT, CAR, 0.8)], {'class': 1}),
    ([(AT, CAR, 0.2)], {'missed': 1})])
def test_one_truth_and_boxes_on_it(found, kinds):
    assert counts_of(figures_of((found, [(AT, CAR)]))) == kinds


def test_without_a_truth_every_box_is_background():
    figures = figures_of(([(AT, CAR, 0.9)], []))
    assert counts_of(figures) == {'background': 1}
    assert np.isnan(figures['AP50'])


@pytest.mark.parametrize(('found', 'kind', 'before', 'gain'), [
    # One car; a wrong box before the right one halves the precision.
    ([(ELSEWHERE, CAR, 0.9), (AT, CAR, 0.8)], 'background', 0.5, 0.5),
    # A duplicate after the only truth is found costs nothing.
    ([(AT, CAR, 0.9), (AT, CAR, 0.8)], 'duplicate', 1.0, 0.0),
    ([(HALF_OFF, CAR, 0.9)], 'place', 0.0, 1.0),
    ([(AT, PERSON, 0.9)], 'class', 0.0, 1.0),
    ([], 'missed', 0.0, 1.0),
    # The mended box takes the truth from the weaker right one, which goes: still one of one.
    ([(HALF_OFF, CAR, 0.9), (AT, CAR, 0.8)], 'place', 0.5, 0.5)])
def test_gain_of_mending_one_kind(found, kind, before, gain):
    figures = figures_of((found, [(AT, CAR)]))
    assert figures['AP50'] == pytest.approx(before)
    assert figures['kinds'][kind]['gain'] == pytest.approx(gain)


def test_missed_truths_leave_the_recall_when_mended():
    # Two cars, one found: AP 1/2. Without the other one: 1.
    figures = figures_of(([(AT, CAR, 0.9)], [(AT, CAR), (ELSEWHERE, CAR)]))
    assert figures['AP50'] == pytest.approx(0.5)
    assert figures['kinds']['missed'] == {'count': 1, 'gain': pytest.approx(0.5)}


def test_both_is_removed_when_mended():
    # The wrong person before the right one: AP of person 1/2 becomes 1, car stays 0.
    figures = figures_of(([(HALF_OFF, PERSON, 0.9), (ELSEWHERE, PERSON, 0.8)],
                          [(AT, CAR), (ELSEWHERE, PERSON)]))
    assert figures['AP50'] == pytest.approx(0.25)
    assert figures['kinds']['both'] == {'count': 1, 'gain': pytest.approx(0.25)}


def test_two_boxes_of_a_wrong_class_on_one_truth_mend_it_once():
    figures = figures_of(([(AT, PERSON, 0.9), (AT, PERSON, 0.8)], [(AT, CAR)]))
    assert counts_of(figures) == {'class': 2}
    assert figures['kinds']['class']['gain'] == pytest.approx(1.0)


def test_a_wrong_box_counts_for_its_class_and_a_missed_truth_for_its_own():
    figures = figures_of(([(HALF_OFF, PERSON, 0.9)], [(AT, CAR)]))
    assert figures['per_class']['person']['both'] == 1
    assert figures['per_class']['car']['missed'] == 1
    assert set(figures['per_class']['car']) == set(ERROR_KINDS)


def test_frames_add_up():
    frames = [([(AT, CAR, 0.9)], [(AT, CAR)]), ([(AT, PERSON, 0.8)], [(AT, CAR)])]
    one, two = (figures_of(frame) for frame in frames)
    both = figures_of(*frames)
    for kind in ERROR_KINDS:
        assert both['kinds'][kind]['count'] == (
            one['kinds'][kind]['count'] + two['kinds'][kind]['count'])
    # Two cars: the first box finds one, the mended one the other.
    assert both['kinds']['class']['gain'] == pytest.approx(0.5)


def test_boxes_on_a_difficult_truth_are_of_no_kind():
    classes = match_classes('detection', NAMES, NAMES)
    prediction = Prediction(np.array([AT], np.float32), np.array([0.9], np.float32),
                            np.array([CAR]), None, None, None)
    sample = Sample('', None, boxes=np.array([AT], np.float32), class_ids=np.array([CAR]),
                    difficult=np.array([True]))
    frame = frame_boxes(prediction, sample, classes, 0.3)
    assert len(frame.scores) == len(frame.truth_ids) == 0

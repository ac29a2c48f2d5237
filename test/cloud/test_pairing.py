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

"""A cloud meets the image nearest in time, once that is known; the newest cloud wins."""

import pytest

from triplenet_ros.cloud.pairing import Pairing


@pytest.fixture
def pairing():
    """Return one with a limit of 100."""
    return Pairing(100)


def test_cloud_waits_for_the_prediction_of_its_image(pairing):
    assert pairing.add_prediction(950, 'earlier') is None
    assert pairing.add_cloud(1000, 'cloud') is None
    assert pairing.add_prediction(1000, 'same') == ('cloud', 'same')
    assert pairing.add_prediction(1050, 'later') is None


@pytest.mark.parametrize('later, chosen', [(1030, 'later'), (1070, 'earlier')])
def test_the_nearer_of_two_images_is_chosen(pairing, later, chosen):
    pairing.add_prediction(950, 'earlier')
    pairing.add_cloud(1000, 'cloud')
    assert pairing.add_prediction(later, 'later') == ('cloud', chosen)


def test_cloud_later_than_all_images_is_decided_by_the_next_cloud(pairing):
    pairing.add_prediction(950, 'seen')
    assert pairing.add_cloud(1000, 'first') is None
    assert pairing.add_cloud(1100, 'second') == ('first', 'seen')
    assert pairing.add_cloud(1200, 'third') is None
    assert (pairing.skipped, pairing.unpaired) == (0, 0)


def test_of_clouds_that_waited_for_one_image_the_newest_is_taken(pairing):
    for stamp in (920, 1010, 1110):
        pairing.add_cloud(stamp, stamp)
    assert pairing.add_prediction(1000, 'slow') == (1010, 'slow')
    assert pairing.skipped == 1
    assert pairing.add_prediction(1150, 'slow too') == (1110, 'slow too')


def test_cloud_without_an_image_near_it_is_given_up_and_counted(pairing):
    pairing.add_cloud(1000, 'cloud')
    assert pairing.add_prediction(1101, 'too late') is None
    assert pairing.unpaired == 1
    assert pairing.add_prediction(1000, 'the past') is None


def test_nearest_is_taken_from_both_sides_up_to_the_limit(pairing):
    pairing.add_cloud(1000, 'cloud')
    assert pairing.add_prediction(1100, 'just near enough') == ('cloud', 'just near enough')


def test_only_few_clouds_wait(pairing):
    for stamp in range(0, 30_000, 1000):
        assert pairing.add_cloud(stamp, stamp) is None
    assert pairing.unpaired == 10
    assert pairing.add_prediction(10_000, 'at last') == (10_000, 'at last')
    assert pairing.add_prediction(9_000, 'too late') is None


def test_images_that_are_near_to_no_cloud_are_told_from_none_at_all(pairing):
    for stamp in range(0, 50_000, 1000):
        pairing.add_cloud(stamp, stamp)
    assert not pairing.is_hopeless
    pairing.add_prediction(90_000, 'far')
    assert not pairing.is_hopeless
    pairing.add_cloud(50_000, 'one more')
    assert pairing.is_hopeless
    pairing.add_cloud(90_000, 'near')
    pairing.add_prediction(90_000, 'near')
    assert not pairing.is_hopeless


def test_recording_that_starts_anew_is_paired_again(pairing):
    pairing.add_prediction(9000, 'old')
    pairing.add_prediction(1000, 'new')
    assert pairing.add_cloud(1010, 'cloud') is None
    assert pairing.add_prediction(1020, 'newer') == ('cloud', 'new')


def test_what_was_cleared_meets_nobody(pairing):
    pairing.add_cloud(1000, 'cloud')
    pairing.clear()
    assert pairing.add_prediction(1000, 'seen') is None

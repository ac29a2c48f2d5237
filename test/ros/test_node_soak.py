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

"""The soak finds nothing wrong in the node, and finds what would be wrong."""

import json
from pathlib import Path
import sys
from threading import Event
from types import SimpleNamespace

import pytest
from rclpy.exceptions import InvalidHandle

STUDIES = Path(__file__).resolve().parents[2] / 'studies'
WAIT = 600


@pytest.fixture
def heard(monkeypatch):
    """Return what knows the images of a camera, three of which have been published."""
    monkeypatch.syspath_prepend(str(STUDIES))
    from node_soak_streams import Heard

    one = Heard('front')
    for stamp in (1, 2, 3):
        one.announce(stamp, 48, 64)
        one.published(stamp)
    return one


def result(stamp, frame_id=None, height=48, sec=1_700_000_000):
    """Return a label image."""
    header = SimpleNamespace(stamp=SimpleNamespace(sec=sec, nanosec=stamp),
                             frame_id=frame_id or f'front_{stamp}')
    return SimpleNamespace(header=header, height=height, width=64)


def test_faults_of_every_kind_leave_counters_headers_and_handles_whole(start, tmp_path):
    # Machines that run tests are busy: how long an answer takes is not looked at.
    soak = start(sys.executable, str(STUDIES / 'node_soak.py'), '--minutes', '0.25',
                 '--patience', str(WAIT), '--json', str(tmp_path / 'figures.json'))
    assert soak.wait(WAIT) == 0, (tmp_path / 'output').read_text()
    figures = json.loads((tmp_path / 'figures.json').read_text())
    assert figures['wrong'] == [] and all(figures['outputs'].values())


def test_results_of_images_that_were_published_are_right(heard):
    heard.take(result(1))
    heard.take(result(3))
    assert heard.wrong == [] and heard.count == 2


@pytest.mark.parametrize(('wrong', 'text'), [
    ({'stamp': 9}, 'no image'), ({'stamp': 3, 'sec': 5}, 'no image'),
    ({'stamp': 3, 'frame_id': 'left_3'}, 'no image'), ({'stamp': 2}, 'came after'),
    ({'stamp': 1}, 'came after'), ({'stamp': 3, 'height': 47}, '47x64')])
def test_a_result_under_a_wrong_header_or_out_of_order_is_found(heard, wrong, text):
    heard.take(result(2))
    heard.take(result(**wrong))
    (told,) = heard.wrong
    assert text in told


def test_a_result_of_a_time_when_the_node_was_inactive_is_found(heard):
    heard.fall_quiet()
    for stamp in (4, 5, 6):
        heard.announce(stamp, 48, 64)
        heard.published(stamp) if stamp < 6 else heard.speak()
    for stamp in (3, 5, 6):
        heard.take(result(stamp))
    (told,) = heard.wrong
    assert 'result of 5 is of a time when the node was inactive' in told


def test_what_is_destroyed_while_it_is_waited_for_does_not_make_the_soak_deaf(monkeypatch):
    monkeypatch.syspath_prepend(str(STUDIES))
    from node_soak import NodeSoak
    soak, waits = NodeSoak.__new__(NodeSoak), iter((InvalidHandle, None))

    def spin_once(timeout_sec):
        error = next(waits)
        if error is not None:
            raise error
        soak._over.set()

    soak._over, soak._executor = Event(), SimpleNamespace(spin_once=spin_once)
    soak._spin()
    assert soak._over.is_set()

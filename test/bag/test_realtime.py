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

"""Real time drops what comes while the network is busy, and counts it."""

import signal
from threading import Event

import pytest

from triplenet_ros.bag import topics
from triplenet_ros.bag.realtime import RecordedPace, replay_realtime
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.source import open_source

WAIT = 300


@pytest.fixture
def slow(predictor):
    """Return a predictor that says when it begins, and goes on when it is told."""
    class Slow(type(predictor)):
        def __init__(self):
            self.begun, self.go = Event(), Event()

        def __call__(self, image):
            self.begun.set()
            assert self.go.wait(WAIT)
            return super().__call__(image)

    return Slow()


class Told:
    """A source that tells when its last message has been taken."""

    def __init__(self, source, last):
        self._source, self._last = source, last

    def __getattr__(self, name):
        return getattr(self._source, name)

    def messages(self):
        yield from self._source.messages()
        self._last.set()


def run(path, out, predictor, pace, last=None):
    """Replay a recording in real time and return the report."""
    with open_source(path) as source, bag_sink(out) as sink:
        return replay_realtime(Told(source, last or Event()), predictor, sink, pace=pace)


def test_newest_frame_wins_and_the_replaced_ones_are_counted(tmp_path, make, slow, read):
    messages = [one for one in make.camera(5) if one.channel.topic == '/front/image']

    def pace(time_ns, _give_up):
        # The second frame comes when the first is being worked on, the others while it still is.
        if time_ns == messages[1].time_ns:
            assert slow.begun.wait(WAIT)

    path = make.bag(tmp_path / 'in.mcap', messages)
    report = run(path, tmp_path / 'out.mcap', slow, pace, last=slow.go)
    assert (report.frames, report.processed, report.dropped) == (5, 2, 3)
    out = read(tmp_path / 'out.mcap')
    assert len([1 for topic, _, _ in out if topic == '/front/image']) == 5
    times = [time for topic, time, _ in out if topic == topics.DETECTIONS]
    assert times == [messages[0].time_ns, messages[4].time_ns]


def test_every_frame_is_processed_where_there_is_time(tmp_path, make, predictor):
    path = make.bag(tmp_path / 'in.mcap', make.camera(1))
    report = run(path, tmp_path / 'out.mcap', predictor, lambda time_ns, give_up: None)
    assert (report.frames, report.processed, report.dropped) == (1, 1, 0)


def test_failing_network_is_counted_and_the_next_frame_tried(tmp_path, make, predictor):
    class FailsOnce(type(predictor)):
        failed = Event()

        def __call__(self, image):
            if not self.failed.is_set():
                self.failed.set()
                raise RuntimeError('out of memory')
            return super().__call__(image)

    network = FailsOnce()

    def pace(time_ns, _give_up):
        if time_ns > make.START + make.STEP:
            assert network.failed.wait(WAIT)

    messages = [one for one in make.camera(3) if one.channel.topic == '/front/image']
    report = run(make.bag(tmp_path / 'in.mcap', messages), tmp_path / 'out.mcap', network, pace)
    assert report.errors == {'RuntimeError': 1} and report.processed >= 1


def test_ctrl_c_ends_it_with_what_is_finished(tmp_path, make, predictor):
    def pace(time_ns, give_up):
        if time_ns == make.START + 2 * make.STEP:
            signal.raise_signal(signal.SIGINT)
            assert give_up()

    path = make.bag(tmp_path / 'in.mcap', make.camera(5))
    report = run(path, tmp_path / 'out.mcap', predictor, pace)
    assert report.interrupted and report.frames == 2
    assert (tmp_path / 'out.mcap').exists()


def test_recorded_pace_keeps_the_time_between_messages(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr('triplenet_ros.bag.realtime.time.monotonic', lambda: clock[0])
    monkeypatch.setattr('triplenet_ros.bag.realtime.time.sleep',
                        lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    pace = RecordedPace()
    pace(5_000_000_000, lambda: False)
    assert clock[0] == 100.0
    pace(5_250_000_000, lambda: False)
    assert clock[0] == pytest.approx(100.25)
    pace(9_000_000_000, lambda: True)
    assert clock[0] == pytest.approx(100.25)

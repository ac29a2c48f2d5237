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

"""Images that come faster than the network: the newest wins, and every one is counted."""

from dataclasses import asdict, astuple
from threading import current_thread, Event, Thread
import time

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from sensor_msgs.msg import Image

RATE, SECONDS = 200, 2
FLOOD = 10
LABELS = '/perception_node/label_image'


class Slow:
    """A network during each of whose passes ten more images come, until none come any more."""

    def __init__(self, node):
        self._node, self._predict = node, node.pipeline.perception.predict
        self.over = Event()
        node.pipeline.perception.predict = self

    def __call__(self, *arguments, **options):
        wanted = self._node.pipeline.counters().received + FLOOD
        while self._node.pipeline.counters().received < wanted and not self.over.wait(0.001):
            pass
        return self._predict(*arguments, **options)


@pytest.fixture
def flood(listener, image_message):
    """Return a function that lets images come at RATE while everyone talks."""
    def run(publisher, meanwhile):
        def send():
            begun = time.monotonic()
            for index in range(int(RATE * SECONDS)):
                publisher.publish(image_message(index, 12, 16))
                over.wait(max(begun + index / RATE - time.monotonic(), 0))

        over, sender = Event(), Thread(target=send)
        sender.start()
        try:
            listener.until(lambda: (meanwhile(), not sender.is_alive())[1])
        finally:
            over.set()
            sender.join()

    return run


def record_takes(node):
    """Return a list that grows by (newest image received, image taken) at each pass."""
    worker, pairs = node.pipeline._worker, []
    submit, work = worker.submit, worker._work
    newest = floor = -1

    def submit_and_note(message, camera):
        nonlocal newest
        submit(message, camera)
        newest = message.header.stamp.nanosec

    def work_and_note(frames):
        nonlocal floor
        pairs.append((floor, frames[''].header.stamp.nanosec))
        try:
            return work(frames)
        finally:
            floor = newest

    worker.submit, worker._work = submit_and_note, work_and_note
    return pairs


def test_of_ten_times_what_it_can_take_the_newest_image_wins_and_each_is_counted_at_every_instant(
        active_node, listener, flood):
    node = active_node()
    listener.hear(LABELS, Image)
    listener.hear('/diagnostics', DiagnosticArray)
    slow, takes, seen = Slow(node), record_takes(node), []
    flood(listener.connect('image', Image), lambda: seen.append(node.pipeline.counters()))
    slow.over.set()

    def told():
        return {value.key: value.value for array in listener.heard['/diagnostics'][-1:]
                for value in array.status[0].values}

    def is_told():
        counts = asdict(node.pipeline.counters())
        return counts['waiting'] == 0 and counts.items() <= {
            name: int(value) for name, value in told().items() if name in counts}.items()

    # One image may still be on its way when the last has been sent.
    listener.until(lambda: is_told() and len(listener.heard[LABELS]) == len(takes))
    end = node.pipeline.counters()
    assert end.received == end.processed + end.dropped <= RATE * SECONDS
    assert end.processed == len(takes) and end.dropped >= (FLOOD - 1) * (end.processed - 2) > 0
    assert [one for one in seen if one.received != sum(astuple(one)[1:])] == []
    # The image taken is never older than what had come when the pass before it ended.
    assert all(floor <= taken for floor, taken in takes)
    stamps = [labels.header.stamp.nanosec for labels in listener.heard[LABELS]]
    assert stamps == [taken for _, taken in takes] == sorted(set(stamps))


def test_a_camera_may_become_ten_times_as_fast_as_the_network_and_slow_again(
        active_node, listener, image_message, finished, flood):
    node = active_node()
    listener.hear(LABELS, Image)
    publisher, slow = listener.connect('image', Image), Slow(node)
    for _ in range(2):
        slow.over.clear()
        flood(publisher, lambda: None)
        slow.over.set()
        # Once it is slow each image is answered, and once.
        for stamp in range(1000, 1003):
            listener.until(lambda: node.pipeline.counters().waiting == 0)
            before = node.pipeline.counters()
            publisher.publish(image_message(stamp))
            listener.until(lambda: listener.heard[LABELS][-1].header.stamp.nanosec == stamp)
        listener.until(lambda: node.pipeline.counters().waiting == 0)
        assert node.pipeline.counters().processed == before.processed + 1
    end = node.pipeline.counters()
    assert end.received == end.processed + end.dropped


def test_a_network_that_keeps_up_drops_nothing(active_node, listener, image_message, finished):
    node = active_node()
    publisher = listener.connect('image', Image)
    for count in range(1, 31):
        publisher.publish(image_message(count))
        listener.until(lambda: finished(node) == count)
    assert node.pipeline.counters().processed == 30


def test_passes_are_all_made_by_one_thread(active_node, listener, image_message, finished):
    node, threads = active_node(), set()
    predict = node.pipeline.perception.predict
    node.pipeline.perception.predict = lambda *arguments: (
        threads.add(current_thread()), predict(*arguments))[1]
    publisher = listener.connect('image', Image)
    for count in range(1, 4):
        publisher.publish(image_message(count))
        listener.until(lambda: finished(node) == count)
    assert [thread.name for thread in threads] == ['inference']

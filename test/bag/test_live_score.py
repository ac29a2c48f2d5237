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

"""What is scored while it comes by is what is scored of the recording."""

from dataclasses import replace
from pathlib import PurePosixPath
from types import SimpleNamespace

import numpy as np
import pytest

from triplenet_ros.bag.bag_index import deserialised, stamp_in
from triplenet_ros.bag.live_frames import BOXES, LABELS
from triplenet_ros.bag.live_images import LiveImages
from triplenet_ros.bag.live_report import LiveReport
from triplenet_ros.bag.live_score import LiveScore, MOST_WAITING
from triplenet_ros.bag.recording import open_recording
from triplenet_ros.bag.score import RecordingScore
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.scored_folder import write_scored
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.report.pictures import PICTURES
from triplenet_ros.evaluation.scored_run import RunDescription
from triplenet_ros.messages.results import (names_of_label_info, names_of_vision_info,
                                            read_boxes, read_label_image)


def play(path, live):
    """Hand the messages of a bag to a LiveScore in their order."""
    recording = open_recording(path)
    for message in recording.messages():
        name = PurePosixPath(message.channel.topic).name
        truth = '/truth/' in message.channel.topic
        side = live.truth if truth else live.results
        content = deserialised(message)
        if name == 'detection_info':
            side.names[BOXES] = names_of_vision_info(content)
        elif name == 'label_info':
            side.names[LABELS] = names_of_label_info(content)
        elif name == 'image':
            live.take_image(stamp_in(message), content)
        else:
            task, read = ((BOXES, read_boxes) if name == 'detections' else
                          (LABELS, read_label_image))
            stamp = stamp_in(message)
            if truth:
                side.take(task, stamp, 'camera', read(content))
            else:
                live.take_result(task, stamp, 'camera', read(content), message.time_ns)
        live.settle(((BOXES, LABELS), (BOXES, LABELS)))
    recording.close()


@pytest.mark.parametrize(('results', 'truth', 'options'), [
    ({}, {}, {}),
    ({'numbers': (0, 2, 3, 7, 8, 9)}, {'numbers': (0, 1, 2, 3, 4, 5, 9)}, {}),
    ({'delay': 250_000_000}, {}, {}),
    ({}, {'delay': 250_000_000}, {}),
    ({}, {'offset': 4_000_000}, {'tolerance': 0.005}),
    ({'offset': 30_000_000}, {}, {'tolerance': 0.06}),
    ({'offset': 50_000_000, 'numbers': (0, 1, 2, 5, 6)}, {}, {'tolerance': 0.05}),
    ({'tasks': ('detections',)}, {}, {}),
    ({}, {'tasks': ('label_image',)}, {}),
    ({'named': True, 'infos': False, 'tasks': ('detections',)}, {}, {}),
    ({}, {'distance': 15.0}, {'rename': {'pedestrian': 'vru', 'bicyclist': 'vru'}})])
def test_live_scores_are_those_of_the_recording(tmp_path, scored_bags, results, truth, options):
    path = scored_bags.write(tmp_path / 'drive.mcap', replace(scored_bags.RESULTS, **results),
                             replace(scored_bags.TRUTH, **truth))
    frames, live_frames = [], []
    run = RecordingScore(path, [path], ScoreOptions(**options)).run(frames.append).run
    live = LiveScore(ScoreOptions(**options), on_frame=live_frames.append)
    play(path, live)
    own = live.finish().run
    assert (own.frames, own.scored) == (run.frames, run.scored)
    assert own.unmatched == run.unmatched
    assert own.detection == run.detection and own.segmentation == run.segmentation
    assert own.errors == run.errors and own.worst == run.worst
    assert [replace(frame, latency_ms={}, events={}) for frame in live_frames] == [
        replace(frame, latency_ms={}, events={}) for frame in frames]


def test_pictures_of_the_worst_frames_are_those_of_the_recording(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'drive.mcap', scored_bags.image_messages(
        numbers=range(9)), scored_bags.RESULTS, scored_bags.TRUTH)
    write_scored(RecordingScore(path, [path]), tmp_path / 'recorded')
    with LiveReport(tmp_path / 'live', False) as report:
        play(path, report.live)
        run = report.finish(RunDescription())
    live, recorded = (
        {one.name: one.read_bytes() for one in (tmp_path / name / PICTURES).iterdir()}
        for name in ('live', 'recorded'))
    assert live == recorded and len(live) == 2 * len(run.worst) == 20


def test_only_images_that_are_new_or_of_the_worst_frames_stay():
    images, message = LiveImages(most_bytes=1000), SimpleNamespace(data=bytes(300))
    for stamp in range(20):
        images.take(stamp, message, {2, 5})
    assert images.stamps == {2, 5, 17, 18, 19}
    images.take(20, message, {5})
    assert images.stamps == {5, 18, 19, 20}


def test_scores_run_along(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'drive.mcap', scored_bags.RESULTS, scored_bags.TRUTH)
    live = LiveScore()
    assert live.running() == {}
    play(path, live)
    # The last frame may still get more: it is scored at the end.
    assert live.scored == 9 and set(live.running()) == {'mAP50', 'precision', 'recall', 'mIoU'}
    run = live.finish().run
    assert live.running()['mIoU'] == run.segmentation['mIoU']


def test_one_side_alone_does_not_fill_the_memory(scored_bags):
    live = LiveScore()
    for number in range(3 * MOST_WAITING):
        live.truth.take(LABELS, number, 'camera', np.zeros((4, 4), np.uint8))
        live.settle()
        assert len(live.truth.waiting) <= MOST_WAITING + 1
    with pytest.raises(InputError, match='none of the 0 results'):
        live.finish()
    assert live.unmatched == (0, 3 * MOST_WAITING)


def test_late_and_doubled_messages_are_counted(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'drive.mcap', scored_bags.RESULTS, scored_bags.TRUTH)
    live = LiveScore()
    play(path, live)
    first, last = (scored_bags.FIRST + number * scored_bags.STEP for number in (0, 9))
    labels = np.zeros((48, 64), np.uint8)
    live.take_result(LABELS, first, 'camera', labels, first)
    live.take_result(LABELS, last, 'camera', labels, last)
    run = live.finish().run
    assert run.scored == 10 and run.unmatched.doubled_results == (last,)
    assert any('1 messages of the results came when their turn was over' in note
               for note in run.notes)


def test_labels_of_another_size_are_one_line(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'sizes.mcap', scored_bags.RESULTS,
                             replace(scored_bags.TRUTH, size=(24, 32)))
    with pytest.raises(InputError, match='same image'):
        play(path, LiveScore())

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

"""Every frame once, in order, results beside the input, the same bytes each time."""

from dataclasses import replace
import signal

import numpy as np
import pytest

from triplenet_ros.bag import topics
from triplenet_ros.bag.overlays import Overlays
from triplenet_ros.bag.replay import replay
from triplenet_ros.bag.sink import bag_sink
from triplenet_ros.bag.source import open_source
from triplenet_ros.errors import InputError
from triplenet_ros.messages.message_types import rosbags_typestore


def run(source_path, out, predictor, observers=(), draw=None):
    """Replay a recording into a bag and return the report."""
    with open_source(source_path) as source, bag_sink(out) as sink:
        return replay(source, predictor, sink, observers, draw)


def of_topic(messages, topic):
    """Return (time, bytes) of one topic."""
    return [(time, data) for name, time, data in messages if name == topic]


def test_every_frame_has_results_with_its_header_and_time(tmp_path, make, predictor, read):
    path = make.bag(tmp_path / 'in.mcap', make.camera(5))
    report = run(path, tmp_path / 'out', predictor)
    assert (report.frames, report.processed, report.dropped, report.detections) == (5, 5, 0, 5)
    messages, store = read(tmp_path / 'out'), rosbags_typestore()
    found = of_topic(messages, topics.DETECTIONS)
    labels = of_topic(messages, topics.LABEL_IMAGE)
    assert len(found) == len(labels) == 5
    for index, ((time, boxes), (_, label)) in enumerate(zip(found, labels)):
        assert time == make.START + index * make.STEP
        array = store.deserialize_cdr(boxes, 'vision_msgs/msg/Detection2DArray')
        image = store.deserialize_cdr(label, 'sensor_msgs/msg/Image')
        for header in (array.header, image.header):
            assert header.stamp.sec * 10**9 + header.stamp.nanosec == time
            assert header.frame_id == 'front_optical'
        assert array.detections[0].bbox.center.position.x == 10.0
        np.testing.assert_array_equal(image.data.reshape(12, 20),
                                      make.picture(index)[..., 0] % 11)


def test_input_is_copied_unchanged_and_results_follow_their_image(
        tmp_path, make, predictor, read):
    path = make.bag(tmp_path / 'in.mcap', make.camera(3))
    run(path, tmp_path / 'out.mcap', predictor)
    messages = read(tmp_path / 'out.mcap')
    assert [one for one in messages if not one[0].startswith(topics.NODE)] == read(path)
    names = [name for name, _, _ in messages]
    assert names[:6] == ['/front/image', topics.LABEL_INFO, topics.DETECTION_INFO,
                         topics.DETECTIONS, topics.LABEL_IMAGE, '/chatter']


def test_two_runs_write_the_same_bytes(tmp_path, make, predictor):
    path = make.bag(tmp_path / 'in.mcap', make.camera(4))
    for name in ('one', 'two'):
        (tmp_path / name).mkdir()
        run(path, tmp_path / name / 'out.mcap', predictor, draw=Overlays())
    assert ((tmp_path / 'one/out.mcap').read_bytes()
            == (tmp_path / 'two/out.mcap').read_bytes())


def test_overlay_is_written_only_where_it_is_drawn(tmp_path, make, predictor, read):
    path = make.bag(tmp_path / 'in.mcap', make.camera(2))
    run(path, tmp_path / 'with.mcap', predictor, draw=Overlays())
    run(path, tmp_path / 'without.mcap', predictor)
    assert len(of_topic(read(tmp_path / 'with.mcap'), topics.OVERLAY)) == 2
    assert of_topic(read(tmp_path / 'without.mcap'), topics.OVERLAY) == []


def test_observers_see_each_frame_with_its_prediction(tmp_path, make, predictor):
    seen = []
    run(make.bag(tmp_path / 'in.mcap', make.camera(3)), tmp_path / 'out.mcap', predictor,
        [lambda frame, prediction: seen.append((frame.time_ns, prediction.scores[0]))])
    expected = [make.picture(index).mean() / 255 for index in range(3)]
    np.testing.assert_allclose([score for _, score in seen], expected, rtol=1e-5)
    assert [time for time, _ in seen] == [make.START + index * make.STEP for index in range(3)]


def test_latency_is_given_for_every_stage(tmp_path, make, predictor):
    figures = run(make.bag(tmp_path / 'in.mcap', make.camera(3)), tmp_path / 'out.mcap',
                  predictor).figures()
    assert list(figures['latency_ms']) == [
        'decode', 'preprocess', 'forward', 'postprocess', 'encode', 'total']
    assert figures['latency_ms']['forward'] == {'p50': 2.0, 'p95': 2.0, 'p99': 2.0}
    assert figures['network'] == 'brightness' and figures['fps'] > 0


def broken_camera(make):
    """Return five frames: the second is no JPEG, the third is no message, the fourth is short."""
    images = make.CompressedImages('/front/image', 'front_optical')
    messages = [one for one in make.camera(5, images) if one.channel is images.channel]
    header = bytes(messages[1].data[:60])
    messages[1] = replace(messages[1], data=header + bytes(len(messages[1].data) - 60))
    messages[2] = replace(messages[2], data=bytes(messages[2].data[:10]))
    return messages


def test_frames_that_cannot_be_decoded_are_counted_skipped_and_copied(
        tmp_path, make, predictor, read):
    path = make.bag(tmp_path / 'in.mcap', broken_camera(make))
    report = run(path, tmp_path / 'out.mcap', predictor)
    assert (report.frames, report.processed) == (5, 3)
    assert report.figures()['errors'] == {'undecodable': 2}
    assert any('2 of 5 frames skipped, undecodable' in note for note in report.notes)
    out = read(tmp_path / 'out.mcap')
    assert len(of_topic(out, '/front/image/compressed')) == 5
    assert len(of_topic(out, topics.DETECTIONS)) == 3


def short_image(make):
    """Return the message of an image that has fewer bytes than step x height."""
    store, name = rosbags_typestore(), 'sensor_msgs/msg/Image'
    message = next(make.camera(1))
    image = store.deserialize_cdr(message.data, name)
    return replace(message, data=store.serialize_cdr(replace(image, data=image.data[:-1]), name))


def test_short_image_is_counted_and_skipped(tmp_path, make, predictor):
    path = make.bag(tmp_path / 'in.mcap', [short_image(make), *make.camera(2)])
    report = run(path, tmp_path / 'out.mcap', predictor)
    assert report.errors == {'short data': 1} and report.processed == 2


def test_recording_without_one_good_frame_is_refused_and_leaves_nothing(
        tmp_path, make, predictor):
    path = make.bag(tmp_path / 'in.mcap', [short_image(make)] * 3)
    with pytest.raises(InputError, match='none of the 3 frames on /front/image .* data is 719'):
        run(path, tmp_path / 'out.mcap', predictor)
    assert [file.name for file in tmp_path.iterdir()] == ['in.mcap']


def test_failing_network_leaves_nothing(tmp_path, make, predictor):
    class Fails(type(predictor)):
        def __call__(self, image):
            raise RuntimeError('out of memory')

    with pytest.raises(RuntimeError):
        run(make.bag(tmp_path / 'in.mcap', make.camera(3)), tmp_path / 'out.mcap', Fails())
    assert [file.name for file in tmp_path.iterdir()] == ['in.mcap']


def test_ctrl_c_keeps_the_frames_that_are_finished(tmp_path, make, predictor, read):
    def press(_frame, _prediction):
        presses.append(None)
        if len(presses) == 2:
            signal.raise_signal(signal.SIGINT)

    presses = []
    report = run(make.bag(tmp_path / 'in.mcap', make.camera(5)), tmp_path / 'out.mcap',
                 predictor, [press])
    assert report.interrupted and report.processed == 2
    assert len(of_topic(read(tmp_path / 'out.mcap'), topics.DETECTIONS)) == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_output_of_a_replay_is_an_input_too(tmp_path, make, predictor, read):
    path = make.bag(tmp_path / 'in.mcap', make.camera(3))
    run(path, tmp_path / 'one.mcap', predictor, draw=Overlays())
    report = run(tmp_path / 'one.mcap', tmp_path / 'two.mcap', predictor, draw=Overlays())
    assert read(tmp_path / 'two.mcap') == read(tmp_path / 'one.mcap')
    assert any(f'earlier results on {topics.DETECTIONS}' in note for note in report.notes)


def test_truncated_recording_is_processed_as_far_as_it_goes(tmp_path, make, predictor):
    path = make.bag(tmp_path / 'in.mcap', make.camera(8, size=(300, 500)))
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    report = run(path, tmp_path / 'out.mcap', predictor)
    assert 0 < report.processed < 8 and report.frames == report.processed
    assert any('truncated' in note for note in report.notes)


def test_video_replays_with_its_frames_as_messages(tmp_path, make, predictor, read):
    report = run(make.video(tmp_path / 'in.mp4', 4), tmp_path / 'out.mcap', predictor)
    assert report.processed == 4
    out = read(tmp_path / 'out.mcap')
    assert len(of_topic(out, '/camera/image/compressed')) == 4
    assert len(of_topic(out, topics.DETECTIONS)) == 4
